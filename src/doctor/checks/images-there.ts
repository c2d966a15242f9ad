import { ok, warning } from '../check.ts';
import { dockerCheck } from '../docker-check.ts';
import { count } from '../words.ts';

export const imagesThere = dockerCheck(
  { id: 'DKR-03', title: 'the images are on this machine', needs: ['DKR-01'] },
  ({ images }) => {
    const missing = images.filter(({ architecture }) => architecture === undefined).map(({ name }) => name);
    if (missing.length === 0)
      return ok(
        count(images.length, 'image'),
        images.map(({ name }) => name),
      );
    return warning(`not here yet: ${[...new Set(missing)].join(', ')}`, 'mcpgw up    # fetches them');
  },
);
