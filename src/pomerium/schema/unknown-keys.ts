import { nearest } from '../../nearest.ts';
import { globalSchema } from './global.ts';
import type { Path } from '../path.ts';
import type { Finding } from '../report.ts';

/** Keys with which Pomerium refuses to start, without list indices: v0.33.1 config/options_check.go, removedConfigFields. */
const REMOVED: Readonly<Record<string, string>> = {
  client_ca: 'write `downstream_mtls: {ca: …}`',
  client_ca_file: 'write `downstream_mtls: {ca_file: …}`',
  idp_service_account: 'delete it; match an IdP claim with `claim/groups` instead of directory groups',
  idp_refresh_directory_timeout: 'delete it; directories are no longer synchronised',
  idp_refresh_directory_interval: 'delete it; directories are no longer synchronised',
  idp_qps: 'delete it; directories are no longer synchronised',
  'routes.allowed_groups': 'write `policy: [{allow: {or: [{claim/groups: NAME}]}}]`',
  'routes.set_authorization_header': 'write `set_request_headers: {Authorization: "Bearer ${pomerium.access_token}"}`',
  tracing_datadog_address: 'delete it; use the `otel_*` keys',
  tracing_jaeger_collector_endpoint: 'delete it; use the `otel_*` keys',
  tracing_jaeger_agent_endpoint: 'delete it; use the `otel_*` keys',
  tracing_zipkin_endpoint: 'delete it; use the `otel_*` keys',
  tracing_provider: 'write `otel_traces_exporter: otlp`',
  tracing_sample_rate: 'write `otel_traces_sampler_arg`',
};

/** The syntax of the pre-release of spring 2025, which no release of Pomerium understands. */
const OLD_MCP: Readonly<Record<string, string>> = {
  'routes.mcp.upstream_oauth2': 'move it one level down: `mcp: {server: {upstream_oauth2: …}}`',
  'routes.mcp.pass_upstream_access_token': 'write `mcp: {client: {}}`',
  'routes.pass_upstream_access_token': 'write `mcp: {client: {}}`',
};

/** What to say of a key that the schema does not have; `siblings` are the keys that may stand there. */
export function explainUnknownKey(path: Path, siblings: readonly string[], removedFailure: string): Finding {
  const key = String(path.at(-1));
  const general = path
    .filter((step) => typeof step === 'string')
    .join('.')
    .replace(/^policy\./, 'routes.');
  const removed = REMOVED[general];
  if (removed !== undefined) {
    const why = 'Pomerium exits when it meets this key.';
    return {
      code: 'REMOVED_KEY',
      path,
      message: `\`${key}\` was removed from Pomerium`,
      why,
      fix: removed,
      pomerium: removedFailure,
    };
  }
  const old = OLD_MCP[general];
  if (old !== undefined) {
    const why = 'This is the syntax of a pre-release; released versions ignore the key.';
    return { code: 'OLD_SYNTAX', path, message: `\`${key}\` has no effect here`, why, fix: old };
  }
  const why = 'Pomerium logs `unknown config option` and goes on without the setting.';
  return { code: 'UNKNOWN_KEY', path, message: `unknown key \`${key}\``, why, fix: suggestion(key, path, siblings) };
}

function suggestion(key: string, path: Path, siblings: readonly string[]): string {
  const close = nearest(key, siblings);
  if (close !== undefined) return `did you mean \`${close}\`?`;
  if (path.length > 1 && Object.hasOwn(globalSchema.shape, key)) return `move \`${key}\` to the top level of the file`;
  return `delete \`${key}\``;
}
