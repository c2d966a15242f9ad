import { ok, skipped, warning } from '../check.ts';
import { dockerCheck } from '../docker-check.ts';

export const containerRestarts = dockerCheck(
  { id: 'DKR-07', title: 'no container starts again and again', needs: ['DKR-06'] },
  ({ containers }) => {
    if (containers.length === 0) return skipped('there are no containers');
    const restless = containers.filter(({ restarts }) => restarts > 0);
    const [first] = restless;
    if (!first) return ok('none was started again');
    const text = restless.map(({ service, restarts }) => `${service} ${restarts} times`).join(', ');
    return warning(`started again after a crash: ${text}`, `mcpgw logs ${first.service}`);
  },
);
