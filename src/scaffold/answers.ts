import type { Allow } from './allow.ts';
import type { ChosenProvider } from './identity-provider.ts';

/** The MCP servers a new project can begin with; each has a template of its name in templates/servers/. */
export const SERVERS = ['whoami', 'sqlite'] as const;

export type ServerName = (typeof SERVERS)[number];

/** What a project is made from. */
export interface Answers {
  /** Name of the folder. */
  title: string;
  address: 'local' | 'public';
  domain: string;
  port: number;
  /** Port of the development identity provider; local projects only. */
  idpPort: number;
  /** Who signs people in; public projects only. `hosted`: Pomerium's own service. `own`: nobody's known here. */
  signIn?: 'own' | 'hosted' | ChosenProvider;
  engine: 'docker' | 'embedded' | 'native';
  servers: readonly ServerName[];
  allow: Allow;
  /** Version of this program, which the containers run too. */
  version: string;
}

/** `domain:port` as it stands in URLs. */
export function authorityOf({ domain, port }: Pick<Answers, 'domain' | 'port'>): string {
  return port === 443 ? domain : `${domain}:${port}`;
}

/** A name that Compose takes for a project: lower case, digits, `-` and `_`. */
export function composeName(title: string): string {
  const plain = title.normalize('NFKD').toLowerCase();
  const name = plain.replace(/[^a-z0-9_-]+/g, '-').replace(/^[-_]+|-+$/g, '');
  return name === '' ? 'mcp-gateway' : name;
}
