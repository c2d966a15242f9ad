import type { LogGroup } from './pattern.ts';

/** `proactive upstream discovery failed` is said of every upstream that needs no sign-in, and means nothing. */
export const upstream: LogGroup = {
  id: 'LOG-06',
  title: 'upstreams and their tokens',
  patterns: [
    {
      match: /ext_proc: error getting upstream token .*(failed to connect|failed to execute query)/,
      kind: 'warning',
      text: 'calls were answered 502: the database with the upstream tokens was out of reach',
      fix: 'mcpgw doctor --only docker    # is the database up?',
    },
    {
      match: /dynamic client registration is disabled, enable the runtime flag/,
      kind: 'warning',
      text: 'an upstream wants the gateway to register itself, and that is off',
      fix: 'edit pomerium-config.yaml: runtime_flags: mcp_dynamic_client_registration: true\nmcpgw up',
    },
    {
      match: /(?<!identity\/oidc: )token exchange failed.*(invalid_client|unauthorized_client)/,
      kind: 'warning',
      text: 'an upstream provider refuses the client and its secret',
      fix: 'edit upstream_oauth2 of the route: client_id, client_secret\nmcpgw up',
    },
    {
      match: /delayed_connect_error/,
      kind: 'warning',
      text: 'an upstream could not be connected to; names under localhost never leave the gateway',
      fix: 'edit `to` of the route: a plain service name\nmcpgw up',
      // A server that was slower to start than the gateway.
      over: /http-request via_upstream/,
    },
    {
      // Envoy, "Response Code Details". The first 1,024 that are too many only wait.
      match: /upstream_reset_before_response_started\{overflow\}/,
      kind: 'warning',
      text: 'calls were answered 503: a route has more open streams and waiting calls than Envoy lets through',
      fix: 'edit the route: circuit_breaker_thresholds: {max_requests: 8192, max_connections: 8192, max_pending_requests: 8192}',
    },
  ],
};
