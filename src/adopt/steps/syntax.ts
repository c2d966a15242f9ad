import { migrate } from '../../migrate/index.ts';
import { CONFIG_FILE } from '../../project/paths.ts';
import type { Step } from '../draft.ts';

/** The syntax of earlier releases goes first: the other steps know today's alone. */
export const syntax: Step = (draft, { found }) => {
  const { text, changes, byHand, afterwards } = migrate(draft.config, found.config.name);
  return {
    ...draft,
    config: text,
    changes: [...draft.changes, ...changes.map(({ what, why }) => ({ file: CONFIG_FILE, what, why }))],
    byHand: [...draft.byHand, ...byHand.map(({ what, why }) => ({ what, why }))],
    afterwards: [...draft.afterwards, ...afterwards],
  };
};
