import { access } from 'node:fs/promises';
import { failure, ok, warning, type Check } from '../check.ts';

/** Node reads NODE_EXTRA_CA_CERTS once, at its start, and goes on without a word that anybody sees when it cannot. */
export const trustVariables: Check = {
  id: 'MAC-08',
  area: 'machine',
  title: 'Node’s variables for trust are sound',
  async run({ env }) {
    if (env['NODE_TLS_REJECT_UNAUTHORIZED'] === '0')
      return failure(
        'NODE_TLS_REJECT_UNAUTHORIZED=0: clients on Node take any certificate',
        'unset NODE_TLS_REJECT_UNAUTHORIZED',
      );
    const file = env['NODE_EXTRA_CA_CERTS'];
    if (!file) return ok('none is set');
    const isThere = await access(file).then(
      () => true,
      () => false,
    );
    if (isThere) return ok(`NODE_EXTRA_CA_CERTS=${file}`);
    return warning(`NODE_EXTRA_CA_CERTS names ${file}, which cannot be read`, 'unset NODE_EXTRA_CA_CERTS');
  },
};
