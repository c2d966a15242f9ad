import { recordOf } from '../json.ts';
import { resolve } from 'node:path';
import { interpolate } from '../project/interpolate.ts';
import { dataOf } from './draft.ts';
import type { HandWritten } from './hand-written.ts';

export interface WrittenMount {
  service: string;
  /** Of the text: the item itself, or its `source`. */
  path: (string | number)[];
  written: string;
  /** Absolute; a volume's name as it is. */
  source: string;
  target: string;
}

/** Files and folders of this machine that services see, as they are written. */
export function bindMounts(
  compose: string,
  { folder, variables }: Pick<HandWritten, 'folder' | 'variables'>,
): WrittenMount[] {
  return Object.entries(recordOf(dataOf(compose)['services'])).flatMap(([service, value]) => {
    const { volumes } = recordOf(value);
    const path = ['services', service, 'volumes'];
    return (Array.isArray(volumes) ? (volumes as unknown[]) : []).flatMap((volume, i): WrittenMount[] => {
      const isText = typeof volume === 'string';
      const { type, source, target } = recordOf(volume);
      if (!isText && (type !== 'bind' || typeof source !== 'string')) return [];
      const written = isText ? volume : String(source);
      const [from = '', to = ''] = isText
        ? interpolate(written, variables).split(':')
        : [interpolate(written, variables), String(target)];
      if (!/^[./~]/.test(from)) return [];
      return [
        {
          service,
          path: [...path, i, ...(isText ? [] : ['source'])],
          written,
          source: resolve(folder, from),
          target: to,
        },
      ];
    });
  });
}

/** Those of the configuration itself. */
export function configMounts(compose: string, found: HandWritten): WrittenMount[] {
  const file = resolve(found.folder, found.config.name);
  return bindMounts(compose, found).filter(({ source }) => source === file);
}
