import { failure, ok } from '../check.ts';
import { dockerCheck } from '../docker-check.ts';

/** An editor that writes a new file and renames it leaves the container with the old one for ever; no reload helps. */
export const mountsReplaced = dockerCheck(
  { id: 'DKR-09', title: 'containers see the files as they are now', needs: ['DKR-06'] },
  ({ containers }) => {
    const blind = containers.find(({ replaced }) => replaced.length > 0);
    if (!blind) return ok('no mounted file was replaced');
    const text = `${blind.service} still sees the former ${blind.replaced.join(', ')}`;
    return failure(text, `mcpgw restart ${blind.service}`);
  },
);
