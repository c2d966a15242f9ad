import { ServerResponse, type IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { http1Request } from './client/node-request.ts';
import { Http1Response } from './client/node-response.ts';
import { dispatch } from './dispatch.ts';
import { readInbound } from './inbound.ts';
import { localReply } from './local-reply.ts';
import type { Passage } from './passage.ts';
import { PolicyView } from './policy-view.ts';
import { logAuthorize } from './request-log.ts';
import { sendReply } from './respond.ts';
import { sessionFor } from './session.ts';
import type { Gateway } from './state.ts';
import { openTunnel } from './tunnel.ts';

/** Envoy's answer to a client that wants to go over to a protocol which its route does not have. */
const UPGRADE_FAILED = { status: 403, text: 'upgrade_failed', flags: '-' };

/** A request to go over to another protocol (RFC 9110 §7.8), such as WebSocket. Who is refused is answered as anybody else. */
export function upgrade(gateway: Gateway, request: IncomingMessage, socket: Socket, head: Buffer): void {
  const asked = http1Request(request);
  const raw = new ServerResponse(request);
  raw.assignSocket(socket);
  raw.shouldKeepAlive = false;
  raw.once('finish', () => socket.end());
  const response = new Http1Response(raw);
  const inbound = readInbound(asked);
  const protocol = request.headers.upgrade?.toLowerCase() ?? '';
  // Envoy takes no notice of an offer of HTTP/2.
  if (typeof inbound === 'string' || protocol === 'h2c') return dispatch(gateway, asked, response);
  const route = gateway.state.table.match(inbound.host, inbound.path);
  const plan = route && gateway.state.plans.get(route);
  if (!plan?.upgrades.has(protocol)) {
    const { accept, requestId } = inbound;
    const added = (plan?.response ?? gateway.state.response).added;
    const reply = localReply(requestId, accept, UPGRADE_FAILED);
    return sendReply(gateway, inbound, response, reply, { added, details: UPGRADE_FAILED.text });
  }
  const session = sessionFor(gateway, inbound, plan.mcp);
  const passage = { gateway, inbound, response, plan, session };
  if (!isAllowed(passage)) return dispatch(gateway, asked, response);
  openTunnel(passage, protocol, () => {
    raw.detachSocket(socket);
    return { socket, head };
  });
}

function isAllowed({ gateway, inbound, plan, session }: Passage): boolean {
  const decision = plan.compiled.decide(new PolicyView(inbound, session, undefined));
  // A refusal is logged by whoever answers it.
  if (decision.kind !== 'allow') return false;
  logAuthorize(gateway, { inbound, plan, session, mcp: undefined }, decision);
  return true;
}
