import { isIP } from 'node:net';
import { createFetch, type Fetch } from '../../net/fetch.ts';
import type { Resolve } from '../../net/resolve.ts';
import { matchesDomain } from '../../pomerium/index.ts';
import type { Options } from '../../pomerium/model.ts';
import { findAddress } from '../identity/public-address.ts';
import { hostnameOf, isHttps } from './resource.ts';

/** Bytes of an answer that are read, and milliseconds it may take: Pomerium v0.33.1 internal/mcp/upstream_discovery.go. */
const MAX_BODY = 1_048_576;
const TIMEOUT = 30_000;
/** Go's http.Client follows as many. */
const MAX_REDIRECTS = 10;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

export interface Answer {
  status: number;
  body: string;
}

export interface HttpOptions {
  options: () => Options;
  /** Reaches every host. */
  fetch: Fetch;
  resolve: Resolve;
  ca: readonly string[];
  /** Lets endpoints that metadata names lie on private addresses. */
  allowPrivateHosts: boolean;
  /** Each hop of a redirect is checked as the first one was, and reserved addresses are private. */
  strict: boolean;
}

/** How the gateway reaches authorization servers. */
export class UpstreamHttp {
  readonly #o: HttpOptions;

  constructor(o: HttpOptions) {
    this.#o = o;
  }

  /** Whether metadata may be asked for at a host: one that is configured, or the host of an MCP server. */
  allows(hostname: string): boolean {
    const { mcp_allowed_as_metadata_domains: domains, routes } = this.#o.options();
    if (matchesDomain(domains, hostname)) return true;
    return routes.some(({ mcp, to }) => mcp?.server && to.some(({ url }) => hostnameOf(url) === hostname));
  }

  /** Why metadata may not be asked for under a URL; undefined: it may. */
  metadataUrlProblem(url: string): string | undefined {
    if (!isHttps(url)) return `ssrf protection: metadata URL must use https, got "${url.split(':', 1)[0]}"`;
    const hostname = hostnameOf(url);
    return this.allows(hostname) ? undefined : `domain not allowed: ${hostname} (mcp_allowed_as_metadata_domains)`;
  }

  /** A JSON document. Throws when there is none: another status than 200, no JSON, too long. */
  async document(url: string): Promise<unknown> {
    let target = url;
    for (let hop = 0; hop <= MAX_REDIRECTS; hop++) {
      const response = await this.#request(target, { headers: { accept: 'application/json' } });
      const location = REDIRECTS.has(response.status) ? response.headers.get('location') : null;
      if (location === null) return readDocument(url, response);
      await response.body?.cancel();
      target = new URL(location, target).href;
      const problem = this.#o.strict ? this.metadataUrlProblem(target) : undefined;
      if (problem !== undefined) throw new Error(`fetching ${url}: redirected to ${target}: ${problem}`);
    }
    throw new Error(`fetching ${url}: stopped after ${MAX_REDIRECTS} redirects`);
  }

  async post(url: string, contentType: string, body: string): Promise<Answer> {
    const headers = { 'content-type': contentType, accept: 'application/json' };
    const response = await this.#request(url, { method: 'POST', headers, body });
    return { status: response.status, body: await readText(response) };
  }

  async #request(url: string, init: RequestInit): Promise<Response> {
    const fetch = this.#isTrusted(url) ? this.#o.fetch : await this.#publicFetch(url);
    return fetch(url, { ...init, signal: AbortSignal.timeout(TIMEOUT) });
  }

  /** Whether the configuration itself names the host: as one of metadata, or in a static endpoint. */
  #isTrusted(url: string): boolean {
    const hostname = hostnameOf(url);
    if (this.#o.allowPrivateHosts || this.allows(hostname)) return true;
    return this.#o.options().routes.some(({ mcp }) => {
      const { auth_url: authorize, token_url: token } = mcp?.server?.upstream_oauth2?.endpoint ?? {};
      return [authorize, token, mcp?.server?.authorization_server_url].some(
        (known) => known !== undefined && hostnameOf(known) === hostname,
      );
    });
  }

  /** For a host that only others have named: its address must be public, and it is looked up once. */
  async #publicFetch(url: string): Promise<Fetch> {
    const { hostname: written, port, protocol } = new URL(url);
    const hostname = written.replace(/^\[|\]$/g, '');
    const wanted = Number(port || (protocol === 'https:' ? 443 : 80));
    const target = this.#o.resolve(hostname, wanted) ?? { host: hostname, port: wanted };
    const host = isIP(target.host) === 0 ? target.host : target.host.replace(/%.*$/, '');
    const address = await findAddress(host, false, this.#o.strict);
    return createFetch({ resolve: () => ({ host: address, port: target.port }), ca: this.#o.ca });
  }
}

async function readDocument(url: string, response: Response): Promise<unknown> {
  if (response.status !== 200) {
    await response.body?.cancel();
    throw new Error(`fetching ${url}: unexpected status ${response.status}`);
  }
  try {
    return JSON.parse(await readText(response)) as unknown;
  } catch {
    throw new Error(`decoding JSON from ${url}`);
  }
}

/** What is beyond the limit is cut off, as Pomerium does. */
async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size >= MAX_BODY) break;
  }
  return Buffer.concat(chunks).subarray(0, MAX_BODY).toString('utf8');
}
