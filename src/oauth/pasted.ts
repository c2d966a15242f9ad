import type { Prompt } from '../context.ts';
import { callbackInvalid } from './errors.ts';

/** Asks for the address that the browser ended on, where most likely nothing answers, and reads its parameters. */
export async function readPasted(
  prompt: Pick<Prompt, 'input'>,
  redirectUri: string,
  signal: AbortSignal,
): Promise<URLSearchParams> {
  const text = await prompt.input(
    {
      message: 'Paste the address that the browser ends on:',
      validate: (value) => (parsePasted(value, redirectUri) ? true : `it has to begin with ${redirectUri}?`),
    },
    signal,
  );
  const parameters = parsePasted(text, redirectUri);
  if (!parameters) {
    throw callbackInvalid(
      `the pasted text is not the redirected address, which begins with ${redirectUri}?`,
      'copy the whole address from the browser’s address bar',
    );
  }
  return parameters;
}

/** Parameters of a pasted redirect; undefined when it is another address. Only the query counts: a fragment never reaches a client. */
export function parsePasted(text: string, redirectUri: string): URLSearchParams | undefined {
  const pasted = text.trim().replace(/^['"<]|['">]$/g, '');
  if (!URL.canParse(pasted)) return undefined;
  const url = new URL(pasted);
  const expected = new URL(redirectUri);
  const isRight = url.origin === expected.origin && url.pathname === expected.pathname && url.search !== '';
  return isRight ? url.searchParams : undefined;
}
