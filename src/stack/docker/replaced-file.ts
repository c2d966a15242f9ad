import { readFile, stat } from 'node:fs/promises';
import type { Container } from './container.ts';

/**
 * Whether the file that a container mounts is no longer the one at its path: editors that write a new file and rename it leave the
 * container with the old one for ever, and no reload helps, only a restart.
 */
export async function isReplaced(container: Container, source: string, target: string): Promise<boolean> {
  if (container.state !== 'running') return false;
  const mounts = container.pid > 0 ? await readFile(`/proc/${container.pid}/mountinfo`, 'utf8').catch(() => '') : '';
  return sourceIsGone(mounts, source, target) ?? (await isYounger(source, container.startedAt));
}

/**
 * proc_pid_mountinfo(5): field 4 is the mounted file within its file system, with `//deleted` after it once its name is gone;
 * a file that was renamed shows its new name. Undefined when the mount is not there: the engine runs on another machine.
 */
export function sourceIsGone(mountinfo: string, source: string, target: string): boolean | undefined {
  for (const line of mountinfo.split('\n')) {
    const [, , , root = '', mountPoint = ''] = line.split(' ').map(unescapeOctal);
    if (mountPoint !== target) continue;
    return root.endsWith('//deleted') || fileName(root) !== fileName(source);
  }
  return undefined;
}

/** Where the mount cannot be looked at: the file was made after the container had started. */
async function isYounger(file: string, startedAt: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && found.birthtimeMs > Date.parse(startedAt);
}

function fileName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

function unescapeOctal(field: string): string {
  return field.replace(/\\(\d{3})/g, (_whole, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
