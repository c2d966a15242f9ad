import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../../src/pomerium/index.ts';
import {
  findPreset,
  HOSTED,
  hostedWarnings,
  IDENTITY_PROVIDERS,
  parseAllow,
  presetNames,
  PROVIDERS,
  providerOfEndpoint,
  providerWarnings,
  readAllow,
  REFERENCES,
  routeText,
  scopeElements,
  type NewRoute,
} from '../../../src/scaffold/index.ts';
import { presetsDocument } from '../../../src/scaffold/presets/document.ts';
import { SERVER_NAMES } from '../../../src/servers/index.ts';

const ROUTE: NewRoute = {
  name: 'x',
  description: 'X: a test',
  from: 'https://x.localhost:8443',
  to: 'http://x:1/mcp',
  kind: 'server',
  allow: { kind: 'anyone' },
};

function warningsOf(name: string): string {
  const provider = PROVIDERS.find((one) => one.name === name);
  return provider ? providerWarnings(provider).join('\n') : 'no such provider';
}

function rulesOf(policy: string): Parameters<typeof readAllow>[0] {
  const text = `routes:\n  - {from: https://a.test, to: http://a, policy: ${policy}}\n`;
  return parseConfig(text, { file: 'x.yaml' }).options?.routes[0]?.policy ?? [];
}

describe('every preset', () => {
  test.each([...PROVIDERS, ...HOSTED, ...IDENTITY_PROVIDERS].map((one) => [one.title, one] as const))(
    '%s has a source and a day',
    (_title, { source, checked, name }) => {
      expect(name).toMatch(/^[a-z][a-z0-9-]*$/);
      expect(source.length).toBeGreaterThan(0);
      for (const url of source) expect(new URL(url).protocol).toBe('https:');
      expect(checked).toMatch(/^20\d\d-\d\d-\d\d$/);
      expect(Date.parse(checked)).not.toBeNaN();
    },
  );

  test('names nothing twice and nothing that is not there', () => {
    for (const list of [PROVIDERS, HOSTED, IDENTITY_PROVIDERS, REFERENCES]) {
      const names = list.map(({ name }) => name);
      expect(new Set(names).size).toBe(names.length);
    }
    const named = [...HOSTED, ...REFERENCES].flatMap(({ provider }) => (provider === undefined ? [] : [provider]));
    expect(named.filter((name) => !PROVIDERS.some((one) => one.name === name))).toEqual([]);
    // Nobody registers by hand at endpoints that nobody knows.
    const lost = HOSTED.filter(
      ({ registration, provider, endpoints }) => registration === 'static' && !provider && !endpoints,
    );
    expect(lost).toEqual([]);
  });

  test.each(PROVIDERS.map((one) => [one.name, one] as const))(
    '%s makes a route that Pomerium takes',
    (name, provider) => {
      const text = routeText({
        ...ROUTE,
        oauth: {
          clientId: 'id: #1',
          secretName: 'X_CLIENT_SECRET',
          endpoint: provider,
          scopes: scopeElements(provider.scopes, provider.scopeSeparator),
          authorizationParams: provider.authorizationParams ?? {},
        },
      });
      const { problems, options } = parseConfig(`routes:\n${text}\n`, { file: 'x.yaml' });
      expect(problems.filter(({ severity }) => severity === 'error')).toEqual([]);
      const oauth = options?.routes[0]?.mcp?.server?.upstream_oauth2;
      expect(oauth).toMatchObject({
        client_id: 'id: #1',
        endpoint: { auth_url: provider.authUrl, token_url: provider.tokenUrl },
      });
      // Pomerium joins them with blanks.
      expect((oauth?.scopes ?? []).join(' ')).toBe(provider.scopes.join(provider.scopeSeparator));
      expect(oauth?.authorization_url_params ?? {}).toEqual(provider.authorizationParams ?? {});
      expect(findPreset(name)?.provider).toBe(provider);
    },
  );

  test('whose token endpoint is another’s, too, is known by the first of them', () => {
    expect(providerOfEndpoint('https://github.com/login/oauth/access_token')).toBe('github');
    expect(providerOfEndpoint('https://vercel.com/api/login/oauth/token')).toBe('vercel');
    expect(providerOfEndpoint('https://example.com/token')).toBeUndefined();
  });
});

test('the servers of mcpgw serve are the reference servers, by the same names', () => {
  expect(REFERENCES.map(({ name }) => name).toSorted()).toEqual([...SERVER_NAMES].toSorted());
  expect(presetNames()).toEqual(expect.arrayContaining([...SERVER_NAMES]));
});

describe('what does not fit', () => {
  test.each([
    ['notion', 'HTTP Basic'],
    ['airtable', 'HTTP Basic'],
    ['figma', 'refreshed at a URL of their own'],
    ['github', 'no refresh token'],
    ['slack', 'PKCE'],
    ['slack-bot', '`authed_user`'],
    ['google', '7 days'],
    ['atlassian', 'one callback URL'],
    ['salesforce', '`instance_url`'],
  ])('%s: %s', (name, part) => expect(warningsOf(name)).toContain(part));

  test('nothing is made up for those that fit', () => {
    for (const name of ['dropbox', 'gitlab', 'box', 'asana', 'hubspot']) expect(warningsOf(name)).toBe('');
  });

  test('a server that fetches the gateway’s document cannot do so on this machine', () => {
    const [lovable] = HOSTED.filter(({ registration }) => registration === 'metadata-document');
    if (!lovable) throw new Error('there is none');
    expect(hostedWarnings(lovable, true).join()).toContain('a public domain is needed');
    expect(hostedWarnings(lovable, false)).toEqual([]);
  });
});

describe('a policy', () => {
  test.each(['anyone', '@example.com', 'ann@example.com,bob@example.com', 'group:staff', 'ann@example.com'])(
    'written for %s is read as that',
    (text) => {
      const allow = parseAllow(text);
      if (typeof allow === 'string') throw new Error(allow);
      const [{ policy }] = parse(routeText({ ...ROUTE, allow })) as [{ policy: unknown }];
      expect(readAllow(rulesOf(JSON.stringify(policy)))).toEqual(allow);
    },
  );

  test.each([
    '[{allow: {and: [{authenticated_user: true}]}}]',
    '[{allow: {or: [{domain: {is: a.test}}, {email: {is: b@c.test}}]}}]',
    '[{allow: {or: [{domain: {not: a.test}}]}}]',
    '[{allow: {or: [{user: {is: x}}]}}]',
    '[{allow: {or: [{authenticated_user: true}]}}, {allow: {or: [{domain: {is: a.test}}]}}]',
    '[{deny: {or: [{authenticated_user: true}]}}]',
  ])('%s is nothing that could be asked for in one word', (policy) =>
    expect(readAllow(rulesOf(policy))).toBeUndefined(),
  );
});

test('docs/presets.md is made of the tables', () => {
  const file = resolve(import.meta.dirname, '../../../docs/presets.md');
  expect(readFileSync(file, 'utf8')).toBe(presetsDocument());
});
