import { renameKey } from '../../project/index.ts';
import type { Step } from '../step.ts';

export const routesList: Step = {
  id: 'routes-list',
  why: '`policy` is the name of the list before v0.10; `routes` is the one that the documentation speaks of',
  apply({ text, data }) {
    if (!Array.isArray(data['policy'])) return undefined;
    if (data['routes'] !== undefined) return undefined;
    return { text: renameKey(text, ['policy'], 'routes'), what: '`policy` is `routes` now' };
  },
};
