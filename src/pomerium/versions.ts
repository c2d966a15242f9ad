/**
 * What behaves differently from one release of Pomerium to the next, as far as MCP is concerned. Each entry was read in the source of the
 * tag that it names, unless it says otherwise.
 */

export interface Release {
  name: string;
  /** ISO date; absent: not known. */
  date?: string;
  /** Of the official binaries and images; the source is Apache-2.0 throughout. */
  licence: 'Apache-2.0' | 'Pomerium Community Edition License';
  /** False: its MCP behaviour was not read, and is taken for that of the one before. */
  isKnown: boolean;
}

const apache = (name: string, date: string): Release => ({ name, date, licence: 'Apache-2.0', isKnown: true });

/** The first and the last patch of each minor release, those that changed something between, and `next`: the main branch. */
export const RELEASES: readonly Release[] = [
  apache('v0.30.0', '2025-07-08'),
  apache('v0.30.8', '2025-12-10'),
  apache('v0.31.0', '2025-10-14'),
  apache('v0.31.3', '2025-12-10'),
  apache('v0.32.0', '2026-01-16'),
  apache('v0.32.1', '2026-02-18'),
  apache('v0.32.9', '2026-06-15'),
  apache('v0.33.0', '2026-07-15'),
  apache('v0.33.1', '2026-08-12'),
  // Release notes of the ingress controller v0.34.0: binaries and images from v0.34 on, those of the main branch too.
  { name: 'v0.34.0', licence: 'Pomerium Community Edition License', isKnown: false },
  { name: 'next', date: '2026-08-20', licence: 'Pomerium Community Edition License', isKnown: true },
];

/** A value from a release on. */
interface Change<T> {
  since: string;
  value: T;
  source: string;
}

const from = <const T>(since: string, value: T, source: string): Change<T> => ({ since, value, source });

const FLAGS = 'config/runtime_flags.go';
const METADATA = 'internal/mcp/handler_metadata.go';
const CHECK = 'authorize/check_response.go';

const CHANGES = {
  /** What was written on the main branch before the first release: `mcp: {}`, `mcp.upstream_oauth2`, `pass_upstream_access_token`. */
  oldSyntax: [from('v0.30.0', 'refused', 'config/policy.go')],
  /** Default of the runtime flag `mcp`. */
  mcpFlag: [from('v0.30.0', false, FLAGS), from('v0.33.0', true, FLAGS)],
  /** The runtime flag `mcp_dynamic_client_registration`: clients may always register, or only when it is set. */
  registration: [from('v0.30.0', 'always', METADATA), from('v0.33.0', 'by flag, off by default', FLAGS)],
  /** Client ID metadata documents, and `mcp_allowed_client_id_domains`: not there, required while MCP is on, or optional. */
  clientIdDomains: [
    from('v0.30.0', 'unknown', 'config/options.go'),
    from('v0.32.0', 'required', 'config/options.go'),
    from('v0.32.1', 'optional', 'config/options.go'),
  ],
  /** `mcp_allowed_as_metadata_domains`, and with it discovery of upstream authorization servers. */
  upstreamDiscovery: [from('v0.30.0', false, 'config/options.go'), from('v0.33.0', true, 'config/options.go')],
  /** Keys below `mcp.server` that are accepted. */
  serverKeys: [
    from('v0.30.0', ['max_request_bytes', 'upstream_oauth2'], 'config/policy.go'),
    from('v0.31.0', ['max_request_bytes', 'path', 'upstream_oauth2'], 'config/policy.go'),
    from('v0.33.0', ['authorization_server_url', 'max_request_bytes', 'path', 'upstream_oauth2'], 'config/policy.go'),
  ],
  /** `upstream_oauth2.authorization_url_params`. */
  authorizationUrlParams: [from('v0.30.0', false, 'config'), from('v0.33.0', true, 'config')],
  /** Whether `upstream_oauth2.endpoint.auth_style` has an effect. */
  authStyle: [from('v0.30.0', 'honoured', 'internal/mcp'), from('v0.33.0', 'ignored', 'internal/mcp')],
  /** Where upstream providers send users back: what has to be registered there. */
  upstreamCallback: [
    from('v0.30.0', '/.pomerium/mcp/oauth/callback', 'internal/mcp/handler.go'),
    from('v0.33.0', '/.pomerium/mcp/client/oauth/callback', 'internal/mcp/handler.go'),
  ],
  /** `/.pomerium/mcp/routes/disconnect`. */
  disconnect: [from('v0.30.0', false, 'internal/mcp/handler.go'), from('v0.31.0', true, 'internal/mcp/handler.go')],
  /** The `resource_metadata` of a 401: none at all, of the host, or of the path that was asked for. */
  challenge: [from('v0.30.0', 'none', CHECK), from('v0.31.0', 'host', CHECK), from('v0.33.0', 'path', CHECK)],
  /** What the JSON of a 401 on a server route says; clients look for the second. */
  challengeWord: [from('v0.30.0', 'Unauthenticated', CHECK), from('v0.33.0', 'Unauthorized', CHECK)],
  /** The issuer's spelling. */
  issuerSlash: [from('v0.30.0', true, METADATA), from('v0.33.0', false, METADATA)],
  scopesSupported: [from('v0.30.0', ['openid', 'offline'], METADATA), from('v0.32.0', [], METADATA)],
  /** Whether the refresh grant works; it was advertised before. */
  refreshGrant: [
    from('v0.30.0', false, 'internal/mcp/handler_token.go'),
    from('v0.32.0', true, 'internal/mcp/handler_token.go'),
  ],
  /** RFC 9207: `iss` in the authorization response, and the metadata that announces it. */
  issuerInResponse: [from('v0.30.0', false, METADATA), from('next', true, 'internal/mcp/handler_authorization.go')],
  /** Whether the `iss` of an upstream that announces it is held against the one that was discovered. */
  upstreamIssuerCheck: [
    from('v0.30.0', false, 'internal/mcp'),
    from('next', true, 'internal/mcp/handler_client_oauth_callback.go'),
  ],
  /** What External Tokens and refresh tokens begin with. */
  tokenPrefixes: [
    from('v0.30.0', { access: '', refresh: '' }, 'internal/mcp/token.go'),
    from('next', { access: 'pom_mat_', refresh: 'pom_mrt_' }, 'internal/mcp/token.go'),
  ],
  /** For what `mcp_tool` holds beside a call of a matching tool. */
  toolCriterion: [
    from('v0.30.0', 'holds for every other method too', 'pkg/policy/criteria/mcp_tool.go'),
    from('v0.31.0', 'holds for matching calls only', 'pkg/policy/criteria/mcp_tool.go'),
  ],
  /** The operator `not_in`. */
  notIn: [
    from('v0.30.0', false, 'pkg/policy/criteria/matchers.go'),
    from('v0.31.0', true, 'pkg/policy/criteria/matchers.go'),
  ],
  /** Milliseconds after which a request to a server route is cut without `timeout: 0s`; 0: never. */
  serverTimeout: [
    from('v0.30.0', 30_000, 'config/envoyconfig/routes.go'),
    from('v0.33.0', 0, 'config/envoyconfig/routes.go'),
  ],
  /** Whether the client's own `Authorization` reaches the server (pomerium/pomerium#5718). */
  leaksClientToken: [from('v0.30.0', true, 'pomerium/pomerium#5718'), from('v0.31.0', false, 'pomerium/pomerium#5719')],
  forwardedHost: [
    from('v0.30.0', false, 'config/envoyconfig/routes.go'),
    from('v0.33.0', true, 'config/envoyconfig/routes.go'),
  ],
  /** `identity_providers` and `bearer_token_format: jwt`. */
  jwtBearers: [from('v0.30.0', false, 'config/options.go'), from('next', true, 'config/identity_provider.go')],
} satisfies Record<string, readonly Change<unknown>[]>;

