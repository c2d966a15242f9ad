import { type JsonNode, parseProtoJson, unexpectedToken, wrongValue } from './proto-json.ts';

/** A client's metadata (RFC 7591 §2) as far as Pomerium keeps it; localised members such as `client_name#de` beside them. */
export interface ClientMetadata {
  redirect_uris: string[];
  token_endpoint_auth_method: string;
  grant_types: string[];
  response_types: string[];
  [member: string]: unknown;
}

const TEXTS = [
  'token_endpoint_auth_method',
  'client_name',
  'client_uri',
  'logo_uri',
  'scope',
  'tos_uri',
  'policy_uri',
  'jwks_uri',
  'software_id',
  'software_version',
];
const LISTS = ['redirect_uris', 'grant_types', 'response_types', 'contacts'];
const LOCALISED = /^(client_name|client_uri|logo_uri|tos_uri|policy_uri)#[\w-]+$/;

/** Reads a registration request: known members of the right type, the rest dropped. Throws ProtoJsonError. */
export function parseClientMetadata(text: string): Record<string, unknown> {
  const metadata: Record<string, unknown> = {};
  for (const [name, node] of parseProtoJson(text).members ?? []) {
    // protojson takes a field by its name in the schema and in lower camel case.
    const member = name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    if (node.kind === 'null') continue;
    if (member in metadata) throw wrongValue(text, node, `duplicate field "${name}"`);
    const value = memberValue(text, name, member, node);
    if (value !== undefined) metadata[member] = value;
  }
  return metadata;
}

function memberValue(text: string, name: string, member: string, node: JsonNode): unknown {
  if (LISTS.includes(member)) {
    if (node.kind !== 'array') throw unexpectedToken(text, node);
    return (node.items ?? []).map((item) => stringValue(text, name, item));
  }
  if (TEXTS.includes(member) || LOCALISED.test(member)) return stringValue(text, name, node);
  if (member !== 'jwks') return undefined;
  if (node.kind !== 'object') throw unexpectedToken(text, node);
  return node.value;
}

function stringValue(text: string, name: string, node: JsonNode): string {
  if (node.kind === 'string') return String(node.value);
  throw wrongValue(text, node, `invalid value for string field ${camelCase(name)}: ${node.raw}`);
}

function camelCase(name: string): string {
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

const AUTH_METHODS = ['none', 'client_secret_post', 'client_secret_basic'];
// RFC 3986 with a scheme; protovalidate asks for no more.
const URI =
  /^[a-z][a-z0-9+.-]*:(?:[\w\-.~:/?[\]@!$&'()*+,;=]|%[0-9a-f]{2})*(?:#(?:[\w\-.~:/?@!$&'()*+,;=]|%[0-9a-f]{2})*)?$/i;
// The pattern of the HTML standard, §4.10.5.1.5.
const EMAIL =
  /^[\w.!#$%&'*+/=?^`{|}~-]+@[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)*$/i;
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+(?: [\x21\x23-\x5b\x5d-\x7e]+)*$/;

/** What is wrong with the metadata, in the words of protovalidate; empty when nothing is. */
export function violationsOf(metadata: Record<string, unknown>): string[] {
  const list = (name: string): string[] => (metadata[name] as string[] | undefined) ?? [];
  const found: string[] = [];
  const check = (name: string, problem: string | undefined): void =>
    void (problem && found.push(`${name}: ${problem}`));
  if (list('redirect_uris').length === 0) check('redirect_uris', 'must contain at least 1 item(s)');
  for (const [index, uri] of list('redirect_uris').entries()) check(`redirect_uris[${index}]`, uriProblem(uri));
  for (const [name, value] of Object.entries(metadata)) {
    if (typeof value === 'string') check(name, textProblem(name.replace(/#.*/, ''), value));
  }
  for (const [index, contact] of list('contacts').entries()) {
    check(`contacts[${index}]`, EMAIL.test(contact) ? undefined : 'must be a valid email address');
  }
  if (metadata['jwks'] !== undefined && metadata['jwks_uri'] !== undefined) {
    found.push('jwks and jwks_uri must not be present at the same time');
  }
  return found;
}

function textProblem(name: string, value: string): string | undefined {
  if (name === 'token_endpoint_auth_method') {
    return AUTH_METHODS.includes(value) ? undefined : `must be in list [${AUTH_METHODS.join(', ')}]`;
  }
  if (name.endsWith('_uri')) return uriProblem(value);
  if (value === '') return 'must be at least 1 characters';
  if (name === 'scope') return SCOPE.test(value) ? undefined : 'must be scope tokens separated by single spaces';
  return Array.from(value).length > 255 ? 'must be at most 255 characters' : undefined;
}

function uriProblem(value: string): string | undefined {
  if (value === '') return 'value is empty, which is not a valid URI';
  return URI.test(value) ? undefined : 'must be a valid URI';
}

/** The metadata that a server holds: what was asked for, with the defaults of RFC 7591 §2 filled in. */
export function withDefaults(metadata: Record<string, unknown>): ClientMetadata {
  const list = (name: string, fallback: string): string[] => {
    const given = metadata[name] as string[] | undefined;
    return given?.length ? given : [fallback];
  };
  const kept = Object.entries(metadata).filter(([, value]) => !Array.isArray(value) || value.length > 0);
  return {
    ...Object.fromEntries(kept),
    redirect_uris: (metadata['redirect_uris'] as string[] | undefined) ?? [],
    token_endpoint_auth_method: (metadata['token_endpoint_auth_method'] as string | undefined) ?? 'client_secret_basic',
    grant_types: list('grant_types', 'authorization_code'),
    response_types: list('response_types', 'code'),
  };
}
