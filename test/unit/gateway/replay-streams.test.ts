import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startEventUpstream, HASTE } from './support/event-upstream.ts';
import { issueTestCertificate } from './support/certificate.ts';
import { BASE } from './support/main-route.ts';
import { readFixture } from './support/recordings.ts';
import { startTestGateway, type TestGateway } from './support/start.ts';
import { openSocket, parseResponse, sendRaw } from './support/wire.ts';

/** Recorded timelines, the kind of route that they went through, and how they ended. */
const TIMELINES: Record<string, { route: 'server' | 'client' | 'plain'; ends: 'whole' | 'cut' }> = {
  'sse-stream.txt': { route: 'server', ends: 'whole' },
  'sse-server-route-streaming-40s.txt': { route: 'server', ends: 'whole' },
  'sse-silent-7min.txt': { route: 'server', ends: 'whole' },
  'sse-client-route-streaming.txt': { route: 'client', ends: 'cut' },
  'sse-plain-route-streaming.txt': { route: 'plain', ends: 'cut' },
  'sse-plain-route-silent.txt': { route: 'plain', ends: 'cut' },
};

/** The 30 seconds of a route that is no MCP server, in the hasty time of this test. */
const YAML = `${BASE}default_upstream_timeout: ${30_000 / HASTE}ms
routes:
  - from: https://server.localhost:8443
    to: http://upstream:80
    mcp: {server: {}}
    allow_public_unauthenticated_access: true
  - from: https://client.localhost:8443
    to: http://upstream:80
    mcp: {client: {}}
    allow_public_unauthenticated_access: true
  - from: https://plain.localhost:8443
    to: http://upstream:80
    allow_public_unauthenticated_access: true
`;

/** Of the day, or Envoy's spelling. */
const UNCOMPARED = ['date', 'x-request-id', 'x-envoy-upstream-service-time', 'strict-transport-security'];

let upstream: Awaited<ReturnType<typeof startEventUpstream>>;
let gateway: TestGateway;

beforeAll(async () => {
  upstream = await startEventUpstream();
  gateway = await startTestGateway({
    yaml: YAML,
    certificate: await issueTestCertificate('localhost', ['server.localhost']),
    upstreams: { 'upstream:80': upstream.port },
  });
});
afterAll(async () => {
  await gateway.close();
  await upstream.close();
});

function request(route: string, path: string): string {
  return `GET ${path} HTTP/1.1\r\nHost: ${route}.localhost:8443\r\nAccept: text/event-stream\r\nConnection: close\r\n\r\n`;
}

const isHead = (line: string): boolean => /^(?:HTTP\/1\.1 |[\w-]+: )/.test(line) && !/^(?:id|data): /.test(line);

/** The path that was asked for, and the lines of the answer's head. */
function recorded(name: string): { path: string; head: string[]; events: number } {
  const text = readFixture(name);
  const path = /GET (\S+)/.exec(text)?.[1] ?? '';
  const received = [...text.matchAll(/recv (".*")/g)].map(([, json]) => JSON.parse(json ?? '""') as string);
  const head = received.flatMap((chunk) => chunk.split('\r\n')).filter(isHead);
  return { path, head, events: (text.match(/id: \d+/g) ?? []).length };
}

const comparable = (lines: string[]): string[] =>
  lines
    .map((line) => line.replace(/^[^:]+(?=: )/, (name) => name.toLowerCase()))
    .filter((line) => !UNCOMPARED.includes(line.split(':')[0] ?? ''))
    .filter((line) => line !== 'connection: close')
    .toSorted();

describe('recorded event streams, a hundred times as fast', () => {
  test.each(Object.entries(TIMELINES))('%s', async (name, { route, ends }) => {
    const { path, head } = recorded(name);
    const target = { port: gateway.port, ca: gateway.ca, servername: 'server.localhost' };
    const bytes = await sendRaw(target, request(route, path), 10_000);
    const text = bytes.toString();
    expect(comparable(text.slice(0, text.indexOf('\r\n\r\n')).split('\r\n'))).toEqual(comparable(head));
    const events = (parseResponse(bytes).body.toString().match(/^id: /gm) ?? []).length;
    const asked = Number(/n=(\d+)/.exec(path)?.[1]);
    // The last chunk alone says that an answer is whole.
    expect(text.endsWith('0\r\n\r\n')).toBe(ends === 'whole');
    if (ends === 'whole') expect(events).toBe(asked);
    else expect(events).toBeLessThan(asked);
  });

  test('sse-client-disconnect.txt: the upstream sees a client leave', async () => {
    const { path, events } = recorded('sse-client-disconnect.txt');
    expect(events).toBe(3);
    const socket = openSocket({ port: gateway.port, ca: gateway.ca, servername: 'server.localhost' });
    const seen = Promise.withResolvers<void>();
    let text = '';
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString();
      if (text.includes('id: 3')) seen.resolve();
    });
    socket.write(request('server', path));
    await seen.promise;
    const { left } = upstream;
    socket.destroy();
    await left;
  });
});
