import type { Position } from '../pomerium/model.ts';

export interface Placeholder {
  /** `YOUR-CLIENT-ID` */
  name: string;
  position: Position;
}

/** Values that a person still has to fill in: words such as YOUR-CLIENT-ID outside of comments. */
export function findPlaceholders(configText: string): Placeholder[] {
  return configText.split('\n').flatMap((line, i) => {
    const code = line.replace(/(^|\s)#.*$/, '');
    return [...code.matchAll(/YOUR-[A-Z]+(?:-[A-Z]+)*/g)].map((match) => ({
      name: match[0],
      position: { line: i + 1, column: match.index + 1 },
    }));
  });
}
