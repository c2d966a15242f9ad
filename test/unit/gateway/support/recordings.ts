import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseResponse, type WireResponse } from './wire.ts';

const FOLDER = join(import.meta.dirname, '../../../fixtures/pomerium-live');

export interface Recording {
  name: string;
  /** As sent, with elided bodies filled up to their Content-Length. */
  request: Buffer;
  response: WireResponse;
}

export function readFixture(name: string): string {
  return readFileSync(join(FOLDER, name), 'utf8');
}

/** Recordings of what the gateway answers without the identity half. */
const OURS = new RegExp(
  `^(?:${[
    '(?:unauth|unknown-host|nopolicy|robots|prm|asm|jwks|deny|tool|toolallow|toolbig|maxbytes|path|headers|claimsheaders)-.*',
    '(?:twice|down-upstream|upstream|revoke|routes-unauth|routes-bearer|connect-unauth|connect-clienthost)-.*',
    '(?:disconnect-unauth|portal-user|clientroute-denied|flagoff|use-access-on)-.*',
    '(?:unknown-host|robots|asm|jwks|ping|healthz|wk-pomerium|bob-call|bob-get|assertion-issuer-uri|serverroute-cookie|both-unauth-html)',
    '(?:mcp-root-subpath|mcp-unknown-subpath|pomerium-unknown|register-get|token-get|dcr-preflight|routes-cookie|routes-authhost)',
    '(?:down-upstream|unknown-host_.*|tool-.*|connect-(?:foreign|http|noparam|relative|plainhost|otherserverhost|samehost|onclienthost|clienthost|unauth))',
    '(?:disconnect-(?:bearer-bad|bearer-empty|get|unauth)|portal-(?:jwt|user)|use-good|use-otherhost|dcroff-asm)',
    '(?:authorize-(?:unauth-json|post|post-signedin))',
  ].join('|')})$`,
);

export function recordingNames(): string[] {
  return readdirSync(FOLDER)
    .filter((file) => file.endsWith('.http'))
    .map((file) => file.slice(0, -'.http'.length))
    .filter((name) => OURS.test(name));
}

export function readRecording(name: string): Recording {
  const text = readFixture(`${name}.http`);
  const [, sent = '', received = ''] = /^>>> request\n([\s\S]*?)\n<<< response\n([\s\S]*)$/m.exec(text) ?? [];
  // The bodies stand there without their chunks.
  const response = parseResponse(wire(received.replace(/^transfer-encoding: chunked\n/im, '')));
  return { name, request: wireRequest(sent), response };
}

function wireRequest(sent: string): Buffer {
  const whole = wire(sent.replace(/\n$/, ''));
  const at = whole.indexOf('\r\n\r\n') + 4;
  const head = whole.toString('latin1', 0, at);
  const length = Number(/\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1] ?? 0);
  const body = whole.subarray(at);
  if (length === 0) return Buffer.from(head, 'latin1');
  return Buffer.concat([Buffer.from(head, 'latin1'), fill(body, length)]);
}

/** `…xxx (5092 body bytes in all)`: what was left out is more of the same letter. */
function fill(body: Buffer, length: number): Buffer {
  const text = body.toString('utf8');
  const elided = /^([\s\S]*?)… \(\d+ body bytes in all\)\s*$/.exec(text)?.[1];
  if (elided === undefined) return body.subarray(0, length);
  const tail = '"}}}';
  return Buffer.from(elided + 'x'.repeat(length - elided.length - tail.length) + tail);
}

/** Line ends of the head as on the wire; a response's body ends before the file's own line end. */
function wire(text: string): Buffer {
  const end = text.indexOf('\n\n');
  return Buffer.from(`${text.slice(0, end).replaceAll('\n', '\r\n')}\r\n\r\n${text.slice(end + 2)}`);
}
