import { failure, ok, skipped, warning, type Check } from '../check.ts';
import { describeProblem, isOfSecret } from '../problems.ts';
import { count } from '../words.ts';

export const configuration: Check = {
  id: 'FIL-03',
  area: 'files',
  title: 'the configuration is one that Pomerium takes',
  needs: ['FIL-02'],
  async run({ project }) {
    const { parsed } = await project();
    const problems = parsed.problems.filter((problem) => !isOfSecret(problem));
    const errors = problems.filter((problem) => problem.severity === 'error');
    const [first, ...others] = errors.length > 0 ? errors : problems;
    if (!first) {
      if (!parsed.options) return skipped('the secrets are wrong, see SEC-01');
      return ok(`${count(parsed.options.routes.length, 'route')}, no problem found`);
    }
    const more = others.length > 0 ? ` (and ${others.length} more: mcpgw doctor -v)` : '';
    const text = `${describeProblem(first)}${more}`;
    const evidence = problems.map(describeProblem);
    const fix = first.fix ?? `edit pomerium-config.yaml${first.position ? ` at line ${first.position.line}` : ''}`;
    return errors.length > 0 ? failure(text, fix, evidence) : warning(text, fix, evidence);
  },
};
