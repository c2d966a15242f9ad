export const NANGO = 'https://github.com/NangoHQ/nango/blob/master/packages/providers/providers.yaml';
export const CHECKED = '2026-11-23';

/** Others turn PKCE off for these; Pomerium v0.33.1 always sends it. internal/mcp/upstream_auth.go */
export const PKCE =
  'other clients leave PKCE out here and Pomerium always sends it; a provider that does not know it ignores it (RFC 7636 §5), which was not seen for this one';
