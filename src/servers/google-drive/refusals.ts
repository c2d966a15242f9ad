import { recordOf } from '../../json.ts';
import { listOf, stringOf, type Json } from '../provider/json.ts';
import type { Meaning, Refusal } from '../provider/refusal.ts';

/** Reads every file of the user and changes none. */
export const SCOPE = 'https://www.googleapis.com/auth/drive.readonly';

/** Google names no time; its guide begins with a second. https://developers.google.com/workspace/drive/api/guides/limits */
const WAIT = 1_000;

/** Google's reason -> what it means; its status 403 says little. */
const MEANINGS: Readonly<Record<string, Meaning>> = {
  ACCESS_TOKEN_SCOPE_INSUFFICIENT: { kind: 'scope', scope: SCOPE },
  insufficientPermissions: { kind: 'scope', scope: SCOPE },
  rateLimitExceeded: { kind: 'rate-limit', wait: WAIT },
  userRateLimitExceeded: { kind: 'rate-limit', wait: WAIT },
  dailyLimitExceeded: { kind: 'rate-limit' },
  accessNotConfigured: apiOff(),
  SERVICE_DISABLED: apiOff(),
  exportSizeLimitExceeded: {
    kind: 'other',
    text: 'Google exports no document whose text is larger than 10 MB; open it in the browser',
  },
  cannotExportFile: { kind: 'other', text: 'the owner of this document does not allow it to be copied or exported' },
};

export function meaningOf({ status, headers, json }: Refusal): Meaning | undefined {
  if (status !== 403) return undefined;
  if (/error="?insufficient_scope/.test(headers.get('www-authenticate') ?? '')) return { kind: 'scope', scope: SCOPE };
  const known = reasonsOf(recordOf(json['error'])).find((reason) => Object.hasOwn(MEANINGS, reason));
  return known === undefined ? undefined : MEANINGS[known];
}

/** The newer details say more than the older errors: both may stand in one answer. */
function reasonsOf({ details, errors }: Json): string[] {
  return [...listOf(details), ...listOf(errors)].map((one) => stringOf(recordOf(one)['reason']));
}

function apiOff(): Meaning {
  return { kind: 'other', text: 'the Google Drive API is not enabled in the Google Cloud project of the OAuth client' };
}
