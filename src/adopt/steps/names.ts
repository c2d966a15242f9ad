import { COMPOSE_FILE } from '../../project/paths.ts';
import { alignNames } from '../../project/index.ts';
import { changed, leftByHand, type Step } from '../draft.ts';
import { subjectOf } from '../subject.ts';

const WHY =
  'a server fetches the gateway’s keys by its public name, which on one machine leads nowhere from inside a container';

/** The hosts of the routes as names of the gateway in Docker's network, as `mcpgw up` would add them. */
export const names: Step = (draft, scene) => {
  const { options } = subjectOf(draft, scene).config;
  if (!options) return draft;
  const { text, added, missing } = alignNames(draft.compose, options);
  const next = missing.reduce((one, what) => leftByHand(one, `${COMPOSE_FILE}: ${what}, under networks`, WHY), draft);
  return added.reduce((one, what) => changed(one, { compose: text }, { file: COMPOSE_FILE, what, why: WHY }), next);
};
