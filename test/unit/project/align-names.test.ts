import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { alignIssuers, alignNames, loadProject } from '../../../src/project/index.ts';
import type { Options } from '../../../src/pomerium/model.ts';
import { temporaryProject } from './helpers.ts';

interface Names {
  routes?: string[];
  authenticate?: string;
  idp?: string;
}

function align(text: string, { routes = [], authenticate, idp }: Names): ReturnType<typeof alignNames> {
  return alignNames(text, {
    routes: routes.map((from) => ({ from }) as Options['routes'][number]),
    ...(authenticate === undefined ? {} : { authenticate_service_url: authenticate }),
    ...(idp === undefined ? {} : { idp_provider_url: idp }),
  });
}

function aliasesIn(text: string, service = 'pomerium'): string[] {
  const { services } = parse(text) as { services: Record<string, { networks: { default: { aliases: string[] } } }> };
  return services[service]?.networks.default.aliases ?? [];
}

describe('names of the compose file', () => {
  test('of a new project are in step', async () => {
    const folder = await temporaryProject();
    const { composeText, parsed } = await loadProject(folder, {});
    if (!parsed.options) throw new Error('no options');
    expect(alignNames(composeText, parsed.options)).toEqual({ text: composeText, added: [], missing: [] });
  });

  test('a new route gets its alias below the others; every other line stays', async () => {
    const text = await readFile(join(await temporaryProject(), 'docker-compose.yaml'), 'utf8');
    const change = align(text, { routes: ['https://notes.localhost:8443', 'https://whoami.localhost:8443'] });
    expect(change.added).toEqual(['notes.localhost as an alias of pomerium']);
    expect(aliasesIn(change.text)).toEqual([
      'authenticate.localhost',
      'whoami.localhost',
      'sqlite.localhost',
      'notes.localhost',
    ]);
    const lines = text.split('\n');
    expect(change.text.split('\n').filter((line) => !lines.includes(line))).toEqual(['          - notes.localhost']);
  });

  test('a comment behind the last alias stays where it is', () => {
    const text =
      'services:\n  pomerium:\n    networks:\n      default:\n        aliases:\n        - a.test # mine\n    # next\n    image: x\n';
    expect(align(text, { routes: ['https://b.test'] }).text).toBe(
      text.replace('# mine\n', '# mine\n        - b.test\n'),
    );
  });

  test.each([
    ['in brackets', '    networks: { default: { aliases: [a.test] } }\n', 'aliases: [a.test, b.test]'],
    ['in quotes', '    networks: { default: { aliases: ["a.test"] } }\n', 'aliases: ["a.test", b.test]'],
    ['empty', '    networks: { default: { aliases: [] } }\n', 'aliases: [b.test]'],
    ['absent', '', '    networks:\n      default:\n        aliases: [b.test]\n    image: x'],
  ])('a list that is %s', (_name, networks, expected) => {
    const { text, missing } = align(`services:\n  pomerium:\n${networks}    image: x # y\n`, {
      routes: ['https://b.test'],
    });
    expect(text).toContain(expected);
    expect(text).toContain('image: x # y');
    expect(missing).toEqual([]);
    expect(aliasesIn(text)).toContain('b.test');
  });

  test.each([
    ['networks as a list', 'services:\n  pomerium:\n    networks: [front]\n'],
    ['another network', 'services:\n  pomerium:\n    networks:\n      front: {}\n'],
    ['an anchor', 'x-n: &n\n  default: {}\nservices:\n  pomerium:\n    networks: *n\n'],
  ])('%s is left to its owner and told', (_name, text) => {
    expect(align(text, { routes: ['https://b.test'] })).toEqual({
      text,
      added: [],
      missing: ['b.test as an alias of pomerium'],
    });
  });

  test('a file without such services, and a host with a wildcard, need nothing', () => {
    const text = 'services:\n  mine: { image: x }\n';
    expect(align(text, { routes: ['https://b.test'], authenticate: 'https://a.test' })).toEqual({
      text,
      added: [],
      missing: [],
    });
    const own = 'services:\n  pomerium:\n    image: x\n';
    expect(align(own, { routes: ['https://*.b.test'] }).added).toEqual([]);
  });

  test('the identity provider follows its URL and the authenticate service', async () => {
    const text = await readFile(join(await temporaryProject(), 'docker-compose.yaml'), 'utf8');
    const change = align(text, { authenticate: 'https://login.localhost:8443', idp: 'http://users.localhost:9080' });
    expect(change.added).toEqual([
      'login.localhost as an alias of pomerium',
      'users.localhost as an alias of idp',
      'https://login.localhost:8443/oauth2/callback to IDP_REDIRECT_URIS of idp',
    ]);
    expect(aliasesIn(change.text, 'idp')).toEqual(['idp.localhost', 'users.localhost']);
    const { services } = parse(change.text) as { services: { idp: { environment: Record<string, string> } } };
    expect(services.idp.environment['IDP_REDIRECT_URIS']).toBe(
      'https://authenticate.localhost:8443/oauth2/callback,https://login.localhost:8443/oauth2/callback',
    );
    expect(
      align(change.text, { authenticate: 'https://login.localhost:8443', idp: 'http://users.localhost:9080' }).added,
    ).toEqual([]);
  });

  test('whatever the routes: the second time there is nothing left to add, and nothing is lost', async () => {
    const text = await readFile(join(await temporaryProject(), 'docker-compose.yaml'), 'utf8');
    const hosts = fc.array(fc.stringMatching(/^[a-z][a-z0-9-]{0,8}[a-z0-9]$/), { maxLength: 4 });
    fc.assert(
      fc.property(hosts, (labels) => {
        const routes = labels.map((label) => `https://${label}.localhost:8443`);
        const change = align(text, { routes });
        expect(align(change.text, { routes })).toEqual({ text: change.text, added: [], missing: [] });
        expect(aliasesIn(change.text)).toEqual(expect.arrayContaining(aliasesIn(text)));
      }),
      { numRuns: 20 },
    );
  });
});

