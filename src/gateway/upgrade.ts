import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { http1Request } from './client/node-request.ts';
import { readInbound, type Inbound } from './inbound.ts';
import { PolicyView } from './policy-view.ts';
import { requestHead } from './request-head.ts';
import { logAccess, logAuthorize } from './request-log.ts';
import { httpDate } from './respond.ts';
import type { RoutePlan, Target } from './route-plan.ts';
import { sessionFor } from './session.ts';
import type { Gateway } from './state.ts';

/** WebSockets, on routes with `allow_websockets`. Envoy refuses every other upgrade with 403. */
export function upgrade(gateway: Gateway, request: IncomingMessage, socket: Duplex, head: Buffer): void {
  const inbound = readInbound(http1Request(request));
  if (typeof inbound === 'string') return refuseUpgrade(socket, '400 Bad Request');
  const route = gateway.state.table.match(inbound.host, inbound.path);
  const plan = route && gateway.state.plans.get(route);
  if (!plan) return refuseUpgrade(socket, '404 Not Found');
  const websocket = request.headers.upgrade?.toLowerCase() === 'websocket';
  if (!websocket || !plan.compiled.route.allow_websockets) return refuseUpgrade(socket, '403 Forbidden');
  const session = sessionFor(gateway, inbound, plan.mcp);
  const decision = plan.compiled.decide(new PolicyView(inbound, session, undefined));
  logAuthorize(gateway, { inbound, plan, session, mcp: undefined }, decision);
  if (decision.kind !== 'allow') {
    return refuseUpgrade(socket, decision.kind === 'deny' && !plan.mcp ? '403 Forbidden' : '401 Unauthorized');
  }
  const target = plan.targets.next();
  const wire = target && requestHead(inbound, plan, target, session, { length: 0 });
  if (!target || wire === undefined) return refuseUpgrade(socket, '503 Service Unavailable');
  tunnel(gateway, { inbound, plan, target, wire, socket, head });
}

interface Tunnel {
  inbound: Inbound;
  plan: RoutePlan;
  target: Target;
  /** The request head without its upgrade headers. */
  wire: string;
  socket: Duplex;
  /** What the client sent behind its request. */
  head: Buffer;
}

function tunnel(gateway: Gateway, { inbound, plan, target, wire, socket, head }: Tunnel): void {
  const connection = target.pool.takeForUpgrade();
  const log = (status: number): void =>
    logAccess(gateway, inbound, {
      status,
      size: 0,
      details: 'via_upstream',
      cluster: plan.cluster,
      authority: target.hostHeader ?? inbound.host,
      path: target.pathOf(inbound.path),
    });
  const refused = (status: string): void => {
    connection.abort();
    log(Number(status.slice(0, 3)));
    refuseUpgrade(socket, status);
  };
  socket.once('close', () => connection.abort());
  const upgraded = `${wire.slice(0, -2)}connection: upgrade\r\nupgrade: websocket\r\n\r\n`;
  connection.send(inbound.method, upgraded, Buffer.alloc(0), {
    head: (status) => refused(`${status} ${status === 404 ? 'Not Found' : 'Upgrade Refused'}`),
    data: () => undefined,
    flush: () => undefined,
    end: () => undefined,
    drain: () => undefined,
    failed: () => refused('503 Service Unavailable'),
    upgraded: (rawHeaders, rest, upstream) => {
      log(101);
      socket.write(`HTTP/1.1 101 Switching Protocols\r\n${linesOf(rawHeaders)}server: envoy\r\n\r\n`);
      if (rest.length > 0) socket.write(rest);
      if (head.length > 0) upstream.write(head);
      join(socket, upstream);
    },
  });
}

function linesOf(rawHeaders: string[]): string {
  let lines = '';
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    if (rawHeaders[i]?.toLowerCase() !== 'server') lines += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  }
  return lines;
}

/** Two ends of one conversation: each hears what the other says, and neither outlives the other. */
function join(a: Duplex, b: Socket): void {
  a.pipe(b);
  b.pipe(a);
  for (const [one, other] of [
    [a, b],
    [b, a],
  ] as const) {
    one.on('error', () => other.destroy());
    one.on('close', () => other.destroy());
  }
}

function refuseUpgrade(socket: Duplex, status: string): void {
  socket.end(
    `HTTP/1.1 ${status}\r\ncontent-length: 0\r\ndate: ${httpDate()}\r\nserver: envoy\r\nconnection: close\r\n\r\n`,
  );
}
