import { isRecord } from '../json.ts';
import { CliError } from '../errors.ts';
import { discard } from '../oauth/http.ts';
import { CLIENT_INFO, MODERN_VERSION, modernHeaders, modernParams } from '../oauth/envelope.ts';
import { badMcpAnswer, RpcError } from './errors.ts';
import { HttpStatusError, postNotice, postRequest } from './exchange.ts';
import { LEGACY_VERSIONS, nameHeader } from './headers.ts';
import type { McpOptions, RpcMessage } from './types.ts';

/** Errors that only servers of the stateless revision send: header mismatch, missing capability, unsupported version. */
const MODERN_ERRORS = [-32020, -32021, -32022];
const UNSUPPORTED_VERSION = -32022;
const METHOD_NOT_FOUND = -32601;

/**
 * An MCP client over Streamable HTTP for both eras of the protocol. The first request is sent the stateless way; a server that does
 * not understand it gets the initialize handshake (MCP 2026-07-28, versioning, era detection). Much smaller than the
 * official SDK, whose import alone takes longer than a whole call may.
 */
export class McpClient {
  readonly #options: McpOptions;
  #era: 'unknown' | 'modern' | 'legacy';
  #legacyHeaders: Record<string, string> = {};
  #lastId = 0;

  constructor(options: McpOptions) {
    this.#options = options;
    const { protocolVersion } = options;
    this.#era = protocolVersion === undefined ? 'unknown' : protocolVersion >= MODERN_VERSION ? 'modern' : 'legacy';
  }

  /** `headers` are sent by the stateless revision only. */
  async request(
    method: string,
    params: Record<string, unknown>,
    headers: Record<string, string> = {},
  ): Promise<Record<string, unknown>> {
    if (this.#era !== 'legacy') {
      try {
        const result = await this.#requestModern(method, params, headers);
        this.#era = 'modern';
        return result;
      } catch (error) {
        if (this.#era === 'modern' || !this.#saysLegacy(error)) throw explained(this.#options.server, error);
        this.#era = 'legacy';
      }
    }
    try {
      return await this.#requestLegacy(method, params);
    } catch (error) {
      throw explained(this.#options.server, error);
    }
  }

  /** Ends a legacy session; servers may refuse, and nobody waits for long. */
  async close(): Promise<void> {
    const { server, accessToken, fetch, signal } = this.#options;
    if (!this.#legacyHeaders['mcp-session-id'] || signal.aborted) return;
    const headers = { ...this.#legacyHeaders, ...(accessToken ? { authorization: `Bearer ${accessToken}` } : {}) };
    const ended = fetch(server, {
      method: 'DELETE',
      headers,
      signal: AbortSignal.any([signal, AbortSignal.timeout(1_000)]),
    });
    await ended.then(discard).catch(() => undefined);
  }

  async #requestModern(
    method: string,
    params: Record<string, unknown>,
    headers: Record<string, string>,
  ): Promise<Record<string, unknown>> {
    const message = { id: (this.#lastId += 1), method, params: modernParams(params) };
    return (await postRequest(this.#options, message, { ...modernHeaders(method), ...nameHeader(params), ...headers }))
      .result;
  }

  async #requestLegacy(method: string, params: Record<string, unknown>): Promise<Record<string, unknown>> {
    if (!this.#legacyHeaders['mcp-protocol-version']) await this.#initialize();
    const send = async (): Promise<Record<string, unknown>> =>
      (
        await postRequest(this.#options, { id: (this.#lastId += 1), method, params }, this.#legacyHeaders, (request) =>
          this.#refuse(request),
        )
      ).result;
    try {
      return await send();
    } catch (error) {
      // The server has forgotten the session: 2025-11-25 wants a new one.
      const isForgotten = statusOf(error) === 404 && this.#legacyHeaders['mcp-session-id'] !== undefined;
      if (!isForgotten) throw error;
      await this.#initialize();
      return send();
    }
  }

  async #initialize(): Promise<void> {
    this.#legacyHeaders = {};
    const { protocolVersion = LEGACY_VERSIONS[0] } = this.#options;
    const params = { protocolVersion, capabilities: {}, clientInfo: CLIENT_INFO };
    const { result, sessionId } = await postRequest(
      this.#options,
      { id: (this.#lastId += 1), method: 'initialize', params },
      {},
    );
    const version = String(result['protocolVersion']);
    if (!LEGACY_VERSIONS.some((known) => known === version)) {
      throw badMcpAnswer(
        this.#options.server,
        `speaks the protocol version ${version}, which this client does not know`,
      );
    }
    this.#legacyHeaders = {
      'mcp-protocol-version': version,
      ...(sessionId === undefined ? {} : { 'mcp-session-id': sessionId }),
    };
    await postNotice(this.#options, { method: 'notifications/initialized' }, this.#legacyHeaders);
  }

  /** A legacy server may ask for things that we did not offer; it must not wait for an answer for ever. */
  #refuse({ id, method }: RpcMessage): void {
    const reply =
      method === 'ping' ? { result: {} } : { error: { code: METHOD_NOT_FOUND, message: 'not offered by this client' } };
    void postNotice(this.#options, { id, ...reply }, this.#legacyHeaders).catch(() => undefined);
  }

  #saysLegacy(error: unknown): boolean {
    const status = statusOf(error);
    if (error instanceof RpcError) {
      if (error.rpcCode === UNSUPPORTED_VERSION) return namesLegacyVersion(error.data);
      if (MODERN_ERRORS.includes(error.rpcCode)) return false;
      if (status === 404 && error.rpcCode === METHOD_NOT_FOUND) return false;
      if (status === 200) return /initiali[sz]/i.test(error.message);
    }
    return status !== undefined && status >= 400 && status < 500;
  }
}

function namesLegacyVersion(data: unknown): boolean {
  const supported = isRecord(data) && Array.isArray(data['supported']) ? data['supported'] : [];
  return LEGACY_VERSIONS.some((version) => supported.includes(version));
}

function statusOf(error: unknown): number | undefined {
  return error instanceof RpcError || error instanceof HttpStatusError ? error.status : undefined;
}

function explained(server: URL, error: unknown): unknown {
  if (!(error instanceof HttpStatusError)) return error;
  if (error.status === 503 || error.status === 502 || error.status === 504) {
    return new CliError({
      code: 'SERVER_DOWN',
      message: `${server.host} answered with status ${error.status}: the MCP server behind it does not answer`,
      fix: 'mcpgw status    # then: mcpgw logs',
    });
  }
  return badMcpAnswer(server, `answered with status ${error.status}`);
}
