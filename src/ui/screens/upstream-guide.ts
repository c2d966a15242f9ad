/** What a route has to know of the mock upstream provider. */
export interface UpstreamGuide {
  issuer: string;
  address: { host: string; port: number };
  client: { id: string; secret: string };
  gateway: { domain: string; port: number };
  /** File of the authority that vouches for its certificate. */
  authority: string | undefined;
}

/** Lines for pomerium-config.yaml, with static endpoints and with discovery, and what to do next. */
export function upstreamGuide({ issuer, address, client, gateway, authority }: UpstreamGuide): string {
  const { origin, hostname } = new URL(issuer);
  const base = issuer.replace(/\/$/, '');
  const host = `upstream.${gateway.domain}${gateway.port === 443 ? '' : `:${gateway.port}`}`;
  const route = [
    '  - name: upstream',
    `    from: https://${host}`,
    `    to: ${origin}/mcp`,
    ...(authority === undefined ? [] : [`    tls_custom_ca_file: ${authority}`]),
    '    policy:',
    '      - allow: { or: [{ authenticated_user: true }] }',
  ];
  const fixed = [
    ...route,
    '    mcp:',
    '      server:',
    '        upstream_oauth2:',
    `          client_id: ${client.id}`,
    `          client_secret: ${client.secret}`,
    '          scopes: [read]',
    '          endpoint:',
    `            auth_url: ${base}/authorize`,
    `            token_url: ${base}/token`,
  ];
  return [
    `Upstream provider: ${issuer}, listening on ${address.host}:${address.port}`,
    '',
    '# pomerium-config.yaml, below routes: with static endpoints',
    ...fixed,
    '',
    ...discovery(origin, hostname, route),
    '',
    'Then: mcpgw call upstream whoami    (mcpgw help upstream-faults lists what can fail; Ctrl+C ends it)',
    '',
  ].join('\n');
}

/**
 * Pomerium v0.33.1 discovers under `https://<host of to>`, whatever scheme and port `to` has (internal/mcp/upstream_auth.go), so that
 * discovery works on port 443 only.
 */
function discovery(origin: string, hostname: string, route: readonly string[]): string[] {
  if (origin !== `https://${hostname}`) {
    return [
      '# discovery: Pomerium v0.33.1 discovers at https and port 443 only: --issuer https://<name> --listen :443',
    ];
  }
  return [
    '# the same with discovery',
    ...route,
    '    mcp: { server: {} }',
    '',
    '# and at the top of the file, so that metadata may be fetched and the gateway may register there',
    `mcp_allowed_as_metadata_domains: [${hostname}]`,
    'runtime_flags: { mcp_dynamic_client_registration: true }',
  ];
}