function route(from: string, to = 'http://mcp-servers:8080/whoami'): { from: string; to: { url: string }[] } {
  return { from, to: [{ url: to }] };
}

describe('what whoami believes', () => {
  test('follows a route that is renamed: its host, and where the keys are', async () => {
    const text = await readFile(join(await temporaryProject(), 'docker-compose.yaml'), 'utf8');
    const changes = alignIssuers(text, [route('https://me.localhost:8443')]);
    expect(changes.text).toContain('WHOAMI_ISSUERS: whoami.localhost,me.localhost\n');
    expect(changes.text).toContain('JWKS_URL: https://me.localhost:8443/.well-known/pomerium/jwks.json\n');
    expect(changes.added).toEqual([
      'me.localhost in WHOAMI_ISSUERS of mcp-servers',
      'https://me.localhost:8443/.well-known/pomerium/jwks.json as JWKS_URL of mcp-servers',
    ]);
    expect(alignIssuers(changes.text, [route('https://me.localhost:8443')]).added).toEqual([]);
  });

  test('is no business of other routes, nor where a variable says it', async () => {
    const text = await readFile(join(await temporaryProject(), 'docker-compose.yaml'), 'utf8');
    const other = route('https://b.localhost:8443', 'http://mcp-servers:8080/sqlite');
    expect(alignIssuers(text, [other]).text).toBe(text);
    const varied = text.replace('WHOAMI_ISSUERS: whoami.localhost', 'WHOAMI_ISSUERS: ${A}');
    expect(alignIssuers(varied, [route('https://whoami.localhost:8443'), route('https://c.localhost:8443')]).text).toBe(
      varied,
    );
  });
});

describe('a gateway of another name', () => {
  test.each([
    ['by its image', 'services:\n  edge:\n    image: pomerium/pomerium:v0.33.1\n'],
    ['by its mount', 'services:\n  edge:\n    image: x\n    volumes: ["./a.yaml:/pomerium/config.yaml:ro"]\n'],
  ])('is found %s', (_, text) => {
    expect(align(text, { routes: ['https://a.test'] }).added).toEqual(['a.test as an alias of edge']);
  });

  test('on the network of the host has no alias', () => {
    const text = 'services:\n  pomerium:\n    network_mode: host\n';
    expect(align(text, { routes: ['https://a.test'] }).text).toBe(text);
  });

  test('in brackets gets its networks there', () => {
    const text = 'services:\n  pomerium: {image: x}\n';
    expect(aliasesIn(align(text, { routes: ['https://a.test', 'https://b.test'] }).text)).toEqual(['a.test', 'b.test']);
  });
});