type Changes = typeof CHANGES;
export type Topic = keyof Changes;
export type Behaviour = { readonly [K in Topic]: Changes[K][number]['value'] };

/** What a release does; of one that is not in the table, what the last one before it does. Undefined: no release with MCP. */
export function behaviourOf(release: string): Behaviour | undefined {
  // What is no release has no rank.
  if (!(rankOf(release) >= rankOf('v0.30.0'))) return undefined;
  const entries = Object.entries(CHANGES).map(([topic, changes]) => [topic, inForce(changes, release).value]);
  return Object.fromEntries(entries) as Behaviour;
}

/** Since when a release behaves so, and where that was read. */
export function sourceOf(topic: Topic, release: string): { since: string; source: string } {
  const { since, source } = inForce(CHANGES[topic], release);
  return { since, source };
}

function inForce(changes: readonly Change<unknown>[], release: string): Change<unknown> {
  const rank = rankOf(release);
  const found = changes.findLast(({ since }) => rankOf(since) <= rank) ?? changes[0];
  if (!found) throw new Error('a topic without entries');
  return found;
}

const VERSION = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?:-.*)?$/;

/** The main branch came after v0.33.1 and went into v0.34. */
const NEXT = rankOf('v0.34.0') - 0.5;

/** Orders releases; NaN for what is none. */
function rankOf(release: string): number {
  if (release === 'next') return NEXT;
  const [, major, minor, patch = '0'] = VERSION.exec(release) ?? [];
  return major === undefined ? Number.NaN : Number(major) * 1_000_000 + Number(minor) * 1_000 + Number(patch);
}

/** Whether a release is the other one or came after it. False where one of them is none. */
export function isAtLeast(release: string, other: string): boolean {
  return rankOf(release) >= rankOf(other);
}

/** The release that an image's tag or a word names: `v0.33.1`, `0.33.1`, `main`. Undefined: one that moves, or none. */
export function releaseOfTag(tag: string): string | undefined {
  if (['next', 'main', 'master'].includes(tag)) return 'next';
  const [, major, minor, patch] = VERSION.exec(tag) ?? [];
  return patch === undefined ? undefined : `v${major}.${minor}.${patch}`;
}

/** The releases that the development gateway can behave as. */
export const EMULATED = ['v0.33.1', 'next'] as const;
export type EmulatedRelease = (typeof EMULATED)[number];
export const DEFAULT_RELEASE: EmulatedRelease = 'v0.33.1';

export function isEmulated(release: string): release is EmulatedRelease {
  return EMULATED.some((one) => one === release);
}

/** What an emulated release does. */
export function emulatedBehaviour(release: EmulatedRelease): Behaviour {
  const behaviour = behaviourOf(release);
  if (!behaviour) throw new Error(`${release} is not in the table`);
  return behaviour;
}
