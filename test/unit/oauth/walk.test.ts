import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { obtainToken, type ObtainTokenOptions } from '../../../src/oauth/index.ts';
import { optionsFor, startWorld, type Answer, type World } from './world.ts';

interface Provider {
  url: URL;
  requests: IncomingMessage[];
  answer: (request: IncomingMessage, back: string) => Answer;
  close(): void;
}

let world: World;
let provider: Provider;

beforeEach(async () => {
  provider = await startProvider();
  world = await startWorld();
  // The gateway sends whoever has no session to the identity provider, and lets them go on when they come back.
  world.knobs.authorize = (_, request) => {
    const back = `${world.origin}${request.url}`;
    if (request.headers.cookie?.includes('session=member')) return undefined;
    return {
      status: 302,
      headers: {
        location: `${provider.url.href}sign-in?back=${encodeURIComponent(back)}`,
        'set-cookie': 'seen=1; Path=/; HttpOnly',
      },
    };
  };
});

afterEach(async () => {
  provider.close();
  await world.close();
});

const signIn = (user = 'member', as: ObtainTokenOptions['as'] = { user, identityProvider: provider.url }) =>
  obtainToken(
    optionsFor(world, {
      as,
      openUrl: async () => Promise.reject(new Error('a browser was opened')),
      interactive: false,
      unattended: true,
    }),
  ).catch((error: unknown) => error);

describe('a scripted sign-in', () => {
  test('walks through the identity provider without browser and listener', async () => {
    expect(await signIn()).toMatchObject({ from: 'sign-in' });
  });

  test('tells the user to the identity provider and to nobody else', async () => {
    const told: string[] = [];
    const { authorize } = world.knobs;
    world.knobs.authorize = (query, request) => {
      told.push(String(request.headers['x-mcpgw-sign-in']));
      return authorize?.(query, request);
    };
    await signIn();
    expect(provider.requests.map((request) => request.headers['x-mcpgw-sign-in'])).toEqual(['member']);
    expect(told).toEqual(['undefined', 'undefined']);
  });

  test('does not name the user to a stranger that it is sent on to', async () => {
    const stranger = await startProvider();
    provider.answer = (_, back) => ({
      status: 302,
      headers: { location: `${stranger.url.href}?back=${encodeURIComponent(back)}` },
    });
    await signIn();
    expect(stranger.requests).toHaveLength(1);
    expect(stranger.requests[0]?.headers['x-mcpgw-sign-in']).toBeUndefined();
    stranger.close();
  });

  test('names the user to a mock upstream provider of the project, too', async () => {
    const mock = await startProvider();
    provider.answer = (_, back) => ({
      status: 302,
      headers: { location: `${mock.url.href}consent?back=${encodeURIComponent(back)}` },
    });
    const as = { user: 'member', identityProvider: provider.url, mocks: [mock.url.origin] };
    expect(await signIn('member', as)).toMatchObject({ from: 'sign-in' });
    expect(mock.requests.map((request) => request.headers['x-mcpgw-sign-in'])).toEqual(['member']);
    mock.close();
  });

  test('keeps tokens of different users apart', async () => {
    await signIn('member');
    const error = await signIn('guest');
    expect(error).toMatchObject({ code: 'SIGN_IN_REFUSED' });
  });

  test.each([
    [
      'the page data of Pomerium',
      '<script type="application/json" id="data">{"description":"not you"}</script>',
      'not you',
    ],
    ['JSON', '{"error_description":"not you"}', 'not you'],
    ['a plain text', 'not you\n', 'not you'],
    ['a heading', '<h1>Forbidden</h1>', 'Forbidden'],
  ])('repeats what the gateway says, from %s', async (_, body, why) => {
    world.knobs.authorize = () => ({ status: 403, body });
    expect(await signIn()).toMatchObject({ code: 'SIGN_IN_REFUSED', exit: 4, why });
  });

  test('stops where a person is asked something', async () => {
    world.knobs.authorize = () => ({ status: 200, body: '<h1>Do you agree?</h1>' });
    expect(await signIn()).toMatchObject({ code: 'SIGN_IN_NEEDS_A_PERSON', exit: 4 });
  });

  test('stops when it goes in circles', async () => {
    world.knobs.authorize = () => ({ status: 302, headers: { location: '/authorize' } });
    expect(await signIn()).toMatchObject({
      code: 'SIGN_IN_REFUSED',
      message: expect.stringContaining('circles') as string,
    });
  });

  test('does not follow to plain http elsewhere', async () => {
    world.knobs.authorize = () => ({ status: 302, headers: { location: 'http://example.com/' } });
    expect(await signIn()).toMatchObject({ code: 'DISCOVERY_FAILED' });
  });

  test('registers anew, once, when the gateway has forgotten this client', async () => {
    const { authorize } = world.knobs;
    let forgotten = true;
    world.knobs.authorize = (query, request) => {
      if (!forgotten) return authorize?.(query, request);
      forgotten = false;
      return {
        status: 401,
        body: '<script type="application/json" id="data">{"description":"The MCP client is not registered."}</script>',
      };
    };
    expect(await signIn()).toMatchObject({ from: 'sign-in' });
    expect(world.registrations).toHaveLength(2);
    world.knobs.authorize = () => ({ status: 401, body: '{"description":"The MCP client is not registered."}' });
    expect(await signIn()).toMatchObject({ code: 'SIGN_IN_REFUSED' });
  });
});

/** Signs `member` in and sends them back with a session, and refuses everybody else. */
async function startProvider(): Promise<Provider> {
  const started: Provider = {
    url: new URL('http://127.0.0.1'),
    requests: [],
    answer: (request, back) =>
      request.headers['x-mcpgw-sign-in'] === 'member'
        ? { status: 303, headers: { location: back, 'set-cookie': 'session=member; Path=/' } }
        : { status: 403, body: '<h1>Who?</h1>' },
    close: () => void server.close(),
  };
  const server = createServer((request, response) => {
    started.requests.push(request);
    const back = new URL(request.url ?? '/', started.url).searchParams.get('back') ?? '/';
    const { status, headers, body } = started.answer(request, back);
    response.writeHead(status, { connection: 'close', ...headers }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  started.url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
  return started;
}
