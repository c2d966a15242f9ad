import { recordOf } from '../json.ts';
import { parseYaml } from '../project/index.ts';
import type { HandWritten, Wishes } from './hand-written.ts';

/** One thing that is done to a file, for the person. */
export interface Change {
  /** As it is named afterwards. */
  file: string;
  what: string;
  why: string;
}

/** The project as far as it has come. Steps take one and give the next. */
export interface Draft {
  config: string;
  compose: string;
  /** Names and values that .env gets beside what it has. */
  env: Readonly<Record<string, string>>;
  changes: readonly Change[];
  /** What has a form that is not edited here. */
  byHand: readonly { what: string; why: string }[];
  /** What works as it is, and could be better. */
  advice: readonly string[];
  /** What is left to do outside of the files. */
  afterwards: readonly string[];
}

/** What every step may look at. */
export interface Scene {
  found: HandWritten;
  wishes: Wishes;
  /** The service that runs Pomerium. */
  gateway: string;
  settings: Settings;
  /** Fresh values, in case they are needed. */
  secrets: Readonly<Record<'SHARED_SECRET' | 'COOKIE_SECRET' | 'SIGNING_KEY', string>>;
}

export interface Settings {
  address: 'local' | 'public';
  domain: string;
  /** The gateway's, as clients name it. */
  port: number;
}

export type Step = (draft: Draft, scene: Scene) => Draft;

export function changed(
  draft: Draft,
  texts: Partial<Pick<Draft, 'config' | 'compose' | 'env'>>,
  change: Change,
): Draft {
  return { ...draft, ...texts, changes: [...draft.changes, change] };
}

export function leftByHand(draft: Draft, what: string, why: string): Draft {
  return { ...draft, byHand: [...draft.byHand, { what, why }] };
}

export function advised(draft: Draft, ...advice: string[]): Draft {
  return { ...draft, advice: [...draft.advice, ...advice] };
}

/** A YAML text as a map; empty when it is none. */
export function dataOf(text: string): Record<string, unknown> {
  return recordOf(parseYaml(text, '').data);
}

/** One service of a compose file, as written. */
export function serviceOf(compose: string, name: string): Record<string, unknown> {
  return recordOf(recordOf(dataOf(compose)['services'])[name]);
}
