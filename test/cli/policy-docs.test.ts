import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import type { World } from '../../src/context-node.ts';
import { run } from '../../src/main.ts';
import { temporaryProject } from '../unit/project/helpers.ts';

interface Shown {
  command: string;
  output: string;
}

/** What docs/policy.md shows: each `console` block is one command and its output. */
async function shown(): Promise<Shown[]> {
  const text = await readFile(join(import.meta.dirname, '../../docs/policy.md'), 'utf8');
  return [...text.matchAll(/^```console\n\$ mcpgw (.*)\n([\s\S]*?)^```/gm)].map(([, command = '', output = '']) => ({
    command,
    output,
  }));
}

async function outputOf(command: string, cwd: string): Promise<string> {
  const stdout = new PassThrough();
  const stderr = new PassThrough();
  const stdin = new PassThrough();
  stdin.end();
  const chunks: Buffer[] = [];
  stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  const world: World = {
    cwd,
    env: { HOME: cwd, MCPGW_STATE_DIR: join(cwd, 'state'), COLUMNS: '80' },
    stdin: stdin as unknown as World['stdin'],
    stdout,
    stderr,
    execPath: process.execPath,
    signal: new AbortController().signal,
  };
  await run(command.split(' '), world);
  return Buffer.concat(chunks).toString();
}

/** A comment more in the file moves lines, and what is aligned to their numbers. */
const comparable = (text: string): string => text.replace(/:\d+/g, ':N').replace(/ +/g, ' ');

test('docs/policy.md shows what the commands print in a project that lets one domain in', async () => {
  const examples = await shown();
  expect(examples).toHaveLength(3);
  const folder = await temporaryProject();
  for (const { command, output } of examples)
    expect(comparable(await outputOf(command, folder))).toBe(comparable(output));
});
