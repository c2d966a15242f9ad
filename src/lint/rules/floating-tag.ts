import type { Rule } from '../rule.ts';
import { tagOf } from '../subject.ts';

const FLOATING = new Set(['latest', 'main', 'master', 'edge', 'nightly']);

export const floatingTag: Rule = {
  id: 'FLOATING_TAG',
  severity: 'warning',
  title: 'Pomerium’s image is pinned to a release',
  why: 'A floating tag brings another Pomerium with the next pull, and with it other rules: v0.33.0 switched registration off and moved a callback path.',
  fix: 'write pomerium/pomerium:v0.33.1',
  source: 'Pomerium release notes v0.33.0',
  *check({ compose }) {
    for (const { name, image = '' } of compose?.model.services ?? []) {
      const tag = tagOf(image);
      if (!/(^|\/)pomerium\/(pomerium|mcp-app-demo)([:@]|$)/.test(image) || tag === undefined || !FLOATING.has(tag))
        continue;
      yield { in: 'compose', path: ['services', name, 'image'], message: `${image} is another image every day` };
    }
  },
};
