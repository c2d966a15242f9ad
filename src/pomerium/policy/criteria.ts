import { BlockList, isIP } from 'node:net';
import { claimValues } from './claims.ts';
import type { Criterion, PolicyInput, Session } from '../model.ts';
import { parserType } from './parser-type.ts';
import { compileListMatcher, compileStringMatcher, MatcherError } from './matchers.ts';
import { outcome, type Check, type Reason } from './reasons.ts';
import { isRecord } from '../values.ts';

/*
 * The criteria that Pomerium v0.33.1 registers (pkg/policy/criteria). What depends on a directory, a device or a client certificate,
 * none of which can reach this program, fails as it does in a Pomerium that has none.
 */

type PolicyCheck = Check<PolicyInput>;
type Builder = (criterion: Criterion) => PolicyCheck;

const always = (value: boolean, reason: Reason): PolicyCheck => {
  const result = outcome(value, reason);
  return () => result;
};

function check(matches: (input: PolicyInput) => boolean, pass: Reason, fail: Reason): PolicyCheck {
  const passed = outcome(true, pass);
  const failed = outcome(false, fail);
  return (input) => (matches(input) ? passed : failed);
}

/** Without a session the criterion is false because nobody is signed in (criteria.go, NewCriterionSessionRule). */
function sessionCheck(matches: (session: Session) => boolean, pass: Reason, fail: Reason): PolicyCheck {
  const passed = outcome(true, pass);
  const failed = outcome(false, fail);
  const anonymous = outcome(false, 'user-unauthenticated');
  return ({ session }) => (session === undefined ? anonymous : matches(session) ? passed : failed);
}

function mcpTool({ data }: Criterion): PolicyCheck {
  const matches = compileStringMatcher(data);
  const noCall = outcome(false, 'mcp-not-a-tool-call');
  const match = outcome(true, 'mcp-tool-match');
  const noMatch = outcome(false, 'mcp-tool-no-match');
  return ({ mcp }) => (mcp?.method !== 'tools/call' ? noCall : matches(mcp.tool) ? match : noMatch);
}

function claim({ subPath = '', data }: Criterion): PolicyCheck {
  const matches = compileListMatcher(data);
  return sessionCheck((session) => matches(claimValues(session, subPath)), 'claim-ok', 'claim-unauthorized');
}

function groups({ data }: Criterion): PolicyCheck {
  compileListMatcher(data);
  return sessionCheck(() => false, 'groups-unauthorized', 'groups-unauthorized');
}

const has = (value: string | string[] | undefined): boolean => value !== undefined && value.length > 0;

const isPreflight = ({ http }: PolicyInput): boolean =>
  http.method === 'OPTIONS' && has(http.headers['access-control-request-method']) && has(http.headers['origin']);

function sourceIp({ data }: Criterion): PolicyCheck {
  const values: unknown[] = Array.isArray(data) ? data : [data];
  if (!Array.isArray(data) && typeof data !== 'string')
    throw new MatcherError(`expected string or array of strings, got: ${parserType(data)}`);
  const list = new BlockList();
  for (const value of values) addRange(list, value);
  const matches = ({ http }: PolicyInput): boolean => {
    const ip = http.ip?.replace(/^::ffff:(?=\d+\.)/i, '') ?? '';
    const family = isIP(ip);
    return family !== 0 && list.check(ip, family === 4 ? 'ipv4' : 'ipv6');
  };
  return check(matches, 'source-ip-ok', 'source-ip-unauthorized');
}

function addRange(list: BlockList, value: unknown): void {
  if (typeof value !== 'string') throw new MatcherError(`expected string value, got: ${parserType(value)}`);
  const [address = '', bits, ...rest] = value.split('/');
  const family = isIP(address);
  const size = family === 4 ? 32 : 128;
  const prefix = bits === undefined ? size : /^\d+$/.test(bits) ? Number(bits) : -1;
  if (family === 0 || rest.length > 0 || prefix < 0 || prefix > size)
    throw new MatcherError(`expected IP or CIDR range, got: ${JSON.stringify(value)}`);
  list.addSubnet(address, prefix, family === 4 ? 'ipv4' : 'ipv6');
}

