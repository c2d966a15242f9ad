import { lint, mendText } from '../../lint/index.ts';
import { CONFIG_FILE } from '../../project/paths.ts';
import { changed, leftByHand, type Step } from '../draft.ts';
import { subjectOf } from '../subject.ts';

/** What `mcpgw lint` calls an error is mended where one answer is right, and told where it is not. */
export const errors: Step = (draft, scene) => {
  const wrong = lint(subjectOf(draft, scene)).filter(({ severity }) => severity === 'error');
  const next = wrong
    .filter(({ mends }) => mends !== undefined)
    .reduce((one, finding) => {
      const { text, left } = mendText(one.config, [finding]);
      if (left.length > 0 || text === one.config) return one;
      const [mend] = finding.mends ?? [];
      const done = `\`${mend?.path.join('.')}\` is ${mend?.value === undefined ? 'gone' : String(mend.value)}`;
      return changed(
        one,
        { config: text },
        { file: CONFIG_FILE, what: done, why: `${finding.message}. ${finding.why ?? ''}`.trim() },
      );
    }, draft);
  const stays = lint(subjectOf(next, scene)).filter(({ severity }) => severity === 'error');
  return stays.reduce((one, { file, position, message, fix, why }) => {
    const place = position ? `${file}:${position.line}` : file;
    return leftByHand(one, `${place}: ${message}`, fix ?? why ?? 'mcpgw lint');
  }, next);
};
