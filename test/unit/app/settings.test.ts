import { describe, expect, test } from 'vitest';
import { appSettings } from '../../../src/app/index.ts';
import { run } from '../../../src/commands/app.ts';
import { testContext } from '../../helpers/context.ts';

const APP_URL = 'https://app.localhost:8443/somewhere?x=1';

describe('settings', () => {
  test('come from the environment, and flags beat it', () => {
    const env = { APP_URL, HOST: '0.0.0.0', PORT: '9000', GATEWAY_CA: '/certs/ca.pem' };
    expect(appSettings({}, env)).toEqual({
      url: new URL('https://app.localhost:8443/'),
      listen: { host: '0.0.0.0', port: 9000 },
      gatewayCa: '/certs/ca.pem',
    });
    const flags = { url: 'https://app.example.com', host: '::1', port: 0, gatewayCa: 'mine.pem' };
    expect(appSettings(flags, env)).toEqual({
      url: new URL('https://app.example.com/'),
      listen: { host: '::1', port: 0 },
      gatewayCa: 'mine.pem',
    });
  });

  test('stay on this machine without any', () => {
    expect(appSettings({}, { APP_URL }).listen).toEqual({ host: '127.0.0.1', port: 8090 });
  });

  test.each([
    [{}, /own address at the gateway/],
    [{ APP_URL: 'http://app.localhost' }, /no https URL/],
    [{ APP_URL: 'app.localhost' }, /no https URL/],
    [{ APP_URL, PORT: 'x' }, /no port/],
    [{ APP_URL, OPENAI_API_KEY: 'k', OPENAI_BASE_URL: 'local' }, /no URL/],
  ])('are refused when they cannot be right: %j', (env, words) => {
    expect(() => appSettings({}, env)).toThrow(words);
  });

  test('choose the service of the LLM by its key', () => {
    const openai = { APP_URL, OPENAI_API_KEY: 'key-o', OPENAI_BASE_URL: 'http://127.0.0.1:11434/v1/', LLM_MODEL: 'm' };
    expect(appSettings({}, openai).llm).toEqual({
      api: 'openai',
      key: 'key-o',
      baseUrl: 'http://127.0.0.1:11434/v1',
      model: 'm',
    });
    expect(appSettings({}, { ...openai, ANTHROPIC_API_KEY: 'key-a' }).llm).toMatchObject({
      api: 'anthropic',
      baseUrl: 'https://api.anthropic.com',
    });
  });
});

describe('mcpgw app', () => {
  test('runs until it is told to stop, and says where', async () => {
    const stop = new AbortController();
    const ctx = testContext({ signal: stop.signal });
    const running = run(ctx, { url: APP_URL, port: 0 });
    await expect.poll(() => ctx.err()).toMatch(/listening on 127\.0\.0\.1:\d+; open https:\/\/app\.localhost:8443\//);
    const port = /127\.0\.0\.1:(\d+)/.exec(ctx.err())?.[1];
    expect(await (await fetch(`http://127.0.0.1:${port}/healthz`)).text()).toBe('ok\n');
    stop.abort();
    await running;
    expect(ctx.err()).toContain('no chat');
  });

  test('names a busy port and its holder', async () => {
    const stop = new AbortController();
    const ctx = testContext({ signal: stop.signal });
    const running = run(ctx, { url: APP_URL, port: 0 });
    await expect.poll(() => ctx.err()).toContain('listening');
    const port = Number(/127\.0\.0\.1:(\d+)/.exec(ctx.err())?.[1]);
    await expect(run(testContext(), { url: APP_URL, port })).rejects.toMatchObject({ code: 'PORT_BUSY' });
    stop.abort();
    await running;
  });

  test('says so when the authority cannot be read', async () => {
    const flags = { url: APP_URL, gatewayCa: 'no-such.pem' };
    await expect(run(testContext(), flags)).rejects.toMatchObject({ code: 'CA_UNREADABLE' });
  });
});
