import { allowCriteria, yamlScalar, type Allow } from './allow.ts';
import type { ServerName } from './answers.ts';
import { fillTemplate, textOf, type Templates } from './template.ts';

/** How Pomerium gets an Internal Token for a route. */
export interface UpstreamOAuth {
  clientId: string;
  /** The secret's name in .env. */
  secretName: string;
  /** Absent: Pomerium finds the endpoints by discovery. */
  endpoint?: { authUrl: string; tokenUrl: string };
  /** As Pomerium joins them, with blanks. */
  scopes: readonly string[];
  authorizationParams: Readonly<Record<string, string>>;
}

/** A route as `mcpgw add` writes it. */
export interface NewRoute {
  name: string;
  description: string;
  from: string;
  to: string;
  kind: 'server' | 'client';
  allow: Allow;
  /** The Host that the upstream is to see. */
  hostRewrite?: string;
  passIdentityHeaders?: boolean;
  oauth?: UpstreamOAuth;
}

/** The route of a server that has a template of its own, with comments that explain it. */
export function sampleRoute(
  { server, allow, ...values }: { server: ServerName; name: string; authority: string; allow: Allow },
  templates: Templates,
): string {
  const text = textOf(templates, `servers/${server}.yaml`);
  return fillTemplate(text, { ...values, allow: allowCriteria(allow) }).trimEnd();
}

/** A route as an item of `routes`, without indentation. */
export function routeText(route: NewRoute): string {
  const { name, description, from, to, hostRewrite, passIdentityHeaders, allow } = route;
  return [
    `- name: ${yamlScalar(name)}`,
    `  description: ${yamlScalar(description)}`,
    `  from: ${from}`,
    `  to: ${yamlUrl(to)}`,
    ...(hostRewrite === undefined ? [] : HOST_REWRITE_NOTE),
    ...(hostRewrite === undefined ? [] : [`  host_rewrite: ${hostRewrite}`]),
    ...(passIdentityHeaders ? ['  pass_identity_headers: true'] : []),
    '  mcp:',
    ...mcpLines(route),
    '  policy:',
    '    - allow:',
    '        or:',
    ...indented(allowCriteria(allow).split('\n'), 10),
  ].join('\n');
}

const HOST_REWRITE_NOTE = ['  # Servers for this machine refuse other names, so that no web page can reach them.'];

function mcpLines({ kind, oauth }: NewRoute): string[] {
  if (kind === 'client') return ['    client: {}'];
  if (!oauth) return ['    server: {}'];
  const { clientId, secretName, endpoint, scopes, authorizationParams } = oauth;
  const params = Object.entries(authorizationParams).map(([key, value]) => `  ${key}: ${yamlScalar(value)}`);
  return indented(
    [
      'server:',
      '  upstream_oauth2:',
      `    client_id: ${yamlScalar(clientId)}`,
      '    # Its value is in .env; `mcpgw up` fills it in.',
      `    client_secret: \${${secretName}}`,
      ...(endpoint
        ? ['    endpoint:', `      auth_url: ${endpoint.authUrl}`, `      token_url: ${endpoint.tokenUrl}`]
        : []),
      ...(scopes.length === 0 ? [] : ['    scopes:', ...scopes.map((scope) => `      - ${yamlUrl(scope)}`)]),
      ...(params.length === 0 ? [] : ['    authorization_url_params:', ...indented(params, 4)]),
    ],
    4,
  );
}

/** Bare where nothing in it can be misread, as in most URLs and scopes. */
function yamlUrl(text: string): string {
  return /^[a-z][\w.:/@+~%-]*[\w/]$/i.test(text) ? text : yamlScalar(text);
}

function indented(lines: readonly string[], columns: number): string[] {
  return lines.map((line) => `${' '.repeat(columns)}${line}`);
}
