import type { Fetch } from '../net/fetch.ts';
import type { Patient } from './patient.ts';
import { askAnonymously, getJson, statusOf } from './probe.ts';
import type { Server } from './servers.ts';

/** What a client finds out about a server before it signs in. */
export interface Discovered {
  /** Where the protected resource metadata is, and what it says. */
  resourceUrl: string;
  resource: Record<string, unknown>;
  /** The first of `authorization_servers`. */
  issuer: string;
  metadataUrl: string;
  metadata: Record<string, unknown>;
}

const known = new WeakMap<Patient, Map<string, Promise<Discovered>>>();
/** Milliseconds; a check has no longer. */
const PATIENCE = 4_500;

/**
 * Follows the road from a server's challenge to its authorization server's metadata, once for all checks; throws where it ends.
 */
export async function discover(patient: Patient, server: Server): Promise<Discovered> {
  const found = known.get(patient) ?? new Map<string, Promise<Discovered>>();
  known.set(patient, found);
  const walk = async (): Promise<Discovered> => follow(await patient.fetch(), server, AbortSignal.timeout(PATIENCE));
  const road = found.get(server.url.href) ?? walk();
  found.set(server.url.href, road);
  return road;
}

/** Asks for both documents of a server, as a client that sends these headers too; their bodies are left. */
export async function askDocuments(
  patient: Patient,
  server: Server,
  signal: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ url: string; headers: Headers }[]> {
  const [send, { resourceUrl, metadataUrl }] = await Promise.all([patient.fetch(), discover(patient, server)]);
  const asked = [resourceUrl, metadataUrl].map(async (url) => {
    const response = await send(url, { headers, signal });
    await response.body?.cancel();
    return { url, headers: response.headers };
  });
  return Promise.all(asked);
}

async function follow(send: Fetch, server: Server, signal: AbortSignal): Promise<Discovered> {
  const { resourceMetadata } = await askAnonymously(send, server.url, signal);
  const resourceUrl = resourceMetadata ?? wellKnown(server.url, 'oauth-protected-resource');
  const resource = await getJson(send, resourceUrl, signal);
  const [issuer] = Array.isArray(resource['authorization_servers']) ? resource['authorization_servers'] : [];
  if (typeof issuer !== 'string' || !URL.canParse(issuer))
    throw new Error(`${resourceUrl} names no authorization server`);
  const metadataUrl = await firstThere(send, metadataUrls(issuer), signal);
  if (metadataUrl === undefined) throw new Error(`${issuer} has no authorization server metadata`);
  return { resourceUrl, resource, issuer, metadataUrl, metadata: await getJson(send, metadataUrl, signal) };
}

/** RFC 9728 §3.1: the well-known part goes between host and path. */
export function wellKnown(url: URL, name: string): string {
  return `${url.origin}/.well-known/${name}${url.pathname === '/' ? '' : url.pathname}${url.search}`;
}

/** In the order in which MCP clients look (MCP 2025-11-25, authorization server metadata discovery). */
function metadataUrls(issuer: string): string[] {
  const url = new URL(issuer);
  const appended = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  const names = ['oauth-authorization-server', 'openid-configuration'];
  return [...new Set([...names.map((name) => wellKnown(url, name)), appended])];
}

async function firstThere(send: Fetch, urls: readonly string[], signal: AbortSignal): Promise<string | undefined> {
  for (const url of urls) if ((await statusOf(send, url, signal)) === 200) return url;
  return undefined;
}
