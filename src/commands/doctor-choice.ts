import { CLIENTS } from '../clients/index.ts';
import { AREAS, type Check } from '../doctor/check.ts';
import { idOfClient } from '../doctor/checks/clients.ts';
import { usage } from '../errors.ts';
import { nearest } from '../nearest.ts';

export interface Choice {
  /** Checks or areas. */
  only?: string[];
  skip?: string[];
  /** A client of src/clients: only its check and what that needs. */
  client?: string;
}

/** The checks that are asked for; what is named brings along what it needs. Throws for a name that is none. */
export function chooseChecks(checks: readonly Check[], { only: named, skip = [], client }: Choice): Check[] {
  const only = client === undefined ? named : [...(named ?? []), checkOfClient(client)];
  for (const name of only ?? []) assertKnown(checks, name, 'only');
  for (const name of skip) assertKnown(checks, name, 'skip');
  const wanted = new Set(checks.filter((check) => (!only || isNamed(check, only)) && !isNamed(check, skip)));
  // Sets grow while they are walked, so needs of needs are reached too.
  for (const check of wanted) {
    for (const need of check.needs ?? []) {
      const needed = checks.find((candidate) => candidate.id === need);
      if (needed && !isNamed(needed, skip)) wanted.add(needed);
    }
  }
  if (wanted.size === 0) throw usage('--only and --skip leave no check to run', 'mcpgw doctor --list');
  return checks.filter((check) => wanted.has(check));
}

function checkOfClient(word: string): string {
  const ids = CLIENTS.map(({ id }) => id);
  if (ids.includes(word)) return idOfClient(word);
  const close = nearest(word, ids);
  throw usage(
    `--client: \`${word}\` is not known; there are ${ids.join(', ')}`,
    `mcpgw doctor --client ${close ?? 'claude-code'}`,
  );
}

function isNamed({ id, area }: Check, names: readonly string[]): boolean {
  return names.some((name) => [id, area].some((one) => one.toLowerCase() === name.toLowerCase()));
}

function assertKnown(checks: readonly Check[], name: string, flag: 'only' | 'skip'): void {
  const known = [...AREAS, ...checks.map((check) => check.id)];
  if (known.some((one) => one.toLowerCase() === name.toLowerCase())) return;
  const close = nearest(name, known);
  throw usage(
    `\`${name}\` is no check and no area${close ? `; did you mean \`${close}\`?` : ''}`,
    close ? `mcpgw doctor --${flag} ${close}` : 'mcpgw doctor --list',
  );
}
