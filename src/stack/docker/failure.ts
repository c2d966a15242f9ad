import { CliError, EXIT } from '../../errors.ts';
import type { Position, Problem } from '../../pomerium/model.ts';
import { codeFrame } from '../../project/code-frame.ts';
import type { LogLine } from '../logs/log-line.ts';
import { maskSecrets } from '../../project/mask-secrets.ts';
import { lastLines, wrongArchitecture } from './cli-errors.ts';
import { messageOf } from './log-fetch.ts';

/** What is known where a service does not come up. */
export interface Scene {
  service: string;
  /** What the service said since it was started. */
  lines: readonly LogLine[];
  configText: string;
  problems: readonly Problem[];
}

const LAST_LINES = 20;

/** Failures that no waiting mends, from the service's own words; undefined while there are none. */
export function explainLog(scene: Scene): CliError | undefined {
  const texts = scene.lines.map((line) => `${messageOf(line)} ${line.raw}`);
  const found = (pattern: RegExp): string | undefined => texts.findLast((text) => pattern.test(text));
  if (found(/28P01|password authentication failed for user/)) return databasePassword(scene);
  const incompatible = found(/database files are incompatible with server/);
  if (incompatible !== undefined) return databaseVersion(scene);
  if (found(/exec format error|exec user process caused/)) return wrongArchitecture(lastWords(scene, 3));
  if (found(/No space left on device/i)) return diskFull(scene);
  const refusal = sinceLastReload(scene.lines).findLast(isRefusal);
  return refusal && configRefused(scene, refusal);
}

/** A service that ended, or is not well, where its words explain nothing. */
export function serviceFailed(scene: Pick<Scene, 'service' | 'lines'>, how: string): CliError {
  const { service } = scene;
  return new CliError({
    code: 'SERVICE_FAILED',
    message: `${service} ${how}`,
    why: lastWords(scene) || 'it said nothing',
    fix: `mcpgw logs ${service}; nothing was removed, so the container can be looked at: docker compose ps -a`,
    exit: EXIT.unhealthy,
  });
}

/** The last lines of a service, for an error. */
export function lastWords({ lines }: Pick<Scene, 'lines'>, count = LAST_LINES): string {
  return lastLines(lines.map(messageOf).join('\n'), count);
}

/** A file that was refused and then mended is no failure any more. */
function sinceLastReload(lines: readonly LogLine[]): readonly LogLine[] {
  return lines.slice(
    lines.findLastIndex(({ fields }) => fields?.['message'] === 'config: file updated, reconfiguring...') + 1,
  );
}

/** Pomerium ends with a fatal line when it cannot start with its file, and goes on with the old one when it cannot reload. */
function isRefusal({ fields }: LogLine): boolean {
  if (typeof fields?.['error'] !== 'string') return false;
  const isConfig =
    /\bconfig(uration)?\b/.test(fields['error']) || /shared[ _]secret|cookie[ _]secret|signing/i.test(fields['error']);
  return (fields['level'] === 'fatal' && isConfig) || fields['message'] === 'config: error updating config';
}

function configRefused({ configText, problems }: Scene, { fields }: LogLine): CliError {
  const words = typeof fields?.['error'] === 'string' ? fields['error'] : '';
  const position = placeOf(words, configText, problems);
  return new CliError({
    code: 'CONFIG_REFUSED',
    message: `Pomerium refuses pomerium-config.yaml${position ? `:${position.line}:${position.column}` : ''}`,
    why: [words.slice(0, 1_000), ...(position ? [codeFrame(maskSecrets(configText), position)] : [])].join('\n'),
    fix: `edit pomerium-config.yaml${position ? ` at line ${position.line}` : ''}; then: mcpgw up`,
    ...(position ? { details: { ...position } } : {}),
  });
}

/** Where Pomerium's complaint is about: by what this program knows of its checks, else by a word that stands in the file once. */
export function placeOf(words: string, configText: string, problems: readonly Problem[]): Position | undefined {
  const known = problems.find(({ pomerium }) => pomerium !== undefined && tailOf(pomerium) === tailOf(words));
  if (known?.position) return known.position;
  const line = /\bline (\d+)\b/.exec(words)?.[1];
  if (line !== undefined) return { line: Number(line), column: 1 };
  const candidates = (tailOf(words).match(/[\w.:/@*-]{4,}/g) ?? []).toSorted((a, b) => b.length - a.length);
  for (const word of candidates) {
    const lines = configText.split('\n').flatMap((text, i) => (withoutComment(text).includes(word) ? [i] : []));
    const [only] = lines;
    if (lines.length === 1 && only !== undefined)
      return { line: only + 1, column: (configText.split('\n')[only] ?? '').indexOf(word) + 1 };
  }
  return undefined;
}

/** Without the name of the file, which is another one in the container. */
function tailOf(text: string): string {
  return text.replace(/^.*?(?:validation error |failed to read config: )/s, '');
}

function withoutComment(line: string): string {
  return line.replace(/(^|\s)#.*$/, '');
}

function databasePassword({ service }: Scene): CliError {
  return new CliError({
    code: 'DATABASE_PASSWORD',
    message: 'the database does not take POSTGRES_PASSWORD of .env',
    why: `it keeps the password that its volume was first started with; .env was made anew since (${service} says SQLSTATE 28P01)`,
    fix: 'put the old POSTGRES_PASSWORD back into .env, or give up all sessions: mcpgw down --volumes && mcpgw up',
    exit: EXIT.unhealthy,
  });
}

function databaseVersion(scene: Scene): CliError {
  return new CliError({
    code: 'DATABASE_VERSION',
    message: 'the database’s volume was written by another major version of PostgreSQL',
    why: lastWords(scene, 3),
    fix: 'name the old version in .env again: POSTGRES_IMAGE=postgres:17; or give up all sessions: mcpgw down --volumes',
    exit: EXIT.unhealthy,
  });
}

function diskFull(scene: Scene): CliError {
  return new CliError({
    code: 'DISK_FULL',
    message: `${scene.service} finds no space left on the disk that holds Docker’s volumes`,
    why: lastWords(scene, 3),
    fix: 'docker system df shows where it went; docker image prune frees what nothing uses',
  });
}
