import { mkdir, open, rm } from 'node:fs/promises';
import { CliError } from '../errors.ts';
import type { Position } from '../pomerium/model.ts';
import type { ProjectPaths } from './paths.ts';
import { parseYaml, scalarsOf } from './yaml.ts';

/** Our variables are upper case; `${pomerium.access_token}` and its like are Pomerium's own and stay. */
const VARIABLE = /\$\{([A-Z_][A-Z0-9_]*)\}/g;

export interface RenderedText {
  text: string;
  /** True when the text holds any variable. */
  needed: boolean;
  /** Names without a value, and where each stands first. */
  missing: { name: string; position: Position }[];
}

/**
 * Fills `${NAME}` in values. Comments and keys stay as they are, and so do line numbers; a filled value is written as a
 * double-quoted string, since a secret may hold anything.
 */
export function renderText(
  text: string,
  name: string,
  values: Readonly<Record<string, string | undefined>>,
): RenderedText {
  if (text.search(VARIABLE) === -1) return { text, needed: false, missing: [] };
  const file = parseYaml(text, name);
  const missing = new Map<string, Position>();
  let rendered = '';
  let done = 0;
  let needed = false;
  for (const { value, path, start, end } of scalarsOf(file.document)) {
    if (typeof value !== 'string' || value.search(VARIABLE) === -1) continue;
    needed = true;
    const filled = value.replace(VARIABLE, (whole, variable: string) => {
      if (values[variable]) return values[variable];
      if (!missing.has(variable)) missing.set(variable, file.positionOf(path));
      return whole;
    });
    rendered += `${text.slice(done, start)}${JSON.stringify(filled)}`;
    done = end;
  }
  return {
    text: rendered + text.slice(done),
    needed,
    missing: [...missing].map(([name, position]) => ({ name, position })),
  };
}

/**
 * The file that the gateway is to read: pomerium-config.yaml itself, or its rendered copy under .mcpgw/ (0600) when it holds
 * `${NAME}`. Throws with every name that has no value.
 */
export async function renderConfig(project: {
  paths: ProjectPaths;
  configText: string;
  secrets: Readonly<Record<string, string>>;
}): Promise<{ file: string; text: string; rendered: boolean }> {
  const { paths, configText, secrets } = project;
  const { text, needed, missing } = renderText(configText, 'pomerium-config.yaml', secrets);
  if (missing.length > 0) throw missingVariables(missing);
  if (!needed) {
    await rm(paths.renderedConfig, { force: true });
    return { file: paths.config, text, rendered: false };
  }
  await mkdir(paths.state, { recursive: true, mode: 0o700 });
  await writeInPlace(paths.renderedConfig, text);
  return { file: paths.renderedConfig, text, rendered: true };
}

function missingVariables(missing: RenderedText['missing']): CliError {
  const names = missing.map((one) => one.name);
  const places = missing.map(
    ({ name, position }) => `pomerium-config.yaml:${position.line}:${position.column} \${${name}}`,
  );
  return new CliError({
    code: 'VARIABLE_MISSING',
    message: `pomerium-config.yaml names ${names.join(', ')}, and .env has no value for ${names.length === 1 ? 'it' : 'them'}`,
    why: places.join('\n'),
    fix: names.map((name) => `echo '${name}=...' >> .env`).join('\n'),
    details: { missing: names },
  });
}

/**
 * A container that mounts the single file keeps the old inode for ever, so the file is written in place; and never truncated first,
 * since an empty file is a valid configuration without routes.
 */
async function writeInPlace(file: string, text: string): Promise<void> {
  const handle = await open(file, 'r+').catch(async () => open(file, 'wx', 0o600));
  try {
    await handle.chmod(0o600);
    const bytes = Buffer.from(text);
    await handle.write(bytes, 0, bytes.length, 0);
    await handle.truncate(bytes.length);
  } finally {
    await handle.close();
  }
}
