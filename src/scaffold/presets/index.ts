import { HOSTED } from './hosted.ts';
import { PROVIDERS } from './providers/index.ts';
import { REFERENCES } from './references.ts';
import type { HostedServer, ReferenceServer, UpstreamProvider } from './types.ts';

export { hostedWarnings, providerWarnings, scopeElements } from './fit.ts';
export { HOSTED } from './hosted.ts';
export { IDENTITY_PROVIDERS } from './identity-providers.ts';
export { PROVIDERS } from './providers/index.ts';
export { REFERENCES } from './references.ts';
export type { HostedServer, IdentityProvider, ReferenceServer, UpstreamProvider } from './types.ts';

/** What `mcpgw add <name>` knows about a name. */
export interface Preset {
  name: string;
  title: string;
  reference?: ReferenceServer;
  hosted?: HostedServer;
  /** Whose token the server gets. */
  provider?: UpstreamProvider;
}

/** Applications that share everything but their registration with another preset. */
const SAME_SERVER: Readonly<Record<string, string>> = { 'github-app': 'github', 'slack-bot': 'slack' };

export function findPreset(name: string): Preset | undefined {
  const server = SAME_SERVER[name] ?? name;
  const reference = REFERENCES.find((one) => one.name === server);
  const hosted = HOSTED.find((one) => one.name === server);
  const own = PROVIDERS.find((one) => one.name === name);
  const named = reference?.provider ?? hosted?.provider;
  const provider = own ?? PROVIDERS.find((one) => one.name === named);
  if (!reference && !hosted && !provider) return undefined;
  return {
    name,
    title: own?.title ?? hosted?.title ?? reference?.title ?? name,
    ...(reference ? { reference } : {}),
    ...(hosted ? { hosted } : {}),
    ...(provider ? { provider } : {}),
  };
}

/** Every name that `mcpgw add` knows, in the order of the tables. */
export function presetNames(): string[] {
  return [...new Set([...REFERENCES, ...HOSTED, ...PROVIDERS].map(({ name }) => name))];
}

/** Whose token endpoint a URL is; undefined: nobody's known here. */
export function providerOfEndpoint(tokenUrl: string): string | undefined {
  return (
    PROVIDERS.find((one) => one.tokenUrl === tokenUrl)?.name ??
    HOSTED.find((one) => one.endpoints?.tokenUrl === tokenUrl)?.name
  );
}
