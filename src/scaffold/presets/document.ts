import { HOSTED } from './hosted.ts';
import { IDENTITY_PROVIDERS } from './identity-providers.ts';
import { PROVIDERS } from './providers/index.ts';
import { REFERENCES } from './references.ts';
import type { HostedServer, IdentityProvider, Provenance, UpstreamProvider } from './types.ts';

const REGISTRATION = {
  static: 'an application registered by hand',
  dynamic: 'registers itself (RFC 7591)',
  'metadata-document': 'client ID metadata document',
} as const;

/** docs/presets.md, made of the tables. */
export function presetsDocument(): string {
  return `${[
    '# Presets',
    'What `mcpgw add <name>` and `mcpgw create --sign-in <name>` know. This page is made of the tables in `src/scaffold/presets/`: `node scripts/presets-doc.ts`. ' +
      'A day says when an entry was held against its source. **Second hand** means that this was another project’s table and not the vendor’s own page; lifetimes are general knowledge there. Vendors change these things without telling anybody.',
    '## Servers of mcpgw',
    '`mcpgw add <name>` serves them beside the gateway. Those with a provider get its token from Pomerium, in `Authorization`.',
    table(
      ['Name', 'What it is', 'Provider'],
      REFERENCES.map(({ name, title, provider }) => [code(name), title, provider ? code(provider) : '-']),
    ),
    '## Hosted MCP servers',
    '`mcpgw add <name> --hosted`; `--hosted` may be left out where mcpgw has no server of that name.',
    table(
      [
        'Name',
        'Vendor',
        'URL',
        'The gateway is known by',
        'Hosts for `mcp_allowed_as_metadata_domains`',
        'Notes',
        'Source',
      ],
      HOSTED.map(hostedRow),
    ),
    '## Upstream OAuth providers',
    'What goes into `mcp.server.upstream_oauth2`. Scopes are examples that read and do not write; `--scopes` names others. ' +
      '**Body**: the token endpoint takes the client’s secret in the body, as Pomerium v0.33.1 sends it, whatever `auth_style` says. **Basic**: it documents HTTP Basic, so the sign-in may end with “Token exchange failed”. ' +
      'With `--to <url>` any MCP server can be behind any of them.',
    table(
      ['Name', 'Provider', 'Endpoints', 'Secret', 'Scopes', 'Parameters', 'Access token', 'Refresh', 'Notes', 'Source'],
      PROVIDERS.map(providerRow),
    ),
    '## Identity providers',
    '`mcpgw create --sign-in <name>`, for public projects: who signs people in at the gateway. `--idp-url`, `--idp-client-id` and the variable `MCPGW_IDP_CLIENT_SECRET` answer its questions; what is left out is left to be filled in.',
    table(
      ['Name', 'Provider', '`idp_provider`', 'URL', 'Groups', 'Refresh token', 'Notes', 'Source'],
      IDENTITY_PROVIDERS.map(identityRow),
    ),
  ].join('\n\n')}\n`;
}

function hostedRow(server: HostedServer): string[] {
  const { name, title, url, registration, metadataDomains, caveats } = server;
  const domains = metadataDomains.map(code).join(', ') || '-';
  return [code(name), title, url, REGISTRATION[registration], domains, sentences(caveats), sourceOf(server)];
}

function providerRow(provider: UpstreamProvider): string[] {
  const { name, title, authUrl, tokenUrl, clientAuthentication, scopes, scopeSeparator, caveats } = provider;
  const params = Object.entries(provider.authorizationParams ?? {}).map(([key, value]) => code(`${key}=${value}`));
  return [
    code(name),
    `[${title}](${provider.console})`,
    `${authUrl}<br>${tokenUrl}`,
    clientAuthentication === 'basic' ? '**Basic**' : 'Body',
    scopes.length === 0 ? 'none' : `${code(scopes.join(scopeSeparator))}${scopeSeparator === ',' ? ' (commas)' : ''}`,
    params.join(', ') || '-',
    provider.lifetime,
    provider.refresh,
    sentences(caveats),
    sourceOf(provider),
  ];
}

function identityRow(provider: IdentityProvider): string[] {
  const { name, title, idpProvider, url, groups, refresh, notes } = provider;
  return [
    code(name),
    `[${title}](${provider.console})`,
    code(idpProvider),
    url ? `${code(url.example)}${url.required ? '' : ' (may be left out)'}` : '-',
    groups === false ? 'none' : groups,
    refresh ? 'yes' : 'no',
    sentences(notes),
    sourceOf(provider),
  ];
}

function sourceOf({ source, basis, checked }: Provenance): string {
  return `${source.map((url, i) => `[${i + 1}](${url})`).join(' ')}, ${checked}${basis === 'vendor' ? '' : `, ${basis}`}`;
}

function sentences(notes: readonly string[] = []): string {
  return notes.join('; ') || '-';
}

function code(text: string): string {
  return `\`${text}\``;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [head, head.map(() => '---'), ...rows].map(tableLine).join('\n');
}

function tableLine(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
}
