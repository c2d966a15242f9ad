import { usage } from '../errors.ts';
import {
  behaviourOf,
  DEFAULT_RELEASE,
  EMULATED,
  isEmulated,
  releaseOfTag,
  type EmulatedRelease,
} from '../pomerium/versions.ts';

/** The release that `--pomerium` names. Throws a usage error for one that the gateway cannot behave as. */
export function checkRelease(text: string | undefined): EmulatedRelease {
  const release = text === undefined ? DEFAULT_RELEASE : (releaseOfTag(text) ?? text);
  if (isEmulated(release)) return release;
  const is = behaviourOf(release)
    ? 'a release that this gateway does not behave as'
    : 'no release of Pomerium with MCP';
  throw usage(
    `--pomerium: \`${text}\` is ${is}; there are ${EMULATED.join(', ')}`,
    `mcpgw gateway --pomerium ${DEFAULT_RELEASE}`,
  );
}
