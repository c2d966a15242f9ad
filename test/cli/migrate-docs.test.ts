import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ROOT, runProgram, temporaryFolder, type Ran } from '../helpers/program.ts';

const START = join(ROOT, 'src/start.ts');
/** Where the document says that the folder lies. */
const SHOWN_FOLDER = '/srv/gateway';

const documentText = async (): Promise<string> => readFile(join(ROOT, 'docs/migrate.md'), 'utf8');

/** A folder with the files that the document shows. */
async function exampleFolder(): Promise<string> {
  const folder = join(await temporaryFolder('migrate-docs'), 'gateway');
  await mkdir(folder);
  const files = [...(await documentText()).matchAll(/^`([\w.-]+\.yaml)`:\n\n```yaml\n([\s\S]*?)^```/gm)];
  expect(files).toHaveLength(2);
  for (const [, name = '', text = ''] of files) await writeFile(join(folder, name), text);
  return folder;
}

async function mcpgw(folder: string, command: string): Promise<Ran> {
  const env = { NO_COLOR: '1', COLUMNS: '80', MCPGW_STATE_DIR: join(folder, '../state') };
  return runProgram(process.execPath, [START, ...command.split(' ')], { cwd: folder, env });
}

test('docs/migrate.md shows what the commands print about the files that it shows', async () => {
  const folder = await exampleFolder();
  const shown = [...(await documentText()).matchAll(/^```console\n\$ mcpgw (.*)\n([\s\S]*?)^```/gm)];
  expect(shown).toHaveLength(2);
  for (const [, command = '', output] of shown) {
    const { code, stdout } = await mcpgw(folder, command);
    expect(code).toBe(0);
    expect(stdout.replaceAll(folder, SHOWN_FOLDER)).toBe(output);
  }
});

test('docs/migrate.md: what is to be done afterwards works, as far as it needs no Docker', async () => {
  const folder = await exampleFolder();
  const block = /^```sh\n([\s\S]*?)^```/m.exec(await documentText())?.[1] ?? '';
  const commands = block.split('\n').filter((line) => line !== '' && !line.startsWith('mcpgw up'));
  expect(commands).toHaveLength(2);
  for (const line of commands) {
    const { code, stdout, stderr } = await mcpgw(folder, line.replace('mcpgw ', ''));
    expect(code, stdout + stderr).toBe(0);
  }
});
