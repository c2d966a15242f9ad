import { json, type Answer } from './http.ts';
import { MCP_PATH, resourceOrigin, type Site } from './site.ts';

/**
 * RFC 6750 §3 with the parameter of RFC 9728 §5.1, in the form that also reads as a structured field: Pomerium takes it apart as a
 * dictionary (Pomerium v0.33.1 internal/mcp/www_authenticate.go).
 */
export function challenge(site: Site, status: 401 | 403, parameters: Readonly<Record<string, string>>): Answer {
  const all = {
    resource_metadata: `${resourceOrigin(site)}/.well-known/oauth-protected-resource${MCP_PATH}`,
    ...parameters,
  };
  const fields = Object.entries(all).map(([name, value]) => `${name}="${value.replaceAll('"', "'")}"`);
  return json(
    status,
    { error: parameters['error'] ?? 'unauthorized', error_description: parameters['error_description'] },
    { 'www-authenticate': `Bearer ${fields.join(', ')}` },
  );
}
