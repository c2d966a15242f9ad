import type { Patient } from '../../src/doctor/check.ts';
import type { InProject } from './fault.ts';

type Change = (text: string) => string;

/** A change of a file that has to change it. */
export function replace(from: string | RegExp, to: string): Change {
  return (text) => {
    const changed = text.replace(from, () => to);
    if (changed === text) throw new Error(`nothing to replace: ${String(from)}`);
    return changed;
  };
}

export function append(line: string): Change {
  return (text) => `${text}${line}\n`;
}

/** Instead of `server: {}` of the healthy route. */
export function mcp(value: string): Change {
  return replace('mcp: {server: {}}', `mcp: ${value}`);
}

/** Instead of the policy of the healthy route. */
export function policy(value: string): Change {
  return replace(/policy: .*/, `policy: ${value}`);
}

/** Changes a file of the project; beside it the world is like this. */
export function edited(file: string, change: Change, world: Partial<Patient> = {}): InProject['plant'] {
  return async (place) => {
    await place.edit(file, change);
    return world;
  };
}
