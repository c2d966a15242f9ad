import type { LogGroup } from './pattern.ts';

export const clientsLog: LogGroup = {
  id: 'LOG-07',
  title: 'clients are let in',
  patterns: [
    {
      match: /client domain \S+ is not (authorized|allowed)|domain not allowed/i,
      kind: 'warning',
      text: 'a client was refused: its metadata document’s domain is not allowed',
      fix: 'edit pomerium-config.yaml: mcp_allowed_client_id_domains\nmcpgw up',
    },
    {
      match: /unsupported token endpoint auth method: private_key_jwt/,
      kind: 'warning',
      text: 'ChatGPT was refused: its metadata document asks for private_key_jwt',
      fix: 'let it register: runtime_flags: mcp_dynamic_client_registration: true\nmcpgw up',
    },
    {
      match: /client metadata could not be validated|error fetching client (id )?metadata/i,
      kind: 'warning',
      text: 'a client’s metadata document could not be fetched or read',
      fix: 'let the gateway reach port 443 of its host, then try again',
    },
    {
      match: /client redirect URI does not match/i,
      kind: 'warning',
      text: 'a client came with a redirect URI that it had not registered',
      fix: 'have it register anew; Pomerium before v0.33.0 compares the port of localhost too',
    },
    {
      match: /mcp\/register: refused .*scope: must be at least 1 characters/,
      kind: 'warning',
      text: 'a client could not register: it sent an empty `scope`, as the Inspector’s command line does',
      fix: 'use a client that leaves `scope` out: mcpgw call, or the Inspector’s page',
    },
    {
      // Envoy, "Response Code Details"; both are refused by default.
      match: /http-request .*(http[12]\.unexpected_underscore|path_normalization_failed)/,
      kind: 'warning',
      text: 'requests were answered 400: Envoy takes no header name with `_`, and no `%2F` in a path',
      fix: 'have the client write `-` instead, and the slash as it is',
    },
  ],
};
