/**
 * `authorize_log_fields` when the configuration is silent: Pomerium v0.33.1 pkg/logfields/authorize.go, without the two checksums of
 * Pomerium's own structures, which nobody else can work out.
 */
export const DEFAULT_AUTHORIZE_LOG_FIELDS: readonly string[] = [
  'request-id',
  'check-request-id',
  'method',
  'path',
  'host',
  'ip',
  'session-id',
  'impersonate-session-id',
  'impersonate-user-id',
  'impersonate-email',
  'removed-groups-count',
  'service-account-id',
  'user',
  'email',
  'envoy-route-id',
  'route-id',
];
