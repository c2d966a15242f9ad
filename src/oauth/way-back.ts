import { CliError, EXIT } from '../errors.ts';
import { signInNeeded } from './errors.ts';
import { listenForCallback, type LoopbackListener } from './loopback.ts';
import { readPasted } from './pasted.ts';
import type { Discovery, ObtainTokenOptions } from './types.ts';
import { walkSignIn } from './walk.ts';

const DEFAULT_TIMEOUT = 300_000;

export interface Trip {
  /** The authorization request. */
  url: URL;
  redirectUri: string;
  state: string;
  listener: LoopbackListener | undefined;
  /** Throws when the redirect's parameters are not the answer to this request. */
  check: (parameters: URLSearchParams) => URLSearchParams;
}

/** A listener where a browser's redirect is to arrive by itself. */
export async function maybeListen(
  options: ObtainTokenOptions,
  discovery: Discovery,
): Promise<LoopbackListener | undefined> {
  const isPasted = !options.browser && options.interactive && options.callbackPort === undefined;
  if (options.as || isPasted) return undefined;
  if (options.callbackPort !== undefined) return listenForCallback(options.callbackPort);
  const kept =
    options.fresh || options.clientId !== undefined
      ? undefined
      : await options.store.registration(discovery.metadata.issuer);
  const registered = kept ? Number(new URL(kept.redirectUri).port) : 0;
  // Not every server lets a loopback redirect come back to another port than the registered one, as RFC 8252 §7.3 asks.
  return listenForCallback(registered).catch(() => listenForCallback(0));
}

/** Gets the user to the authorization endpoint and back: by itself, with a browser, or with the redirect pasted. */
export async function bringBack(options: ObtainTokenOptions, trip: Trip): Promise<URLSearchParams> {
  const { as, server, fetch, signal, note, command = `mcpgw token ${server.href}` } = options;
  const { url, redirectUri, state, listener, check } = trip;
  if (as) return check(await walkSignIn({ start: url, redirectUri, ...as, server, fetch, signal }));
  const opened = options.browser && (await options.openUrl(url.href));
  if (options.unattended && !opened) throw signInNeeded(server.href, 'no browser could be opened here', command);
  note(
    opened
      ? 'Sign in with the browser. If no window opened, use this address:'
      : 'Open this address in a browser and sign in:',
  );
  note(`\n  ${url.href}\n`);
  return withDeadline(options, async (limited) =>
    listener ? listener.wait(state, limited, check) : check(await readPasted(options.prompt, redirectUri, limited)),
  );
}

async function withDeadline<T>(
  { signal, signInTimeout = DEFAULT_TIMEOUT, command }: ObtainTokenOptions,
  wait: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const timer = setTimeout(() => deadline.abort(timedOut(signInTimeout, command)), signInTimeout);
  return wait(AbortSignal.any([signal, deadline.signal])).finally(() => clearTimeout(timer));
}

function timedOut(milliseconds: number, command = 'the command'): CliError {
  return new CliError({
    code: 'SIGN_IN_TIMEOUT',
    message: `nobody signed in within ${Math.round(milliseconds / 1000)} seconds`,
    why: 'the browser may show an error, run on another machine, or have lost the registration of this client',
    fix: `${command} --fresh           # registers anew\n${command} --no-browser      # takes the redirected address pasted back`,
    exit: EXIT.signIn,
  });
}
