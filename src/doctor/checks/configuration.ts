import { failure, ok, skipped, warning, type Check, type Patient } from '../check.ts';
import type { Configuration } from '../configuration.ts';
import { describeProblem, isOfSecret } from '../problems.ts';
import { count } from '../words.ts';

export const configuration: Check = {
  id: 'FIL-03',
  area: 'files',
  title: 'the configuration is one that Pomerium takes',
  on: ['configuration'],
  needs: ['FIL-02'],
  async run(patient) {
    const { options, problems: all, file } = await read(patient);
    const problems = all.filter((problem) => !isOfSecret(problem));
    const errors = problems.filter((problem) => problem.severity === 'error');
    const [first, ...others] = errors.length > 0 ? errors : problems;
    if (!first) {
      if (!options) return skipped('the secrets are wrong, see SEC-01');
      return ok(`${count(options.routes.length, 'route')}, no problem found`);
    }
    const more = others.length > 0 ? ` (and ${others.length} more: mcpgw doctor -v)` : '';
    const text = `${describeProblem(first, file)}${more}`;
    const evidence = problems.map((problem) => describeProblem(problem, file));
    const fix = first.fix ?? `edit ${file}${first.position ? ` at line ${first.position.line}` : ''}`;
    return errors.length > 0 ? failure(text, fix, evidence) : warning(text, fix, evidence);
  },
};

type Seen = Pick<Configuration, 'options' | 'problems' | 'file'>;

/** A project's is read with what its engine gives to the gateway. */
async function read({ target, project, configuration: alone }: Patient): Promise<Seen> {
  if (target.kind !== 'project') return alone();
  const { parsed } = await project();
  return { options: parsed.options, problems: parsed.problems, file: 'pomerium-config.yaml' };
}
