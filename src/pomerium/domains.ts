/**
 * certmagic's wildcard match, which Pomerium v0.33.1 uses in internal/mcp/domain_matcher.go: an exact name in any case, or a pattern in
 * which `*` stands for exactly one label.
 */
function matchesWildcard(host: string, pattern: string): boolean {
  if (host === pattern) return true;
  if (!pattern.includes('*')) return false;
  const labels = host.split('.');
  for (let i = 0; i < labels.length; i++) {
    // An empty label is no label: `*.` does not match `example.`.
    if (labels[i] === '') continue;
    labels[i] = '*';
    if (labels.join('.') === pattern) return true;
  }
  return false;
}

/** Whether one of the patterns of `mcp_allowed_client_id_domains` covers the bare host name. */
export function matchesDomain(patterns: readonly string[], host: string): boolean {
  const name = host.toLowerCase();
  return patterns.some((pattern) => matchesWildcard(name, pattern.toLowerCase()));
}
