import { parseRecord } from '../json.ts';
import type { TracedExchange, TraceStep } from './exchange.ts';
import type { Recorder } from './record.ts';

/** What an exchange is, by where it went and what was known by then. */
interface Kind {
  title: string;
  expected: string;
  rule: string;
  /** What is wrong with the answer. */
  judge(exchange: TracedExchange, body: string | undefined): string | undefined;
}

/** The authorization server, as its metadata names it. */
interface Known {
  registration?: string;
  authorization?: string;
  token?: string;
}

const RESOURCE_METADATA = '/.well-known/oauth-protected-resource';
const SERVER_METADATA = /\/\.well-known\/(oauth-authorization-server|openid-configuration)/;

/** The exchanges as a conversation: each with what was expected of it, by which rule, and what was wrong. */
export function judgeTrace(recorder: Recorder, server: URL): TraceStep[] {
  const known: Known = {};
  return recorder.exchanges.map((exchange) => {
    const body = recorder.bodyOf(exchange);
    const kind = kindOf(exchange, server, known);
    const wrong = exchange.failure ?? kind.judge(exchange, body);
    if (SERVER_METADATA.test(exchange.url) && exchange.status === 200) learn(known, body);
    const { title, expected, rule } = kind;
    return { ...exchange, title, expected, rule, ...(wrong === undefined ? {} : { wrong }) };
  });
}

function kindOf({ method, url, requestHeaders }: TracedExchange, server: URL, known: Known): Kind {
  const path = URL.parse(url)?.pathname ?? '';
  const bare = url.split('?')[0];
  if (bare === known.token && method === 'POST') return TOKEN;
  if (bare === known.registration && method === 'POST') return REGISTRATION;
  if (bare === known.authorization) return AUTHORIZATION;
  if (path.startsWith(RESOURCE_METADATA)) return RESOURCE;
  if (SERVER_METADATA.test(path)) return SERVER;
  if (bare === server.href.split('?')[0]) {
    return requestHeaders.some(([name]) => name.toLowerCase() === 'authorization') ? CALL : CHALLENGE;
  }
  return HOP;
}

const CHALLENGE: Kind = {
  title: 'asks without a token',
  expected: '401 with WWW-Authenticate: Bearer resource_metadata="…"',
  rule: 'RFC 9728 §5.1',
  judge: ({ status, responseHeaders }) => {
    if (status === 200) return undefined;
    if (status !== 401) return `${status} instead of 401`;
    const challenge = responseHeaders.find(([name]) => name.toLowerCase() === 'www-authenticate')?.[1];
    if (challenge === undefined) return 'no WWW-Authenticate header, so clients look at the well-known address alone';
    return /resource_metadata=/.test(challenge) ? undefined : 'WWW-Authenticate names no resource_metadata';
  },
};

const RESOURCE: Kind = {
  title: 'reads the protected resource metadata',
  expected: '200 with `resource` and `authorization_servers`',
  rule: 'RFC 9728 §3.2',
  judge: ({ status }, body) => statusOr(status, [200]) ?? missing(body, ['resource', 'authorization_servers']),
};

const SERVER: Kind = {
  title: 'reads the authorization server metadata',
  expected: '200 with issuer, endpoints and S256',
  rule: 'RFC 8414 §3.2; OAuth 2.1 §7.5.1',
  judge: ({ status }, body) => {
    const lacks = statusOr(status, [200]) ?? missing(body, ['issuer', 'authorization_endpoint', 'token_endpoint']);
    if (lacks !== undefined) return lacks;
    const methods = parseRecord(body ?? '')?.['code_challenge_methods_supported'];
    return Array.isArray(methods) && methods.includes('S256') ? undefined : 'it does not say that it takes S256';
  },
};

const REGISTRATION: Kind = {
  title: 'registers this client',
  expected: '201 (200 from Pomerium) with `client_id`',
  rule: 'RFC 7591 §3.2.1',
  judge: ({ status }, body) => statusOr(status, [200, 201]) ?? missing(body, ['client_id']),
};

const AUTHORIZATION: Kind = {
  title: 'asks for a code',
  expected: 'a redirect to sign in, or back with `code`',
  rule: 'RFC 6749 §4.1.1',
  judge: ({ status, responseHeaders }) => statusOr(status, [302, 303, 307]) ?? errorIn(responseHeaders),
};

const HOP: Kind = {
  title: 'goes on with the sign-in',
  expected: 'a redirect or a page',
  rule: 'RFC 6749 §4.1.1',
  judge: ({ status, responseHeaders }) => (status >= 400 ? `${status}` : errorIn(responseHeaders)),
};

const TOKEN: Kind = {
  title: 'exchanges for a token',
  expected: '200 with `access_token` and `token_type`',
  rule: 'RFC 6749 §5.1',
  judge: ({ status }, body) => {
    if (status !== 200) return `${status} ${errorOf(body)}`.trim();
    return missing(body, ['access_token', 'token_type']);
  },
};

const CALL: Kind = {
  title: 'calls with the token',
  expected: '200 with a JSON-RPC answer',
  rule: 'MCP, Streamable HTTP',
  judge: ({ status }, body) => {
    if (status === 400 || status === 404 || status === 405) return undefined;
    const error = parseRecord(body ?? '')?.['error'];
    if (status < 300) return typeof error === 'object' && error !== null ? rpcError(error) : undefined;
    return `${status}${status === 401 ? ': the token is not accepted' : ''}`;
  },
};

function rpcError(error: object): string | undefined {
  const { code, message } = error as { code?: unknown; message?: unknown };
  // A server of the older revision does not know the first request, and is asked again its own way.
  return code === -32601 || code === -32600 ? undefined : `error ${String(code)}: ${String(message)}`;
}

function statusOr(status: number, good: readonly number[]): string | undefined {
  return good.includes(status) ? undefined : `${status} instead of ${good.join(' or ')}`;
}

function missing(body: string | undefined, names: readonly string[]): string | undefined {
  const document = parseRecord(body ?? '');
  if (!document) return 'the answer is no JSON object';
  const absent = names.filter((name) => document[name] === undefined);
  return absent.length === 0 ? undefined : `${absent.join(', ')} ${absent.length === 1 ? 'is' : 'are'} missing`;
}

/** RFC 6749 §4.1.2.1: an error comes back in the redirect. */
function errorIn(headers: TracedExchange['responseHeaders']): string | undefined {
  const location = headers.find(([name]) => name.toLowerCase() === 'location')?.[1];
  const url = location === undefined ? undefined : URL.parse(location, 'https://base.invalid');
  const error = url?.searchParams.get('error');
  return error ? `error=${error} ${url?.searchParams.get('error_description') ?? ''}`.trim() : undefined;
}

function errorOf(body: string | undefined): string {
  const { error, error_description: text } = parseRecord(body ?? '') ?? {};
  return [error, text].filter((part) => typeof part === 'string').join(': ');
}

function learn(known: Known, body: string | undefined): void {
  const document = parseRecord(body ?? '') ?? {};
  const set = (key: keyof Known, name: string): void => {
    const value = document[name];
    if (typeof value === 'string') known[key] = value.split('?')[0] ?? value;
  };
  set('registration', 'registration_endpoint');
  set('authorization', 'authorization_endpoint');
  set('token', 'token_endpoint');
}
