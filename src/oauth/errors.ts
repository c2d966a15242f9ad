import { CliError, EXIT } from '../errors.ts';

/** Code of the error for a server that asks for no token. */
export const NO_TOKEN_NEEDED = 'NO_TOKEN_NEEDED';

/** Nobody is here to sign in, and nothing stored helps. */
export function signInNeeded(server: string, why: string, command: string): CliError {
  return new CliError({
    code: 'SIGN_IN_NEEDED',
    message: `a sign-in is needed for ${server}`,
    why,
    // The command itself may be what has just failed, where nobody could answer.
    fix: `${command}    # in a terminal, with a browser`,
    exit: EXIT.signIn,
  });
}

/** The authorization server, the identity provider or the user said no. */
export function signInRefused(message: string, why: string | undefined, fix: string): CliError {
  return new CliError({ code: 'SIGN_IN_REFUSED', message, ...(why ? { why } : {}), fix, exit: EXIT.signIn });
}

/** What came back to the redirect URI is not the answer to our question. */
export function callbackInvalid(message: string, why?: string): CliError {
  return new CliError({
    code: 'CALLBACK_INVALID',
    message,
    why: why ?? 'it may belong to another sign-in, or somebody tampered with it; nothing was sent on',
    fix: 'run the command again and finish the sign-in in the window it opens',
    exit: EXIT.signIn,
  });
}

/** A document on the way to the authorization server is missing or says something that may not be believed. */
export function discoveryFailed(message: string, why: string | undefined, fix: string): CliError {
  return new CliError({ code: 'DISCOVERY_FAILED', message, ...(why ? { why } : {}), fix });
}

/** The answer of a token or registration endpoint cannot be used. */
export function badAnswer(url: string, what: string, cause?: unknown): CliError {
  return new CliError({
    code: 'BAD_OAUTH_ANSWER',
    message: `${url} ${what}`,
    why: 'the answer is not what RFC 6749 asks for, so no token could be taken from it',
    fix: `curl -i ${url}    # see what answers there`,
    cause,
  });
}

/** The network said no. */
export function unreachable(url: string, cause: unknown, isLocal: boolean): CliError {
  const said = cause instanceof Error ? cause.message.replace(/^fetch failed: /, '') : String(cause);
  // Node adds advice of its own (`; if the root CA is installed locally, ...`), which fits no command here.
  const reason = said.replace(/; if the root CA .*/, '');
  const untrusted = /certificate|self.signed|unable to verify|issuer/i.test(reason);
  return new CliError({
    code: untrusted ? 'CERTIFICATE_UNTRUSTED' : 'UNREACHABLE',
    message: `${url} cannot be reached: ${reason}`,
    fix: untrusted
      ? `${isLocal ? 'mcpgw doctor    # in the project folder: says who answers there\n' : ''}export NODE_EXTRA_CA_CERTS=<the authority’s PEM file>`
      : isLocal
        ? 'mcpgw up    # in the project folder'
        : `curl -sv ${url}    # shows whether it is the name, the network or the server`,
    cause,
  });
}

/** An answer that did not come in time. */
export function tooSlow(cause: unknown): CliError {
  return new CliError({
    code: 'TOO_SLOW',
    message: 'the server began its answer and did not finish it in time',
    fix: 'run the command again; mcpgw doctor looks at each server on the way',
    cause,
  });
}

/** A server that anybody may use. */
export function noTokenNeeded(server: URL): CliError {
  return new CliError({
    code: NO_TOKEN_NEEDED,
    message: `${server.href} answers without a token, and names nobody who could issue one`,
    why: 'it sent no 401 and has no protected resource metadata (RFC 9728)',
    fix: `mcpgw tools ${server.href}`,
  });
}
