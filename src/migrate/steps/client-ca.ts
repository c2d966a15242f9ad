import { append, removeAt } from '../../project/index.ts';
import { linesAt } from '../lines.ts';
import { recordOf } from '../../json.ts';
import { firstOf, type Step } from '../step.ts';

const MOVED = { client_ca: 'ca', client_ca_file: 'ca_file' } as const;

export const clientCa: Step = {
  id: 'client-ca',
  why: '`client_ca` was removed, and Pomerium exits when it meets it; it stands below `downstream_mtls` now',
  apply({ text, data }) {
    return firstOf(Object.entries(MOVED), ([old, key]) => {
      if (!(old in data)) return undefined;
      const what = `\`${old}\` is \`downstream_mtls.${key}\` now`;
      const isTwice = key in recordOf(data['downstream_mtls']);
      const [first = '', ...rest] = (isTwice ? undefined : linesAt(text, [old])) ?? [];
      const without = first === '' ? undefined : removeAt(text, [old]);
      const renamed = [first.replace(old, key), ...rest];
      return { text: without === undefined ? undefined : append(without, ['downstream_mtls'], renamed), what };
    });
  },
};
