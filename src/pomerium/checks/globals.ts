import { parseUrl } from '../go/url.ts';
import { DEFAULT_FLAGS } from '../options.ts';
import type { Report } from '../report.ts';
import type { GlobalKeys } from '../schema/global.ts';
import { checkAddresses } from './addresses.ts';

type Check = (keys: GlobalKeys, report: Report) => void;

/** The checks before those of the routes, in Pomerium's order: v0.33.1 config/options.go, Validate. */
export function checkBeforeRoutes(keys: GlobalKeys, report: Report): void {
  for (const check of [checkServices, checkUrls, checkPolicyFile]) check(keys, report);
}

export function checkAfterRoutes(keys: GlobalKeys, report: Report): void {
  for (const check of [checkAddresses, checkAutocert, checkStorage, checkWords, checkDomainLists]) check(keys, report);
}

const SERVICES = ['all', 'authenticate', 'authorize', 'cache', 'databroker', 'proxy'];

const checkServices: Check = ({ services }, report) => {
  if (services === undefined) return;
  const wrong = services.split(',').some((service) => !SERVICES.includes(service.trim().toLowerCase()));
  if (!wrong) return;
  const fix = 'write `services: all`, or leave the key out';
  const pomerium = report.checkFailure(`config: ${services} is an invalid service type`);
  report.add({
    code: 'BAD_SERVICES',
    path: ['services'],
    message: `\`services\`: \`${services}\` is no service`,
    fix,
    pomerium,
  });
};

const URLS = [
  ['authenticate_service_url', 'authenticate-url'],
  ['authenticate_internal_service_url', 'authenticate-internal-url'],
  ['signout_redirect_url', 'signout-redirect-url'],
  ['authorize_service_url', 'authorize-url'],
  ['authorize_internal_service_url', 'authorize-internal-url'],
] as const;

const checkUrls: Check = (keys, report) => {
  for (const [key, name] of URLS) {
    const url = keys[key];
    if (!url) continue;
    try {
      parseUrl(url);
    } catch (error) {
      const { message } = error as Error;
      report.add({
        code: 'BAD_URL',
        path: [key],
        message: `\`${key}\`: ${message}`,
        fix: `write a URL with scheme and host, such as \`${key}: https://authenticate.example.com\``,
        pomerium: report.checkFailure(`config: bad ${name} ${url} : ${message}`),
      });
    }
  }
};

const checkPolicyFile: Check = ({ policy_file }, report) => {
  if (!policy_file) return;
  const pomerium = report.checkFailure('config: policy file setting is deprecated');
  report.add({
    code: 'POLICY_FILE',
    path: ['policy_file'],
    message: '`policy_file` is no longer read',
    fix: 'move the routes under `routes:`',
    pomerium,
  });
};

const checkAutocert: Check = (
  { autocert_eab_key_id: id, autocert_eab_mac_key: mac, autocert_trusted_ca: ca, autocert_trusted_ca_file: caFile },
  report,
) => {
  const fail = (key: string, text: string): void =>
    report.add({
      code: 'BAD_AUTOCERT',
      path: [key],
      message: text.replace(/^config: /, ''),
      fix: 'set both keys of the pair, or none',
      pomerium: report.checkFailure(text),
    });
  if (id && !mac) fail('autocert_eab_key_id', 'config: Autocert EAB MAC Key required when Key ID is provided');
  if (!id && mac) fail('autocert_eab_mac_key', 'config: Autocert EAB Key ID required when MAC Key is provided');
  if (ca && caFile)
    fail('autocert_trusted_ca', 'config: providing both Autocert Trusted CA and Trusted CA File is not supported');
};

const checkStorage: Check = (keys, report) => {
  const type = keys.databroker_storage_type ?? 'memory';
  const path = ['databroker_storage_type'];
  if (!['memory', 'file', 'postgres'].includes(type)) {
    const pomerium = report.checkFailure('config: unknown databroker storage backend type');
    report.add({
      code: 'BAD_STORAGE',
      path,
      message: `\`databroker_storage_type: ${type}\` is unknown`,
      fix: 'write `memory`, `file` or `postgres`',
      pomerium,
    });
  }
  if (
    type !== 'postgres' ||
    keys.databroker_storage_connection_string ||
    keys.databroker_storage_connection_string_file
  )
    return;
  report.add({
    code: 'BAD_STORAGE',
    path,
    message: '`databroker_storage_type: postgres` needs `databroker_storage_connection_string`',
    fix: 'write `databroker_storage_connection_string: postgresql://user:password@postgres:5432/pomerium`',
    pomerium: report.checkFailure('config: missing databroker storage backend dsn'),
  });
};

const LOG_LEVELS = [
  '',
  'trace',
  'debug',
  'info',
  'warn',
  'warning',
  'error',
  'critical',
  'fatal',
  'panic',
  'off',
  'none',
  'disabled',
];
const SAME_SITE = ['', 'strict', 'lax', 'none'];

const checkWords: Check = (keys, report) => {
  const check = (
    key: 'cookie_same_site' | 'log_level' | 'proxy_log_level',
    known: readonly string[],
    unknown: string,
  ): void => {
    const word = keys[key];
    if (word === undefined || known.includes(key === 'cookie_same_site' ? word.toLowerCase() : word)) return;
    const fix = `write one of ${known.filter(Boolean).join(', ')}`;
    report.add({
      code: 'BAD_VALUE',
      path: [key],
      message: `\`${key}: ${word}\` is unknown`,
      fix,
      pomerium: report.checkFailure(`config: invalid ${key}: unknown ${unknown}: ${word}`),
    });
  };
  check('cookie_same_site', SAME_SITE, 'cookie_same_site');
  check('log_level', LOG_LEVELS, 'log level');
  check('proxy_log_level', LOG_LEVELS, 'log level');
};

const checkDomainLists: Check = (keys, report) => {
  if (!(keys.runtime_flags?.['mcp'] ?? DEFAULT_FLAGS['mcp'])) return;
  for (const key of ['mcp_allowed_client_id_domains', 'mcp_allowed_as_metadata_domains'] as const) {
    keys[key]?.forEach((domain, i) => {
      if (domain !== '') return;
      const pomerium = report.checkFailure(`config: ${key}[${i}] cannot be empty`);
      report.add({
        code: 'EMPTY_DOMAIN',
        path: [key, i],
        message: `\`${key}\` holds an empty name`,
        fix: 'write a domain such as `claude.ai`, or delete the entry',
        pomerium,
      });
    });
  }
};
