import { randomBytes, randomUUID } from 'node:crypto';
import type { Exchange, Reply } from '../exchange.ts';
import { textReply } from '../replies.ts';
import { registrationFlood, registrationProblem } from '../strict/registration.ts';
import { json } from './answers.ts';
import { parseClientMetadata, violationsOf, withDefaults } from './client-metadata.ts';
import type { Gate } from './gate.ts';
import { ProtoJsonError } from './proto-json.ts';
import type { Client } from './client-table.ts';

/** Bytes of a registration that are read; the rest is cut off, as Pomerium does. */
const MAX_BODY = 1_048_576;

/** Dynamic client registration, RFC 7591: Pomerium v0.33.1 internal/mcp/handler_register_client.go. */
export async function register(gate: Gate, exchange: Exchange): Promise<Reply> {
  if (gate.options().runtime_flags['mcp_dynamic_client_registration'] !== true) {
    return refusal(403, 'access_denied', 'dynamic client registration is disabled on this server');
  }
  const flood = gate.strict && (await registrationFlood(gate, exchange));
  if (flood) return flood;
  const text = (await exchange.body(MAX_BODY)).toString('utf8');
  const requested = read(text);
  if (typeof requested === 'string') {
    gate.log({
      level: 'info',
      message: 'mcp/register: refused',
      reason: requested,
      'request-id': exchange.requestId,
    });
    return refusal(400, 'invalid_client_metadata', requested);
  }
  const problem = gate.strict && registrationProblem(text, requested);
  if (problem) return problem;
  const client = createClient(requested);
  try {
    await gate.store.clients.add(client);
  } catch (error) {
    gate.log({ level: 'error', message: 'mcp/register: could not be stored', error: String(error) });
    return textReply(500, 'failed to register client');
  }
  gate.log({
    level: 'info',
    message: 'mcp/register: client registered successfully',
    'client-id': client.id,
    'request-id': exchange.requestId,
  });
  return json(200, registration(client));
}

/** The metadata, or why it is refused. */
function read(text: string): Record<string, unknown> | string {
  try {
    const metadata = parseClientMetadata(text);
    const violations = violationsOf(metadata);
    if (violations.length === 0) return metadata;
    if (violations.length === 1) return `validate: validation error: ${violations[0]}`;
    return `validate: validation errors:\n${violations.map((violation) => ` - ${violation}`).join('\n')}`;
  } catch (error) {
    if (error instanceof ProtoJsonError) return `parse: ${error.message}`;
    throw error;
  }
}

function createClient(requested: Record<string, unknown>): Client {
  const metadata = withDefaults(requested);
  const isPublic = metadata.token_endpoint_auth_method === 'none';
  return { id: randomUUID(), metadata, ...(isPublic ? {} : { secret: randomBytes(32).toString('base64') }) };
}

/** RFC 7591 §3.2.1, members sorted; the issue date comes with a secret only. */
function registration({ id, metadata, secret }: Client): Record<string, unknown> {
  const issued = secret === undefined ? {} : { client_secret: secret, client_secret_expires_at: 0 };
  const date = secret === undefined ? {} : { client_id_issued_at: Math.floor(Date.now() / 1_000) };
  const members = Object.entries({ ...metadata, client_id: id, ...date, ...issued });
  return Object.fromEntries(members.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function refusal(status: number, error: string, description: string): Reply {
  return json(status, { error, error_description: description }, { noStore: true, newline: false });
}
