import { PROBLEM_TEXTS } from '../../lint/index.ts';
import type { Check } from '../check.ts';
import { lintCheck, type RuleClass } from '../lint-check.ts';

/** What lint finds, by what it is about. */
const CLASSES: readonly RuleClass[] = [
  {
    id: 'FIL-04',
    title: 'rules for routes and names',
    rules: ['AUTHENTICATE_HOST_TAKEN', 'PUBLIC_MCP_ROUTE', 'SAMPLE_POLICY', 'STREAM_TIMEOUT', 'WHOAMI_NO_IDENTITY'],
  },
  {
    id: 'FIL-05',
    title: 'rules for sign-in and sessions',
    rules: ['HOSTED_AUTHENTICATE', 'NO_REFRESH', 'NO_SHARED_SECRET', 'NO_COOKIE_SECRET', 'MEMORY_STORE'],
  },
  {
    id: 'FIL-06',
    title: 'rules for clients',
    rules: ['CLIENT_DOMAIN_PATTERN', 'CLIENT_DOMAINS_REQUIRED', 'MCP_FLAG_OFF', 'NO_CLIENT_CAN_CONNECT'],
  },
  {
    id: 'FIL-07',
    title: 'rules for upstreams',
    rules: [
      'AUTHORIZATION_LOST',
      'UNKNOWN_UPSTREAM',
      'UPSTREAM_CLIENT_UNKNOWN',
      'UPSTREAM_DISCOVERY_PORT',
      'UPSTREAM_ON_LOOPBACK',
    ],
  },
  {
    id: 'FIL-08',
    title: 'rules for automatic certificates',
    rules: ['AUTOCERT_DIR_IGNORED', 'AUTOCERT_NO_REDIRECT', 'AUTOCERT_PORT', 'AUTOCERT_VOLUME', 'DEAD_PORT_80'],
  },
  {
    id: 'FIL-09',
    title: 'rules for the compose file',
    rules: [
      'DATABASE_VOLUME',
      'ENVIRONMENT_BEATS_FILE',
      'FLOATING_TAG',
      'IMAGE_LICENCE',
      'MISSING_ALIAS',
      'MOUNT_SOURCE_MISSING',
      'OPEN_DATABASE',
      'PUBLIC_SERVERS_IMAGE',
      'PUBLISHED_PORT',
    ],
  },
];

const CLASSED = new Set(CLASSES.flatMap(({ rules }) => rules));

export const ruleClasses: readonly Check[] = [
  ...CLASSES.map((one) => lintCheck(one, ({ rule }) => one.rules.includes(rule))),
  lintCheck(
    { id: 'FIL-10', title: 'all other rules of lint' },
    ({ rule }) => !CLASSED.has(rule) && !(rule in PROBLEM_TEXTS),
  ),
];
