import { CONFIG_FILE, COMPOSE_FILE } from '../../project/paths.ts';
import { replaceScalar } from '../../project/index.ts';
import { changed, leftByHand, type Step } from '../draft.ts';
import { configMounts } from '../mounts.ts';

const SOURCE = `\${POMERIUM_CONFIG:-./${CONFIG_FILE}}`;

/** The mount follows the file's name, and lets `mcpgw up` hand over a copy in which `${NAME}` is filled in. */
export const configMount: Step = (draft, { found }) => {
  let next = draft;
  for (const { path, written, target, service } of configMounts(draft.compose, found)) {
    if (written.includes('${POMERIUM_CONFIG')) continue;
    const value = path.at(-1) === 'source' ? SOURCE : `${SOURCE}${written.slice(written.indexOf(`:${target}`))}`;
    const compose = replaceScalar(next.compose, path, value);
    next =
      compose === undefined
        ? leftByHand(next, `${COMPOSE_FILE}: ${service} mounts ${SOURCE} at ${target}`, 'an anchor stands there')
        : changed(
            next,
            { compose },
            {
              file: COMPOSE_FILE,
              what: `${service} mounts ${CONFIG_FILE}, or what POMERIUM_CONFIG names`,
              why: 'Pomerium fills in no variables; `mcpgw up` does, into a private copy, and names that one',
            },
          );
  }
  return next;
};
