import { CliError, EXIT } from '../errors.ts';
import { plainLine } from '../plain-text.ts';
import { shellWord } from '../shell-word.ts';

/** The server wants another token: 401, or 403 with more scopes. `challenge` is its WWW-Authenticate header. */
export class ChallengeError extends CliError {
  readonly status: number;
  readonly challenge: string | undefined;

  constructor(server: URL, status: number, challenge: string | undefined) {
    super({
      code: status === 403 ? 'SCOPE_MISSING' : 'TOKEN_REFUSED',
      message:
        status === 403
          ? `${server.href} asks for more scopes than the token has`
          : `${server.href} does not accept the token`,
      why:
        status === 403
          ? plainLine(challenge ?? '')
          : 'it has expired, was issued for another server, or the gateway’s policy refuses this kind of request',
      fix: status === 403 ? 'ask for them with --scope' : `mcpgw token ${server.href} --fresh`,
      exit: EXIT.signIn,
    });
    this.status = status;
    this.challenge = challenge;
  }
}

/** The server answered with a JSON-RPC error. */
export class RpcError extends CliError {
  readonly rpcCode: number;
  readonly data: unknown;
  readonly status: number;

  constructor(server: URL, status: number, error: { code: number; message: string; data?: unknown }) {
    super({
      code: 'MCP_ERROR',
      message: `${server.href} answered: ${plainLine(error.message, 500)} (${error.code})`,
      fix: `mcpgw tools ${shellWord(server.href)}    # what the server offers`,
      details: { code: error.code, ...(error.data === undefined ? {} : { data: error.data }) },
    });
    this.rpcCode = error.code;
    this.data = error.data;
    this.status = status;
  }
}

/** Text that Pomerium answers when its policy refuses a request that it could read (v0.33.1 authorize/check_response.go). */
const DENIED = /^access denied, please see the authorization log for the request (\S+)/;

/** The gateway's refusal by policy, which arrives as a JSON-RPC error with status 200; undefined for other errors. */
export function policyDenial(server: URL, code: number, message: string): CliError | undefined {
  const requestId = code === -32602 ? DENIED.exec(message)?.[1] : undefined;
  if (requestId === undefined) return undefined;
  return new CliError({
    code: 'POLICY_DENIED',
    message: `the policy of ${server.host} refuses this request`,
    why: `request ${requestId} in the gateway’s log`,
    fix: 'sign in as another user, or change the rule; mcpgw logs gateway says which one it was',
    exit: EXIT.signIn,
    details: { requestId },
  });
}

export function badMcpAnswer(server: URL, what: string, cause?: unknown): CliError {
  return new CliError({
    code: 'BAD_MCP_ANSWER',
    message: `${server.href} ${what}`,
    why: 'an MCP server answers with JSON-RPC, as JSON or as an event stream',
    fix: `curl -i ${server.href}    # see what answers there`,
    cause,
  });
}
