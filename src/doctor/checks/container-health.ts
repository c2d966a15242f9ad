import { failure, ok, skipped, warning } from '../check.ts';
import { dockerCheck } from '../docker-check.ts';

/** Milliseconds within which a container's health may be unknown yet. */
const FIRST_VERDICT = 60_000;

export const containerHealth = dockerCheck(
  { id: 'DKR-08', title: 'the health checks of the containers pass', needs: ['DKR-06'] },
  ({ containers }, now) => {
    const checked = containers.filter(({ health }) => health !== undefined);
    if (checked.length === 0) return skipped('no container has a health check');
    const ill = checked.find(({ health }) => health === 'unhealthy');
    if (ill) return failure(`${ill.service} is unhealthy`, `mcpgw logs ${ill.service}`);
    const young = checked.filter(({ health }) => health === 'starting');
    // Docker's first verdict comes seconds after a start; what does answer is seen by the checks of the gateway.
    const old = young.find(({ startedAt }) => now - Date.parse(startedAt) > FIRST_VERDICT);
    if (old) return warning(`${old.service} is still starting`, `mcpgw logs ${old.service}`);
    const names = checked.map(({ service }) => service).join(', ');
    return young.length > 0 ? skipped(`${young.map(({ service }) => service).join(', ')} started just now`) : ok(names);
  },
);
