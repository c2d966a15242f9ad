import { describe, expect, test } from 'vitest';
import type { Options } from '../../../src/pomerium/model.ts';
import type { Project, Service } from '../../../src/project/index.ts';
import { projectPaths } from '../../../src/project/index.ts';
import { planChanges } from '../../../src/stack/embedded/plan-changes.ts';
import { runnableServices, wantedOf, warningsOf } from '../../../src/stack/embedded/wanted.ts';

const OPTIONS = {
  address: ':8443',
  authenticate_service_url: 'https://authenticate.localhost:8443',
  idp_provider_url: 'http://idp.localhost:9080',
  routes: [{ from: 'https://one.localhost:8443', to: [{ url: 'http://mine:8080/mcp', weight: 1 }] }],
} as unknown as Options;

const SERVICE: Service = { name: 'mine', run: 'node server.js', environment: {}, folder: '/p' };

function project(services: Service[], change: Partial<Project> = {}): Project {
  return {
    folder: '/p',
    name: 'p',
    paths: projectPaths('/p'),
    configText: 'routes: []',
    settings: { domain: 'localhost', port: 8443, engine: 'embedded', idp: { port: 9080 }, users: {} },
    parsed: { options: OPTIONS, problems: [] },
    secrets: { SHARED_SECRET: 'a' },
    services,
    ...change,
  } as unknown as Project;
}

const kinds = (before: Project, after: Project, options = OPTIONS): string[] =>
  planChanges(wantedOf(after, options, '1'), wantedOf(before, OPTIONS, '1')).map((step) =>
    `${step.kind} ${step.service ?? ''}`.trim(),
  );

describe('services that run without Docker', () => {
  test('are those that say how; a command line is split into words', () => {
    const services = runnableServices(project([SERVICE, { ...SERVICE, name: 'db', run: undefined }]));
    expect(services).toMatchObject([{ name: 'mine', words: ['node', 'server.js'] }]);
    expect(services[0]).not.toHaveProperty('serves');
  });

  test('mcpgw serve runs inside the engine, unless it has flags of its own', () => {
    const inside = { ...SERVICE, run: ['mcpgw', 'serve', 'whoami', 'sqlite'] };
    expect(runnableServices(project([inside]))).toMatchObject([{ serves: ['whoami', 'sqlite'] }]);
    const [outside] = runnableServices(project([{ ...SERVICE, run: 'mcpgw serve sqlite --sqlite-file a.sqlite' }]));
    expect(outside?.serves).toBeUndefined();
  });

  test.each(['gateway', 'idp', 'engine', '../mine', '.mine'])('the name %j is refused', (name) => {
    expect(() => runnableServices(project([{ ...SERVICE, name }]))).toThrow(`the service \`${name}\``);
  });

  test('an open quote is refused with the service’s name', () => {
    expect(() => runnableServices(project([{ ...SERVICE, run: 'node "a' }]))).toThrow('x-mcpgw.run of mine');
  });

  test('a route to a service that runs under Docker only is warned about', () => {
    expect(warningsOf(project([SERVICE]), OPTIONS)).toEqual([]);
    expect(warningsOf(project([{ ...SERVICE, run: undefined }]), OPTIONS)).toEqual([
      'https://one.localhost:8443 leads to mine, which runs under Docker only: say how with x-mcpgw.run',
    ]);
  });
});

describe('what a change in the files leads to', () => {
  const before = project([SERVICE]);
  test.each<[string, Project, string[]]>([
    ['nothing', project([{ ...SERVICE }]), []],
    ['the configuration', project([SERVICE], { configText: 'routes: [] # changed' }), ['reload-gateway']],
    ['a secret', project([SERVICE], { secrets: { SHARED_SECRET: 'b' } }), ['restart-service gateway']],
    ['a variable of a service', project([{ ...SERVICE, environment: { A: '1' } }]), ['restart-service mine']],
    ['a service that is gone', project([]), ['stop-service mine']],
    [
      'the client’s secret at the identity provider',
      project([SERVICE], { secrets: { SHARED_SECRET: 'a', IDP_CLIENT_SECRET: 'x' } }),
      ['restart-service idp', 'restart-service gateway'],
    ],
  ])('%s', (_, after, steps) => {
    expect(kinds(before, after)).toEqual(steps);
  });

  test('another address moves the listener', () => {
    expect(kinds(before, before, { ...OPTIONS, address: ':9443' })).toEqual(['restart-service gateway']);
  });

  test('whoami starts anew with the hosts it believes, unless it is told whom to believe', () => {
    const run = 'mcpgw serve whoami';
    const told = { WHOAMI_ISSUERS: 'whoami.localhost', JWKS_URL: 'https://whoami.localhost/jwks' };
    const more = {
      ...OPTIONS,
      routes: [...OPTIONS.routes, { ...OPTIONS.routes[0], from: 'https://two.localhost:8443' }],
    } as Options;
    const withRoute = (service: Service): Project =>
      project([service], { parsed: { options: more, problems: [], namedFiles: [] } });
    const open = { ...SERVICE, run };
    expect(kinds(project([open]), withRoute(open), more)).toEqual(['restart-service mine', 'reload-gateway']);
    const closed = { ...SERVICE, run, environment: told };
    expect(kinds(project([closed]), withRoute(closed), more)).toEqual(['reload-gateway']);
  });
});