const CERTIFICATE_CONDITIONS = ['fingerprint', 'spki_hash', 'san_email', 'san_dns', 'san_uri'];

function clientCertificate({ data }: Criterion): PolicyCheck {
  if (!isRecord(data)) throw new MatcherError(`expected object for certificate matcher, got: ${parserType(data)}`);
  const unknown = Object.keys(data).find((key) => !CERTIFICATE_CONDITIONS.includes(key));
  if (unknown !== undefined) throw new MatcherError(`unsupported certificate matcher condition: ${unknown}`);
  return always(false, 'client-certificate-unauthorized');
}

function device({ data }: Criterion): PolicyCheck {
  if (!isRecord(data)) throw new MatcherError(`expected object for device criterion, got: ${parserType(data)}`);
  const unknown = Object.keys(data).find((key) => !['approved', 'is', 'type'].includes(key));
  if (unknown !== undefined) throw new MatcherError(`unexpected field in device criterion: ${unknown}`);
  return sessionCheck(() => false, 'device-unauthenticated', 'device-unauthenticated');
}

function stringCriterion(valueOf: (session: Session) => string | undefined, pass: Reason, fail: Reason): Builder {
  return ({ data }) => {
    const matches = compileStringMatcher(data);
    return sessionCheck((session) => matches(valueOf(session)), pass, fail);
  };
}

function requestCriterion(valueOf: (input: PolicyInput) => string, pass: Reason, fail: Reason): Builder {
  return ({ data }) => {
    const matches = compileStringMatcher(data);
    return check((input) => matches(valueOf(input)), pass, fail);
  };
}

const BUILDERS: Readonly<Record<string, Builder>> = {
  accept: () => always(true, 'accept'),
  authenticated_user: () => sessionCheck((session) => session.userId !== '', 'user-ok', 'user-unauthorized'),
  claim,
  client_certificate: clientCertificate,
  cors_preflight: () => check(isPreflight, 'cors-request', 'non-cors-request'),
  device,
  domain: stringCriterion((session) => session.email.split('@')[1], 'domain-ok', 'domain-unauthorized'),
  email: stringCriterion((session) => session.email, 'email-ok', 'email-unauthorized'),
  groups,
  http_method: requestCriterion(({ http }) => http.method, 'http-method-ok', 'http-method-unauthorized'),
  http_path: requestCriterion(({ http }) => http.path, 'http-path-ok', 'http-path-unauthorized'),
  // Without a configured client authority every request counts as having a valid certificate.
  invalid_client_certificate: () => always(false, 'valid-client-certificate'),
  mcp_tool: mcpTool,
  reject: () => always(false, 'reject'),
  source_ip: sourceIp,
  ssh_ca: () => always(false, 'ssh-publickey-unauthorized'),
  ssh_publickey: () => always(false, 'ssh-publickey-unauthorized'),
  ssh_username: () => always(false, 'ssh-username-unauthorized'),
  ssh_username_matches_claim: () => sessionCheck(() => false, 'ssh-username-unauthorized', 'ssh-username-unauthorized'),
  ssh_username_matches_email: () => sessionCheck(() => false, 'ssh-username-unauthorized', 'ssh-username-unauthorized'),
  user: stringCriterion((session) => session.userId, 'user-ok', 'user-unauthorized'),
};

export const CRITERIA: readonly string[] = Object.keys(BUILDERS);

/** Throws MatcherError with the end of Pomerium's log line. */
export function compileCriterion(criterion: Criterion): PolicyCheck {
  const build = Object.hasOwn(BUILDERS, criterion.name) ? BUILDERS[criterion.name] : undefined;
  if (!build) throw new MatcherError(`unknown policy criterion: ${criterion.name}`);
  return build(criterion);
}
