import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished, expect, test } from 'vitest';
import { run, type IdpCommandOptions } from '../../src/commands/idp.ts';
import { createFetch } from '../../src/net/fetch.ts';
import { parseConfig } from '../../src/pomerium/index.ts';
import { testContext } from '../helpers/context.ts';
import { freePorts } from '../helpers/program.ts';
import { startProject } from './project.ts';

interface Running {
  out: string;
  err: () => string;
  port: number;
  folder: string;
  stop: () => Promise<void>;
}

/** Runs the command up to where it serves; it ends with the test. */
async function start(
  options: IdpCommandOptions,
  { cwd, env = {} }: { cwd?: string; env?: Record<string, string> } = {},
): Promise<Running> {
  const folder = cwd ?? (await mkdtemp(join(tmpdir(), 'mcpgw-as-upstream-')));
  const [port = 0] = await freePorts(1);
  const abort = new AbortController();
  const state = join(folder, 'user-state');
  const ctx = testContext({ cwd: folder, env: { MCPGW_STATE_DIR: state, ...env }, signal: abort.signal });
  const done = run(ctx, { asUpstream: true, listen: `127.0.0.1:${port}`, ...options });
  const stop = async (): Promise<void> => {
    abort.abort();
    await done;
  };
  onTestFinished(stop);
  await Promise.race([done, expect.poll(() => ctx.out()).toContain('Ctrl+C ends it')]);
  return { out: ctx.out(), err: ctx.err, port, folder, stop };
}

/** A configuration with the printed lines, and what Pomerium’s language says of it. */
function problemsOf(lines: string): unknown[] {
  const secret = Buffer.alloc(32, 1).toString('base64');
  const [top = ''] = /^(mcp_allowed|runtime_flags)[^]*?\n\n/m.exec(lines) ?? [];
  const [route = ''] = /^ {2}- name[^]*?\n\n/m.exec(lines) ?? [];
  const text = `address: 127.0.0.1:8443
authenticate_service_url: https://authenticate.localhost:8443
shared_secret: ${secret}
cookie_secret: ${secret}
idp_provider: oidc
idp_provider_url: http://idp.localhost:9080
idp_client_id: mcpgw
idp_client_secret: x
${top}
routes:
${route}`;
  const { options, problems } = parseConfig(text, {
    file: 'pomerium-config.yaml',
    readFile: () => 'PEM',
  });
  expect(options?.routes).toHaveLength(1);
  return problems.filter(({ severity }) => severity === 'error');
}

test('prints a route that Pomerium takes, serves until it is told to stop, and counts what happened', async () => {
  const { out, err, port, stop } = await start({ fault: ['short-tokens=2'] });
  expect(out).toContain(`auth_url: http://127.0.0.1:${port}/authorize`);
  expect(problemsOf(out)).toEqual([]);
  const metadata = await fetch(`http://127.0.0.1:${port}/.well-known/oauth-authorization-server`);
  expect(await metadata.json()).toMatchObject({ issuer: `http://127.0.0.1:${port}` });
  expect((await fetch(`http://127.0.0.1:${port}/mcp`, { method: 'POST', body: '{}' })).status).toBe(401);
  await stop();
  expect(err()).toContain('stopped: 0 approved, 0 refreshed, 0 calls answered, 1 requests refused');
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
});

test('with an https issuer it has a certificate that its own authority vouches for, and shows discovery', async () => {
  const { out, port } = await start({ issuer: 'https://provider.localhost' });
  const [, file = ''] = /tls_custom_ca_file: (.+)/.exec(out) ?? [];
  const ask = createFetch({ ca: [await readFile(file, 'utf8')], resolve: () => ({ host: '127.0.0.1', port }) });
  expect((await ask('https://provider.localhost/.well-known/oauth-authorization-server')).status).toBe(200);
  const [, discovery = ''] = out.split('# the same with discovery\n');
  expect(discovery).toContain('mcp_allowed_as_metadata_domains: [provider.localhost]');
  expect(problemsOf(discovery)).toEqual([]);
});

test('inside a project it has the project’s users, domain and authority', async () => {
  const project = await startProject();
  onTestFinished(() => project.close());
  const options = { issuer: 'https://provider.localhost', autoApprove: 'guest' };
  const { out, port } = await start(options, { cwd: project.folder });
  expect(out).toContain(`tls_custom_ca_file: ${project.authority}`);
  const ask = createFetch({
    ca: [await readFile(project.authority, 'utf8')],
    resolve: () => ({ host: '127.0.0.1', port }),
  });
  const query =
    'client_id=mcpgw&response_type=code&code_challenge_method=S256&code_challenge=x&redirect_uri=https://a.test/';
  const response = await ask(`https://provider.localhost/authorize?${query}`);
  expect(response.headers.get('location')).toMatch(/^https:\/\/a\.test\/\?code=/);
});

test('takes a certificate that is given', async () => {
  const project = await startProject();
  onTestFinished(() => project.close());
  const { out, port } = await start(
    { cert: '.mcpgw/certs/gateway.crt', key: '.mcpgw/certs/gateway.key' },
    { cwd: project.folder },
  );
  expect(out).toContain(`auth_url: https://127.0.0.1:${port}/authorize`);
  expect(out).not.toContain('tls_custom_ca_file');
  const ask = createFetch({ ca: [await readFile(project.authority, 'utf8')] });
  expect((await ask(`https://localhost:${port}/.well-known/oauth-authorization-server`)).status).toBe(200);
});

test('a secret of one’s own is not printed', async () => {
  const { out, err } = await start({}, { env: { UPSTREAM_CLIENT_SECRET: 'tell-nobody' } });
  expect(out).toContain('client_secret: ${UPSTREAM_CLIENT_SECRET}');
  expect(out + err()).not.toContain('tell-nobody');
});

test.each<[string, IdpCommandOptions]>([
  ['a fault that there is not', { fault: ['short-token'] }],
  ['a user that there is not', { autoApprove: 'nobody' }],
  ['a certificate without its key', { cert: 'server.crt' }],
  ['a file that is not there', { cert: 'server.crt', key: 'server.key' }],
  ['a certificate with an http issuer', { cert: 'a', key: 'b', issuer: 'http://127.0.0.1:9090' }],
  ['port 0 without an issuer', { listen: '127.0.0.1:0' }],
  ['an issuer that is no URL', { issuer: 'provider' }],
  ['a flag without --as-upstream', { asUpstream: false, tokenLife: 5 }],
  ['a switch without --as-upstream', { asUpstream: false, documents: false }],
])('refuses %s', async (_, options) => {
  const ctx = testContext({ cwd: await mkdtemp(join(tmpdir(), 'mcpgw-as-upstream-')), env: {} });
  await expect(run(ctx, { asUpstream: true, ...options })).rejects.toMatchObject({ code: 'USAGE' });
});

test('names who holds a busy port', async () => {
  const { port } = await start({});
  await expect(run(testContext({ env: {} }), { asUpstream: true, listen: `127.0.0.1:${port}` })).rejects.toMatchObject({
    code: 'PORT_BUSY',
  });
});
