import { expect, onTestFinished, test } from 'vitest';
import { loadProject } from '../../src/project/index.ts';
import { describeProofs, proveRoutes, Unproven, type ProveOptions } from '../../src/stack/docker/prove.ts';
import { probeFetch } from '../../src/stack/docker/reach.ts';
import { optionsOrThrow } from '../../src/stack/index.ts';
import { startProject, type TestProject } from './project.ts';

async function scene(
  change: Partial<ProveOptions> = {},
): Promise<{ project: TestProject; options: ProveOptions; told: string[] }> {
  const project = await startProject();
  onTestFinished(async () => project.close());
  const loaded = await loadProject(project.folder, {});
  const options = optionsOrThrow(loaded.parsed, loaded.configText, 'pomerium-config.yaml');
  const told: string[] = [];
  return {
    project,
    told,
    options: {
      project: loaded,
      options,
      fetch: await probeFetch(loaded, options, 5_000),
      now: Date.now,
      signal: new AbortController().signal,
      anew: false,
      patience: 0,
      report: (text) => void told.push(text),
      watch: async () => undefined,
      ...change,
    },
  };
}

const DENIED = 'access denied, please see the authorization log for the request 6a1c0f9e';
const answer = (status: number, value: unknown): { status: number; headers: Record<string, string>; body: string } => ({
  status,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(value),
});

test('a route is proved by a real call: registration, sign-in, tools/list', async () => {
  const { project, options } = await scene();
  const proofs = await proveRoutes(options);
  expect(proofs).toMatchObject([{ kind: 'called', user: 'member' }]);
  expect(describeProofs(proofs)).toMatch(/^whoami: \d+ tools? as member$/);
  expect(project.told).toEqual(['member']);
});

test('a second look needs neither a registration nor a sign-in, and leaves the user’s own sign-ins alone', async () => {
  const { project, options } = await scene();
  await proveRoutes(options);
  const registrations = project.gateway.registrations.length;
  await proveRoutes(options);
  expect(project.gateway.registrations).toHaveLength(registrations);
  expect(project.told).toEqual(['member']);
});

test('files that have changed are proved by a new sign-in, whatever token is at hand; the client stays registered', async () => {
  const { project, options } = await scene();
  await proveRoutes(options);
  const registrations = project.gateway.registrations.length;
  await proveRoutes({ ...options, anew: true });
  expect(project.gateway.registrations).toHaveLength(registrations);
  expect(project.told).toEqual(['member', 'member']);
});

test('a token that the gateway has forgotten is replaced', async () => {
  const { project, options } = await scene();
  await proveRoutes(options);
  project.gateway.revokeAll();
  expect(await proveRoutes(options)).toMatchObject([{ kind: 'called' }]);
});

test('whom the policy refuses is followed by the next user; nobody is a warning and no failure', async () => {
  const { project, options } = await scene();
  project.gateway.knobs.mcp = ({ id }) => answer(200, { jsonrpc: '2.0', id, error: { code: -32602, message: DENIED } });
  const proofs = await proveRoutes(options);
  expect(proofs).toMatchObject([{ kind: 'refused' }]);
  expect(describeProofs(proofs)).toBe('whoami: its policy admits none of the development users');
  expect(project.told).toEqual(['member', 'guest']);
});

test('a call that fails is tried again until it goes through', async () => {
  const { project, options, told } = await scene({ patience: 60_000 });
  let calls = 0;
  project.gateway.knobs.mcp = () => ((calls += 1) <= 2 ? answer(503, {}) : undefined);
  expect(await proveRoutes(options)).toMatchObject([{ kind: 'called' }]);
  expect(told.length).toBeGreaterThan(0);
});

test('one that never goes through names its route', async () => {
  const { project, options } = await scene();
  project.gateway.knobs.mcp = () => answer(502, {});
  const failure = await proveRoutes(options).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(Unproven);
  expect(failure).toMatchObject({ message: expect.stringMatching(/^whoami: /) as unknown });
});

test('a container that ends in the meantime ends the trying', async () => {
  const gone = new Error('mcp-servers ended with exit code 1');
  const { project, options } = await scene({ patience: 60_000, watch: async () => Promise.reject(gone) });
  project.gateway.knobs.mcp = () => answer(502, {});
  await expect(proveRoutes(options)).rejects.toBe(gone);
});

test('without a development identity provider the challenge and the metadata behind it have to do', async () => {
  const { project, options } = await scene();
  const { idp: _idp, ...settings } = options.project.settings;
  const without = { ...options, project: { ...options.project, settings } };
  const proofs = await proveRoutes(without);
  expect(describeProofs(proofs)).toBe('whoami: asks for a sign-in');
  expect(project.told).toEqual([]);
});
