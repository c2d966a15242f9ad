import { isRecord, recordOf } from '../json.ts';
import { readConfigText, type Config } from './step.ts';
import { STEPS } from './steps/index.ts';

export interface Migration {
  /** The whole new text; as it was when there is nothing to do. */
  text: string;
  changes: { step: string; what: string; why: string }[];
  /** What has a form that is not edited here, with the reason why it should be. */
  byHand: { step: string; what: string; why: string }[];
  /** What is left to do outside of the file. */
  afterwards: string[];
}

/** More than any file has. */
const MOST = 10_000;

/**
 * From the syntax of earlier releases to that of v0.33.1: comments, order and quotes stay. A second run finds nothing to do. Throws when the
 * text is no YAML.
 */
export function migrate(before: string, file: string): Migration {
  let text = before;
  const changes: Migration['changes'] = [];
  const byHand: Migration['byHand'] = [];
  const afterwards = new Set<string>();
  for (const step of STEPS) {
    const { id, why } = step;
    for (let i = 0; i < MOST; i++) {
      const change = step.apply(readConfigText(text, file));
      if (!change) break;
      const entry = { step: id, what: change.what, why };
      if (change.afterwards !== undefined) afterwards.add(change.afterwards);
      if (change.text === undefined || change.text === text) {
        byHand.push(entry);
        break;
      }
      text = change.text;
      changes.push(entry);
    }
  }
  if (changes.length > 0) for (const one of callbacks(readConfigText(text, file))) afterwards.add(one);
  return { text, changes, byHand, afterwards: [...afterwards] };
}

/** v0.33.0 moved the path to which providers send people back. */
function callbacks({ routes }: Config): string[] {
  return routes.flatMap(({ data, mcp }) => {
    const { from } = data;
    if (typeof from !== 'string' || !isRecord(recordOf(mcp?.['server'])['upstream_oauth2'])) return [];
    return [`register this callback with its provider: ${from}/.pomerium/mcp/client/oauth/callback`];
  });
}
