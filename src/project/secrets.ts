import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../atomic-file.ts';
import { parseEnvFile } from './env-file.ts';
import type { Project } from './load.ts';
import { CONFIG_FILE, COMPOSE_FILE } from './paths.ts';
import { parseYaml, scalarsOf } from './yaml.ts';

export interface FoundSecret {
  name: string;
  /** False: it stands in .env without a value, or only where it is used. */
  hasValue: boolean;
  /** `pomerium`, `idp`: services of the compose file; `pomerium-config.yaml:31`. */
  usedBy: string[];
  /** ISO 8601: when its value was made, as far as is known. */
  since: string;
  /** A variable of the shell, which beats the one in .env. */
  overridden: boolean;
}

const SECRET_NAME = /(SECRET|PASSWORD|TOKEN|_KEY|^KEY|CONNECTION_STRING)/;

/** The secrets of a project: what .env holds and the files use. Values are nobody's business here. */
export async function findSecrets(
  project: Pick<Project, 'paths' | 'composeText' | 'configText'>,
  env: Readonly<Record<string, string | undefined>>,
): Promise<FoundSecret[]> {
  const { paths, composeText, configText } = project;
  const values = parseEnvFile(await readFile(paths.env, 'utf8'));
  const uses = new Map<string, Set<string>>();
  const inConfig = usesIn(configText, CONFIG_FILE, (_path, line) => `${CONFIG_FILE}:${line}`);
  const inCompose = usesIn(composeText, COMPOSE_FILE, ([section, service]) =>
    section === 'services' ? String(service) : COMPOSE_FILE,
  );
  for (const { name, place } of [...inCompose, ...inConfig]) uses.set(name, (uses.get(name) ?? new Set()).add(place));
  // What pomerium-config.yaml names is a secret by its place alone.
  const names = [...Object.keys(values), ...inConfig.map(({ name }) => name)];
  const secret = [...new Set(names)].filter(
    (name) => SECRET_NAME.test(name) || inConfig.some((use) => use.name === name),
  );
  const sinceOf = await readAges(project);
  return secret.map((name) => ({
    name,
    hasValue: Boolean(values[name]),
    usedBy: [...(uses.get(name) ?? [])],
    since: sinceOf(name),
    overridden: Boolean(env[name]),
  }));
}

/** `${NAME}`, `${NAME:?text}` and `$NAME`, in values only. */
function usesIn(
  text: string,
  file: string,
  placeOf: (path: readonly (string | number)[], line: number) => string,
): { name: string; place: string }[] {
  const parsed = parseYaml(text, file);
  return scalarsOf(parsed.document).flatMap(({ value, path }) =>
    [...String(value).matchAll(/(?<!\$)\$(?:\{([A-Z_][A-Z0-9_]*)|([A-Z_][A-Z0-9_]*))/g)].map((match) => ({
      name: match[1] ?? match[2] ?? '',
      place: placeOf(path, parsed.positionOf(path).line),
    })),
  );
}

function agesFile(state: string): string {
  return join(state, 'secrets.json');
}

/** When each value was made: as noted at its rotation, else when .env was. */
async function readAges({ paths }: Pick<Project, 'paths'>): Promise<(name: string) => string> {
  const noted = await readNoted(paths.state);
  const { birthtime } = await stat(paths.env);
  return (name) => noted[name] ?? birthtime.toISOString();
}

async function readNoted(state: string): Promise<Record<string, string>> {
  try {
    return JSON.parse(await readFile(agesFile(state), 'utf8')) as Record<string, string>;
  } catch {
    return {};
  }
}

/** Notes that values were made now. The others keep their age, which a .env that is written anew no longer tells. */
export async function noteRotation(
  { paths }: Pick<Project, 'paths'>,
  before: readonly Pick<FoundSecret, 'name' | 'since'>[],
  rotated: readonly string[],
  now: number,
): Promise<void> {
  const noted = Object.fromEntries(before.map(({ name, since }) => [name, since]));
  for (const name of rotated) noted[name] = new Date(now).toISOString();
  await writeFileAtomic(agesFile(paths.state), `${JSON.stringify(noted, null, 2)}\n`, 0o600);
}
