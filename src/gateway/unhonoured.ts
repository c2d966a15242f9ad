import type { LogEntry } from '../net/log.ts';
import type { Options, Route } from '../pomerium/model.ts';
import { unknownReferences } from './header-template.ts';
import { isLogField } from './request-log.ts';
import { isFraming, isSpoken } from './route-plan.ts';

/** Keys that the model has no place for and that are honoured all the same. */
const HONOURED_ELSEWHERE = ['cookie_http_only', 'signout_redirect_url', 'id'];
/** Between Pomerium's own parts or for those who run it, or without effect while `autocert`, which is warned about, is not honoured. */
export const WITHOUT_EFFECT = [
  'auto_apply_changesets',
  'autocert_ca',
  'autocert_dir',
  'autocert_eab_key_id',
  'autocert_eab_mac_key',
  'autocert_email',
  'autocert_must_staple',
  'autocert_trusted_ca',
  'autocert_trusted_ca_file',
  'autocert_use_staging',
  'grpc_address',
  'grpc_client_timeout',
  'grpc_insecure',
  'health_check_systemd_disabled',
  'installation_id',
  'proxy_log_level',
  // BoringSSL refuses what it forbids; Node takes it from upstreams in any case.
  'tls_upstream_allow_renegotiation',
] as const;
const SILENT = new Set<string>([...HONOURED_ELSEWHERE, ...WITHOUT_EFFECT]);
/** Values that ask for what this gateway does anyway. */
const AS_IT_IS: Record<string, unknown> = {
  codec_type: 'auto',
  headers_with_underscores_action: 'reject_request',
  merge_slashes: true,
  normalize_path: true,
  path_with_escaped_slashes_action: 'reject_request',
  services: 'all',
  timeout_idle: 300_000,
  timeout_read: 30_000,
  timeout_write: 0,
  xff_num_trusted_hops: 0,
};
/** The others stand for parts of Pomerium that are not here, or for what it does inside. */
const HONOURED_FLAGS = [
  'config_hot_reload',
  'match_any_incoming_port',
  'mcp',
  'mcp_dynamic_client_registration',
  'routes_portal',
];
/** Flags without an effect that anybody could see here, off or on. */
const INNER_FLAGS = [
  'add_extra_metrics_labels',
  'authorize_use_synced_data',
  'envoy_resource_manager',
  'grpc_databroker_keepalive',
  'set_envoy_concurrency_to_go_max_procs',
];
const DEFAULT_ON = new Set(['refresh_session_at_id_token_expiration']);

/** One warning for each key of the configuration that Pomerium would act on and this gateway does not. */
export function unhonouredKeys(options: Options): LogEntry[] {
  return [
    ...leftOver(options.rest),
    ...unhonouredFlags(options.runtime_flags),
    ...(options.health_check_addr === '127.0.0.1:28080' ? [] : [notHonoured('health_check_addr')]),
    ...options.authorize_log_fields.filter((name) => !isLogField(name)).map(unknownField),
    ...(options.allow_upgrades ?? []).filter(isConnect).map((name) => noUpgrade(name, 'allow_upgrades')),
    ...options.routes.flatMap((route, index) => unhonouredInRoute(route, `routes[${index}]`)),
  ];
}

function unhonouredInRoute(route: Route, path: string): LogEntry[] {
  const headers = Object.entries(route.set_request_headers).flatMap(([header, value]) =>
    unhonouredInHeader(header, value, `${path}.set_request_headers.${header}`),
  );
  return [
    ...leftOver(route.rest, path),
    ...headers,
    ...(route.allow_upgrades ?? []).filter(isConnect).map((name) => noUpgrade(name, `${path}.allow_upgrades`)),
    ...unreached(route, path),
  ];
}

function leftOver(rest: Record<string, unknown>, parent?: string): LogEntry[] {
  return Object.entries(rest)
    .filter(([key, value]) => !SILENT.has(key) && !asksForNothing(key, value))
    .map(([key]) => notHonoured(parent === undefined ? key : `${parent}.${key}`));
}

function asksForNothing(key: string, value: unknown): boolean {
  if (Object.hasOwn(AS_IT_IS, key)) return AS_IT_IS[key] === value;
  return value === false || value === '' || (Array.isArray(value) && value.length === 0);
}

function unhonouredFlags(flags: Readonly<Record<string, boolean>>): LogEntry[] {
  return Object.entries(flags)
    .filter(([flag, value]) => ![...HONOURED_FLAGS, ...INNER_FLAGS].includes(flag) && value !== DEFAULT_ON.has(flag))
    .map(([flag]) => notHonoured(`runtime_flags.${flag}`));
}

function unhonouredInHeader(header: string, value: string, key: string): LogEntry[] {
  const message = `the development gateway writes \`${header}\` itself: what set_request_headers says is left out`;
  if (isFraming(header)) return [warning(message, key)];
  return unknownReferences(value).map((reference) =>
    warning(`the development gateway has no value for \${${reference}}: it is left empty`, key),
  );
}

/** Upstreams and addresses that are spoken to by other protocols. */
function unreached(route: Route, path: string): LogEntry[] {
  const upstreams = route.to.filter((upstream) => !isSpoken(upstream)).map(({ url }) => url);
  const from = /^https?:/i.test(route.from) ? [] : [route.from];
  return [
    ...upstreams.map((url) =>
      warning(
        `the development gateway speaks HTTP/1.1 to upstreams and does not use ${withoutUser(url)}`,
        `${path}.to`,
      ),
    ),
    ...from.map((url) => warning(`the development gateway takes no requests for ${url}`, `${path}.from`)),
  ];
}

function withoutUser(url: string): string {
  return url.replace(/\/\/[^/@]*@/, '//');
}

/** A protocol that is not asked for by the Upgrade header. */
function isConnect(name: string): boolean {
  return /^connect(?:-udp)?$/i.test(name);
}

function noUpgrade(name: string, key: string): LogEntry {
  return warning(`the development gateway has no \`${name}\`: it goes over to what the Upgrade header names`, key);
}

function unknownField(name: string): LogEntry {
  const message = `the development gateway has no value for \`${name}\` in authorize_log_fields: it is left out`;
  return warning(message, 'authorize_log_fields');
}

function notHonoured(key: string): LogEntry {
  return warning(`the development gateway does not honour ${key}; Pomerium would`, key);
}

function warning(message: string, key: string): LogEntry {
  return { level: 'warn', message, key };
}
