import { formatGoUrl, parseUrl } from '../go/url.ts';
import type { ReadFile } from '../read/file.ts';
import type { RouteEntry } from '../read/routes.ts';
import type { Report } from '../report.ts';
import type { FailRoute } from './fail-route.ts';
import { checkMcp } from './mcp.ts';
import { checkTls } from './tls.ts';

/** The checks of each route, in Pomerium's order: v0.33.1 config/policy.go, Validate. */
export function checkRoutes(entries: readonly RouteEntry[], report: Report, readFile: ReadFile | undefined): void {
  for (const entry of entries) {
    const fail: FailRoute = ({ key, ...finding }, text) =>
      report.add({
        ...finding,
        path: [...entry.path, ...key.split('.').filter(Boolean)],
        pomerium: report.checkFailure(`config: failed to parse policy: ${text}`),
      });
    checkFrom(entry, fail);
    checkTarget(entry, fail);
    checkAccess(entry, fail);
    checkTls(entry, fail, readFile);
    checkRewrites(entry, fail);
    checkMcp(entry, fail);
  }
}

function checkFrom({ keys: { from = '' } }: RouteEntry, fail: FailRoute): void {
  const fix = 'write scheme and host, such as `from: https://whoami.example.com`';
  try {
    const url = parseUrl(from);
    const isHttp = url.scheme === 'http' || url.scheme === 'https';
    if (!isHttp || url.path === '' || url.path === '/') return;
    const text = `config: policy source url (${formatGoUrl(url)}) contains a path, but it should be set using the path field instead`;
    const path = url.path.replace(/`/g, '');
    fail(
      {
        key: 'from',
        code: 'FROM_PATH',
        message: `\`from: ${from}\` has a path`,
        fix: `write \`from: ${url.scheme}://${url.host}\` and \`prefix: ${path}\``,
      },
      text,
    );
  } catch (error) {
    const { message } = error as Error;
    fail(
      {
        key: from === '' ? '' : 'from',
        code: 'BAD_FROM',
        message: from === '' ? 'the route has no `from`' : `\`from: ${from}\`: ${message}`,
        fix,
      },
      `config: policy bad source url ${message}`,
    );
  }
}

const EXCLUSIVE = [
  ['tcp', 'tcp', 'non-tcp'],
  ['udp', 'udp', 'non-udp'],
  ['unix', 'unix', 'non-unix'],
  ['https+unix', 'unix', 'non-unix'],
] as const;

function checkTarget({ keys, to }: RouteEntry, fail: FailRoute): void {
  if (to?.length === 0 && !keys.redirect && !keys.response) {
    const text = 'policy should have either `to` or `redirect` or `response` defined';
    fail(
      {
        key: '',
        code: 'NO_TARGET',
        message: 'the route has neither `to` nor `redirect` nor `response`',
        fix: 'write `to: http://mcp-servers:8080`',
      },
      text,
    );
  }
  const schemes = new Set(to?.map(({ url }) => parseUrl(url).scheme));
  for (const [scheme, one, other] of EXCLUSIVE) {
    if (!schemes.has(scheme) || schemes.size < 2) continue;
    fail(
      { key: 'to', code: 'MIXED_TO', message: `\`to\` mixes ${one} with other schemes`, fix: 'make a route for each' },
      `config: cannot mix ${one} and ${other} To URLs`,
    );
    break;
  }
  const code = keys.redirect?.response_code;
  if (code === undefined || [301, 302, 303, 307, 308].includes(code)) return;
  const text = `config: unsupported redirect response code ${code} (supported values: 301, 302, 303, 307, 308)`;
  fail(
    {
      key: 'redirect.response_code',
      code: 'BAD_VALUE',
      message: `\`response_code: ${code}\` is no redirect`,
      fix: 'write 301, 302, 303, 307 or 308',
    },
    text,
  );
}

function checkAccess({ keys }: RouteEntry, fail: FailRoute): void {
  const lists = keys.allowed_domains !== undefined || keys.allowed_users !== undefined;
  const fix = 'keep one of the two';
  if (keys.allow_public_unauthenticated_access && (keys.allow_any_authenticated_user || lists)) {
    const message = 'the route is public and names who may use it';
    fail(
      { key: 'allow_public_unauthenticated_access', code: 'ACCESS_CONFLICT', message, fix },
      'config: policy route marked as public but contains whitelists',
    );
  } else if (keys.allow_any_authenticated_user && lists) {
    const message = 'the route is open to everybody signed in and names who may use it';
    fail(
      { key: 'allow_any_authenticated_user', code: 'ACCESS_CONFLICT', message, fix },
      'config: policy route marked accessible for any authenticated user but contains whitelists',
    );
  }
  if (keys.depends_on && keys.depends_on.length > 5) {
    const text = `config: depends_on is limited to 5 additional redirect hosts, got [${keys.depends_on.join(' ')}]`;
    fail(
      {
        key: 'depends_on',
        code: 'BAD_VALUE',
        message: '`depends_on` takes five hosts at most',
        fix: 'shorten the list',
      },
      text,
    );
  }
}

function checkRewrites({ keys }: RouteEntry, fail: FailRoute): void {
  if (!keys.prefix_rewrite || !keys.regex_rewrite_pattern) return;
  const text = 'config: only prefix_rewrite or regex_rewrite_pattern can be specified, but not both';
  fail(
    {
      key: 'prefix_rewrite',
      code: 'TWO_REWRITES',
      message: 'the route has `prefix_rewrite` and `regex_rewrite_pattern`',
      fix: 'keep one of the two',
    },
    text,
  );
}
