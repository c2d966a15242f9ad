import { ok, skipped, warning } from '../check.ts';
import { dockerCheck } from '../docker-check.ts';
import { count } from '../words.ts';

export const volumesThere = dockerCheck(
  { id: 'DKR-10', title: 'the volumes are there', needs: ['DKR-06'] },
  ({ containers, volumes, declaredVolumes }) => {
    if (containers.length === 0) return skipped('there are no containers; mcpgw up makes them');
    const lost = declaredVolumes.filter((name) => !volumes.includes(name));
    if (lost.length === 0) return ok(count(declaredVolumes.length, 'volume'), declaredVolumes);
    return warning(`not there: ${lost.join(', ')}; sessions and clients do not outlive a container`, 'mcpgw up');
  },
);
