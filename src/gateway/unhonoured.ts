import type { LogEntry } from '../net/log.ts';
import type { Options } from '../pomerium/model.ts';
import { isLogField } from './request-log.ts';
import { unknownReferences } from './request-head.ts';

/** The identity half reads these itself. */
const HONOURED_ELSEWHERE = ['cookie_http_only', 'signout_redirect_url'];
/** Between Pomerium's own parts, or without effect while `autocert`, which is warned about, is not honoured. */
const WITHOUT_EFFECT = [
  'grpc_address',
  'grpc_insecure',
  'grpc_client_timeout',
  'proxy_log_level',
  'autocert_ca',
  'autocert_dir',
  'autocert_email',
  'autocert_use_staging',
];
const SILENT = new Set([...HONOURED_ELSEWHERE, ...WITHOUT_EFFECT]);
/** Values that ask for what this gateway does anyway. */
const AS_IT_IS: Record<string, unknown> = {
  autocert: false,
  use_proxy_protocol: false,
  services: 'all',
  codec_type: 'auto',
  merge_slashes: true,
  normalize_path: true,
};

/** One warning for each key of the configuration that Pomerium would act on and this gateway does not. */
export function unhonouredKeys(options: Options): LogEntry[] {
  const global = Object.entries(options.rest).map(([key, value]) => warn(key, value));
  const fields = options.authorize_log_fields.filter((name) => !isLogField(name)).map(unknownField);
  const routes = options.routes.flatMap((route, index) => {
    const path = `routes[${index}]`;
    const references = Object.entries(route.set_request_headers).flatMap(([header, value]) =>
      unknownReferences(value).map((reference) => ({
        level: 'warn' as const,
        message: `the development gateway has no value for \${pomerium.${reference}}: it is left empty`,
        key: `${path}.set_request_headers.${header}`,
      })),
    );
    return [...Object.entries(route.rest).map(([key, value]) => warn(key, value, path)), ...references];
  });
  return [...global, ...fields, ...routes].filter((entry) => entry !== undefined);
}

function unknownField(name: string): LogEntry {
  const message = `the development gateway has no value for \`${name}\` in authorize_log_fields: it is left out`;
  return { level: 'warn', message, key: 'authorize_log_fields' };
}

function warn(key: string, value: unknown, parent?: string): LogEntry | undefined {
  if (SILENT.has(key) || (Object.hasOwn(AS_IT_IS, key) && AS_IT_IS[key] === value)) return undefined;
  const path = parent === undefined ? key : `${parent}.${key}`;
  return { level: 'warn', message: `the development gateway does not honour ${path}; Pomerium would`, key: path };
}
