import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { freePorts, mcpgw, ROOT, runProgram, temporaryFolder } from '../helpers/program.ts';

/** The shell lines of the README's "By hand", in order. */
async function readmeLines(): Promise<string[]> {
  const text = await readFile(join(ROOT, 'README.md'), 'utf8');
  const byHand = text.slice(text.indexOf('<!-- test:'), text.indexOf('## What is in a project'));
  return [...byHand.matchAll(/^```sh\n([\s\S]*?)^```/gm)].flatMap((match) => (match[1] ?? '').trim().split('\n'));
}

test('the commands of the README work, in their order', async () => {
  const home = await temporaryFolder('readme');
  const bin = join(home, 'bin');
  await mkdir(bin);
  for (const name of ['mcpgw', 'create-mcp-gateway']) {
    await writeFile(
      join(bin, name),
      `#!/bin/sh\nexec '${process.execPath}' '${join(ROOT, 'bin', `${name}.js`)}' "$@"\n`,
      { mode: 0o755 },
    );
  }
  await symlink('/usr/bin/env', join(bin, 'npx'));
  const project = join(home, 'my-gateway');
  onTestFinished(
    async () => void (await mcpgw(['down'], { cwd: project, env: { MCPGW_STATE_DIR: join(home, 'state') } })),
  );

  const [port, idpPort] = await freePorts(2);
  const lines = await readmeLines();
  expect(lines.length).toBeGreaterThan(10);
  let cwd = home;
  for (const line of lines) {
    if (line.startsWith('cd ')) {
      cwd = join(cwd, line.slice(3));
      continue;
    }
    const ran = await runProgram('/bin/sh', ['-ec', line], {
      cwd,
      env: {
        PATH: `${bin}:${process.env['PATH'] ?? ''}`,
        MCPGW_STATE_DIR: join(home, 'state'),
        MCPGW_ENGINE: 'embedded',
        MCPGW_PORT: String(port),
        MCPGW_IDP_PORT: String(idpPort),
        NO_COLOR: '1',
      },
    });
    expect(ran.code, `${line}\n${ran.stdout}\n${ran.stderr}`).toBe(0);
    expect(ran.stdout.trim(), line).not.toBe('');
  }
});
