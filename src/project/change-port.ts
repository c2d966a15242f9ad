import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomic } from '../atomic-file.ts';
import { usage } from '../errors.ts';
import { COMPOSE_FILE, CONFIG_FILE } from './paths.ts';
import type { ProjectSettings } from './settings.ts';
import { parseYaml, scalarsOf } from './yaml.ts';

export interface ChangedLine {
  /** Relative to the project. */
  file: string;
  line: number;
  before: string;
  after: string;
}

export interface PortChange {
  from: number;
  to: number;
  /** New texts by file; files without a change are left out. */
  texts: Map<string, string>;
  lines: ChangedLine[];
}

const README = 'README.md';
const HTTPS = 443;

/** What moving a project to another port changes; comments, quotes and order stay. `texts` are the project's files by name. */
export function planPortChange(
  texts: ReadonlyMap<string, string>,
  settings: Pick<ProjectSettings, 'domain' | 'port' | 'idp'>,
  to: number,
): PortChange {
  const { port: from, domain, idp } = settings;
  if (!Number.isInteger(to) || to < 1 || to > 65_535)
    throw usage(`\`${to}\` is no port`, 'mcpgw up --port 9443 --save');
  if (idp?.port === to) throw usage(`port ${to} is the identity provider’s`, 'mcpgw up --port 9443 --save');
  const change: PortChange = { from, to, texts: new Map(), lines: [] };
  if (from === to) return change;
  for (const [file, before] of texts) {
    const structured = isYaml(file) ? replacePorts(before, file, from, to) : before;
    const after = replaceUrls(structured, domain, from, to);
    if (after === before) continue;
    change.texts.set(file, after);
    change.lines.push(...changedLines(file, before, after));
  }
  return change;
}

/** Moves a project to another port: routes, redirect URIs, published port, settings and README. */
export async function changePort(
  project: { folder: string; settings: Pick<ProjectSettings, 'domain' | 'port' | 'idp'> },
  to: number,
): Promise<PortChange> {
  const texts = new Map<string, string>();
  // The compose file holds the stored port, so it is read and written last: an interrupted change can be run again.
  for (const file of [CONFIG_FILE, README, COMPOSE_FILE]) {
    const text = await readFile(join(project.folder, file), 'utf8').catch(() => undefined);
    if (text !== undefined) texts.set(file, text);
  }
  const change = planPortChange(texts, project.settings, to);
  for (const [file, text] of change.texts) {
    const path = join(project.folder, file);
    await writeFileAtomic(path, text, (await stat(path)).mode & 0o777);
  }
  return change;
}

function isYaml(file: string): boolean {
  return file === CONFIG_FILE || file === COMPOSE_FILE;
}

/** Ports that stand in values of their own: `address`, the published port, `x-mcpgw.port`. */
function replacePorts(text: string, file: string, from: number, to: number): string {
  const { document } = parseYaml(text, file);
  const own = scalarsOf(document).filter(({ path, value }) => holdsPort(path, String(value), from));
  let result = '';
  let done = 0;
  for (const { start, end } of own) {
    const number = new RegExp(`(?<![\\d.])${from}(?!\\d)`, 'g');
    result += text.slice(done, start) + text.slice(start, end).replace(number, String(to));
    done = end;
  }
  return result + text.slice(done);
}

function holdsPort(path: readonly (string | number)[], value: string, port: number): boolean {
  const dotted = path.join('.');
  if (dotted === 'address') return value.endsWith(`:${port}`);
  if (dotted === 'x-mcpgw.port') return value === String(port);
  if (!/^services\.[^.]+\.ports\./.test(dotted)) return false;
  return (
    new RegExp(`(^|:)${port}:${port}(/tcp)?$`).test(value) ||
    (/\.(target|published)$/.test(dotted) && value === String(port))
  );
}

/** Every mention of the project's hosts, comments included: `https://whoami.localhost:8443`. */
function replaceUrls(text: string, domain: string, from: number, to: number): string {
  const host = `(?:[\\w-]+\\.)*${domain.replaceAll('.', '\\.')}`;
  const before =
    from === HTTPS ? `(https://${host})(?![\\w-]|:\\d|\\.\\w)` : `(?<![\\w.-])((?:https://)?${host}):${from}(?!\\d)`;
  return text.replace(new RegExp(before, 'g'), (_whole, origin: string) =>
    to === HTTPS && origin.startsWith('https://') ? origin : `${origin}:${to}`,
  );
}

/** A port takes the place of a port, so both texts have the same lines. */
function changedLines(file: string, before: string, after: string): ChangedLine[] {
  const lines = after.split('\n');
  return before.split('\n').flatMap((line, i) => {
    const other = lines[i] ?? '';
    return line === other ? [] : [{ file, line: i + 1, before: line.trim(), after: other.trim() }];
  });
}
