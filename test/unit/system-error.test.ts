import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { systemError } from '../../src/system-error.ts';

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'mcpgw it’s '));
  onTestFinished(async () => rm(folder, { recursive: true, force: true }));
  return folder;
}

const failure = (code: string, path?: string): Error => Object.assign(new Error(code), { code, path });

describe('an error of the system', () => {
  test('a place that may not be written is told by the folder that is there', async () => {
    const folder = await temporaryFolder();
    expect(systemError(failure('EACCES', join(folder, 'a/.draft.tmp')))).toMatchObject({
      code: 'NO_PERMISSION',
      message: `no permission for ${folder}`,
      fix: expect.stringContaining(`ls -ld '${folder}'    # `) as unknown,
    });
    const file = join(folder, 'engine.json');
    await writeFile(file, '');
    expect(systemError(failure('EPERM', file))?.message).toBe(`${file} may not be changed`);
    expect(systemError(failure('EROFS', join(folder, 'x')))).toMatchObject({ code: 'READ_ONLY' });
  });

  test.each(['EEXIST', 'ENOTDIR'])('a file where a folder is needed (%s) is moved away by the fix', async (code) => {
    const file = join(await temporaryFolder(), '.mcpgw');
    await writeFile(file, '');
    const path = code === 'EEXIST' ? file : join(file, 'lock');
    expect(systemError(failure(code, path))).toMatchObject({
      code: 'NOT_A_FOLDER',
      message: `${file} is in the way: a folder is needed there`,
      fix: `mv '${file}' '${file}.old'`,
    });
  });

  test('a full disk is one, whoever finds it', () => {
    const sqlite = (errcode: number): Error => Object.assign(failure('ERR_SQLITE_ERROR'), { errcode });
    expect(systemError(failure('ENOSPC', '/x'))).toMatchObject({ code: 'DISK_FULL', exit: 1 });
    expect(systemError(sqlite(13))).toMatchObject({ code: 'DISK_FULL' });
    expect(systemError(sqlite(8))).toMatchObject({ code: 'READ_ONLY' });
    expect(systemError(sqlite(1))).toBeUndefined();
  });

  test('what is no matter of the system, or names no path, stays what it is', () => {
    expect(systemError(failure('EEXIST'))).toBeUndefined();
    expect(systemError(failure('ECONNREFUSED'))).toBeUndefined();
    expect(systemError('ENOSPC')).toBeUndefined();
  });
});
