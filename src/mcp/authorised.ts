import { CliError } from '../errors.ts';
import { NO_TOKEN_NEEDED, type ObtainTokenOptions, type Token } from '../oauth/index.ts';
import { ChallengeError } from './errors.ts';

/** Times that a token is renewed for one piece of work; a server that is never content must not be asked for ever. */
const MAX_RENEWALS = 2;

type Obtain = (rejected?: ObtainTokenOptions['rejected']) => Promise<Pick<Token, 'accessToken' | 'from'>>;

/**
 * Does work with a token. When the server turns the token away, it is refreshed or signed in for anew, and the work is done again; when
 * it asks for more scopes, they are asked for too. A server that asks for no token gets none.
 */
export async function withToken<T>(obtain: Obtain, work: (accessToken: string | undefined) => Promise<T>): Promise<T> {
  let token = await obtainIfNeeded(obtain);
  for (let renewals = 0; ; renewals += 1) {
    try {
      return await work(token?.accessToken);
    } catch (error) {
      if (!(error instanceof ChallengeError) || renewals >= MAX_RENEWALS || !isWorthRenewing(error, token)) throw error;
      const { status, challenge } = error;
      token = await obtain({
        accessToken: token?.accessToken ?? '',
        status,
        ...(challenge === undefined ? {} : { challenge }),
        isNew: token?.from === 'refresh',
      });
    }
  }
}

/**
 * What a sign-in of this moment brought and is turned away all the same would be turned away again. A refreshed token may be refused
 * where a new sign-in helps: a gateway whose upstream wants the user's consent anew says 401 to every token.
 */
function isWorthRenewing({ status }: ChallengeError, token: Pick<Token, 'from'> | undefined): boolean {
  return status === 403 || token?.from !== 'sign-in';
}

async function obtainIfNeeded(obtain: Obtain): Promise<Pick<Token, 'accessToken' | 'from'> | undefined> {
  try {
    return await obtain();
  } catch (error) {
    if (error instanceof CliError && error.code === NO_TOKEN_NEEDED) return undefined;
    throw error;
  }
}
