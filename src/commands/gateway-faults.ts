import { usage } from '../errors.ts';
import { FAULTS } from '../gateway/index.ts';
import { nearest } from '../nearest.ts';

/** The faults as asked for with `--fault`; throws, with a line to paste, for one that nothing would come of. */
export function checkFaults(asked: readonly string[]): readonly string[] {
  for (const fault of asked) {
    const [name = '', value] = fault.split('=');
    if (!FAULTS.some((known) => known === name)) {
      const close = nearest(name, FAULTS) ?? FAULTS[0];
      throw usage(`--fault: there is no fault \`${name}\`; there are ${FAULTS.join(', ')}`, hint(close));
    }
    if (value === undefined) continue;
    if (name !== 'slow-token') throw usage(`--fault: ${name} takes no value`, hint(name));
    if (!/^\d+$/.test(value)) throw usage(`--fault: \`${value}\` is no number of milliseconds`, hint('slow-token=200'));
  }
  return asked;
}

function hint(fault: string): string {
  return `mcpgw gateway --fault ${fault}`;
}
