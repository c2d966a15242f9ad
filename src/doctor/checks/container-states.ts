import { failure, ok, skipped } from '../check.ts';
import { dockerCheck } from '../docker-check.ts';
import { count } from '../words.ts';

export const containerStates = dockerCheck(
  { id: 'DKR-06', title: 'every container runs', needs: ['DKR-01'] },
  ({ containers }) => {
    if (containers.length === 0) return skipped('there are no containers; mcpgw up makes them');
    const evidence = containers.map(({ service, state, exitCode }) => `${service}: ${state}, exit code ${exitCode}`);
    const ill = containers.find(({ state }) => state !== 'running');
    if (!ill) return ok(count(containers.length, 'container'), evidence);
    const why = ill.outOfMemory ? 'the kernel ended it for want of memory' : ill.error || `exit code ${ill.exitCode}`;
    return failure(`${ill.service} is ${ill.state}: ${why}`, `mcpgw logs ${ill.service}`, evidence);
  },
);
