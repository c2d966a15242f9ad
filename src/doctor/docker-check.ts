import type { Check, Finding } from './check.ts';
import type { DockerState } from './patient.ts';

/** A check of what Docker says of the project's containers. */
export function dockerCheck(
  { id, title, needs }: Pick<Check, 'id' | 'title'> & { needs: readonly string[] },
  judge: (state: DockerState, now: number) => Finding,
): Check {
  return {
    id,
    area: 'docker',
    title,
    on: ['docker'],
    needs,
    async run({ docker, now }) {
      return judge(await docker(), now());
    },
  };
}
