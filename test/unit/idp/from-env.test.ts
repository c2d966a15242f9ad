import { describe, expect, test } from 'vitest';
import { run } from '../../../src/commands/idp.ts';
import { CliError } from '../../../src/errors.ts';
import { idpOptionsFromEnv } from '../../../src/idp/index.ts';
import { testContext } from '../../helpers/context.ts';

const ENV = {
  IDP_ISSUER: 'http://idp.localhost:9080',
  IDP_CLIENT_SECRET: 'secret',
  IDP_REDIRECT_URIS: 'https://authenticate.localhost:8443/oauth2/callback, https://other.test/cb',
  IDP_USERS: '{"admin":{"email":"admin@example.com","name":"Ada"}}',
};

function refusal(env: Record<string, string>): CliError {
  try {
    idpOptionsFromEnv(env);
  } catch (error) {
    if (error instanceof CliError) return error;
  }
  throw new Error('it was not refused');
}

describe('the environment', () => {
  test('is enough with four variables; the address follows from the issuer', () => {
    expect(idpOptionsFromEnv(ENV)).toEqual({
      issuer: 'http://idp.localhost:9080',
      listen: { host: '127.0.0.1', port: 9080 },
      stateFile: ':memory:',
      users: { admin: { email: 'admin@example.com', name: 'Ada', groups: [] } },
      client: {
        id: 'mcpgw',
        secret: 'secret',
        redirectUris: ['https://authenticate.localhost:8443/oauth2/callback', 'https://other.test/cb'],
      },
      rotateRefreshTokens: true,
    });
  });

  test.each([
    ['0.0.0.0:80', { host: '0.0.0.0', port: 80 }],
    [':9000', { host: '127.0.0.1', port: 9000 }],
    ['[::1]:9000', { host: '::1', port: 9000 }],
  ])('IDP_LISTEN=%s', (text, listen) => {
    expect(idpOptionsFromEnv({ ...ENV, IDP_LISTEN: text }).listen).toEqual(listen);
  });

  test('lists everything that is missing at once', () => {
    const error = refusal({ IDP_ISSUER: '  ' });
    expect(error).toMatchObject({ code: 'USAGE', exit: 2 });
    expect(error.message).toBe('the environment lacks IDP_ISSUER, IDP_CLIENT_SECRET, IDP_REDIRECT_URIS, IDP_USERS');
  });

  test.each([
    [{ IDP_USERS: '{' }, 'IDP_USERS is no JSON'],
    [{ IDP_USERS: '[]' }, 'IDP_USERS: the whole'],
    [{ IDP_USERS: '{"a":{"email":"nobody","name":"A","role":"x"}}' }, 'IDP_USERS: a.email: must be an e-mail address'],
    [{ IDP_USERS: '{"a":{"email":"a@b.test","name":"A","role":"x"}}' }, 'role'],
    [{ IDP_REDIRECT_URIS: 'callback' }, 'IDP_REDIRECT_URIS: `callback` is no http or https URL'],
    [{ IDP_LISTEN: 'here' }, 'IDP_LISTEN is `here`'],
    [{ IDP_LISTEN: '127.0.0.1:99999' }, 'IDP_LISTEN'],
  ])('explains %o', (change, reason) => {
    expect(refusal({ ...ENV, ...change }).why).toContain(reason);
  });

  test('never shows the secret', () => {
    const error = refusal({ ...ENV, IDP_CLIENT_SECRET: 'tell-nobody', IDP_USERS: '{' });
    expect(`${error.message}${error.why}${error.fix}`).not.toContain('tell-nobody');
  });
});

test('mcpgw idp runs until it is told to stop, and says where it is', async () => {
  const abort = new AbortController();
  const ctx = testContext({ env: { ...ENV, IDP_LISTEN: '127.0.0.1:0' }, signal: abort.signal });
  const done = run(ctx);
  await expect.poll(() => ctx.err()).toContain('discovery: http://idp.localhost:9080/.well-known/openid-configuration');
  const [, port = ''] = /listening on 127\.0\.0\.1:(\d+)/.exec(ctx.err()) ?? [];
  expect((await fetch(`http://127.0.0.1:${port}/.well-known/openid-configuration`)).status).toBe(200);
  abort.abort();
  await done;
  await expect(fetch(`http://127.0.0.1:${port}/`)).rejects.toThrow();
  expect(ctx.out()).toBe('');
  const first = JSON.parse(ctx.err().split('\n')[0] ?? '') as Record<string, unknown>;
  expect(first).toMatchObject({ level: 'warn', message: expect.stringContaining('for development only') });
});
