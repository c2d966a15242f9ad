import { createHash, randomBytes } from 'node:crypto';
import type { WireResponse } from './wire.ts';

/** A person with a browser, and the MCP client that they use. */
export class Visitor {
  /** Of the client's authorization requests. */
  readonly verifier = randomBytes(32).toString('base64url');
  clientId = '';
  accessToken = '';
  refreshToken = '';
  readonly #jars = new Map<string, Map<string, string>>();

  get challenge(): string {
    return createHash('sha256').update(this.verifier).digest('base64url');
  }

  /** Keeps what a token endpoint answered. */
  takeTokens(response: WireResponse): void {
    const tokens = JSON.parse(response.body.toString()) as { access_token: string; refresh_token: string };
    this.accessToken = tokens.access_token;
    this.refreshToken = tokens.refresh_token;
  }

  /** The cookies for a host. The session's cookie opens every host of the installation, so the one of another host will do. */
  cookieHeader(host: string): string {
    const jar = new Map(this.#jars.get(host));
    const session = [...this.#jars.values()]
      .map((other) => other.get('_pomerium'))
      .find((value) => value !== undefined);
    if (session !== undefined && !jar.has('_pomerium') && !host.startsWith('auth.')) jar.set('_pomerium', session);
    return [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  keep(host: string, response: WireResponse): void {
    const jar = this.#jars.get(host) ?? new Map<string, string>();
    this.#jars.set(host, jar);
    const lines = response.headers.get('set-cookie') ?? '';
    for (const line of lines.split(/, (?=_pomerium)/)) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (line.includes('Max-Age=0')) jar.delete(name);
      else if (name !== '') jar.set(name, value);
    }
  }
}
