import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * Writes a file so that a reader sees the old text or the new one, never half of it, whatever happens in between.
 * `mode` is the file's mode from its first byte on.
 */
export async function writeFileAtomic(file: string, content: string | Uint8Array, mode = 0o644): Promise<void> {
  const draft = join(dirname(file), `.${randomBytes(6).toString('hex')}.tmp`);
  try {
    await writeDraft(draft, content, mode);
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

/** Makes a file that only its owner reads; false when there is one of that name already. */
export async function createFileExclusively(file: string, content: string): Promise<boolean> {
  try {
    await writeNew(file, content);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function writeNew(file: string, content: string): Promise<void> {
  const handle = await open(file, 'wx', 0o600);
  try {
    await handle.writeFile(content);
  } catch (error) {
    // On a full disk an empty file would stay, and be taken for somebody else's.
    await rm(file, { force: true });
    throw error;
  } finally {
    await handle.close();
  }
}

async function writeDraft(draft: string, content: string | Uint8Array, mode: number): Promise<void> {
  const handle = await open(draft, 'wx', mode);
  try {
    await handle.writeFile(content);
    // Without it a power cut can leave an empty file under the new name.
    await handle.sync();
  } finally {
    await handle.close();
  }
}
