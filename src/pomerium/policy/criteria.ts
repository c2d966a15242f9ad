import { claimValues } from './claims.ts';
import type { Criterion, PolicyInput, Session } from '../model.ts';
import { parserType } from './parser-type.ts';
import { compileListMatcher, compileStringMatcher, MatcherError } from './matchers.ts';
import { compileRanges } from './address-ranges.ts';
import type { Check } from './combine.ts';
import { outcome, type Reason } from './reasons.ts';
import type { Reads } from './remember.ts';
import { assertAuthorizedKeys, assertCertificateMatcher, deviceHoldsWithout } from './unreachable.ts';

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
  const contains = compileRanges(data);
  return check(({ http }) => contains(http.ip ?? ''), 'source-ip-ok', 'source-ip-unauthorized');
}

function clientCertificate({ data }: Criterion): PolicyCheck {
  assertCertificateMatcher(data);
  return always(false, 'client-certificate-unauthorized');
}

function device({ data }: Criterion): PolicyCheck {
  if (deviceHoldsWithout(data)) return always(true, 'device-ok');
  return sessionCheck(() => false, 'device-ok', 'device-unauthenticated');
}

function sshKeys({ data }: Criterion): PolicyCheck {
  assertAuthorizedKeys(data);
  return always(false, 'ssh-publickey-unauthorized');
}

/** The user name of an SSH connection; what is asked of the session comes first. */
function sshUsername({ name, data }: Criterion): PolicyCheck {
  const fail = 'ssh-username-unauthorized';
  if (name === 'ssh_username') {
    compileStringMatcher(data);
    return always(false, fail);
  }
  if (name === 'ssh_username_matches_claim' && typeof data !== 'string')
    throw new MatcherError(`expected string value, got: ${parserType(data)}`);
  return sessionCheck(() => false, fail, fail);
}

function stringCriterion(valueOf: (session: Session) => string | undefined, pass: Reason, fail: Reason): Builder {
  return ({ data }) => {
    const matches = compileStringMatcher(data);
    const holds = (session: Session): boolean => {
      const value = valueOf(session);
      return value !== undefined && matches(value);
    };
    return sessionCheck(holds, pass, fail);
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
  ssh_ca: sshKeys,
  ssh_publickey: sshKeys,
  ssh_username: sshUsername,
  ssh_username_matches_claim: sshUsername,
  ssh_username_matches_email: sshUsername,
  user: stringCriterion((session) => session.userId, 'user-ok', 'user-unauthorized'),
};

/** What each criterion looks at, beside who is signed in. */
export const READS: Readonly<Record<string, Reads>> = {
  cors_preflight: 'preflight',
  http_method: 'method',
  http_path: 'path',
  mcp_tool: 'tool',
  source_ip: 'ip',
};

export const CRITERIA: readonly string[] = Object.keys(BUILDERS);

/** Throws MatcherError with the end of Pomerium's log line. */
export function compileCriterion(criterion: Criterion): PolicyCheck {
  const build = Object.hasOwn(BUILDERS, criterion.name) ? BUILDERS[criterion.name] : undefined;
  if (!build) throw new MatcherError(`unknown policy criterion: ${criterion.name}`);
  return build(criterion);
}
