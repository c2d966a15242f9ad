import { readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ROOT, runProgram, temporaryFolder, type Ran } from '../helpers/program.ts';

const START = join(ROOT, 'src/start.ts');

async function mcpgw(folder: string, ...words: string[]): Promise<Ran> {
  return runProgram(process.execPath, [START, ...words], { cwd: folder, env: { NO_COLOR: '1' } });
}

async function folderWith(config: string, compose?: string): Promise<string> {
  const folder = await temporaryFolder('lint');
  await writeFile(join(folder, 'pomerium-config.yaml'), config);
  if (compose !== undefined) await writeFile(join(folder, 'compose.yaml'), compose);
  return folder;
}

const WHOAMI = `mcp_allowed_client_id_domains: [claude.ai]
routes:
  # who calls
  - from: https://whoami.corp.test
    to: http://mcp-servers:8080/whoami
    mcp: {server: {}}
    policy: [{allow: {or: [{domain: {is: corp.test}}]}}]
`;

describe('mcpgw lint', () => {
  test.each(['docker', 'embedded'])('has nothing to say about a new project for the engine %s', async (engine) => {
    const parent = await temporaryFolder('lint-new');
    await mcpgw(parent, 'create', 'gw', '--yes', '--engine', engine);
    const ran = await mcpgw(join(parent, 'gw'), 'lint', '--strict');
    expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining('nothing to say') as unknown });
  });

  test('a new public project still has its placeholders', async () => {
    const parent = await temporaryFolder('lint-public');
    const flags = ['--address', 'public', '--domain', 'gw.corp-test.org', '--allow', '@corp-test.org'];
    await mcpgw(parent, 'create', 'gw', '--yes', '--engine', 'docker', ...flags);
    const { code, stdout } = await mcpgw(join(parent, 'gw'), 'lint', '--json');
    expect(code).toBe(0);
    const { findings } = JSON.parse(stdout) as { findings: { rule: string }[] };
    expect([...new Set(findings.map(({ rule }) => rule))]).toEqual(['PLACEHOLDER']);
  });

  test('names file, line and column, shows the lines, and ends with 3', async () => {
    const folder = await folderWith(WHOAMI.replace('mcp: {server: {}}', 'mcp: {}'));
    const { code, stdout } = await mcpgw(folder, 'lint');
    expect(code).toBe(3);
    expect(stdout).toContain('✗ pomerium-config.yaml:6:5');
    expect(stdout).toContain('> 6 |     mcp: {}');
    expect(stdout).toContain('Fix: ');
    expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  });

  test('warnings end with 0, and with --strict with 3', async () => {
    const folder = await folderWith(WHOAMI);
    expect((await mcpgw(folder, 'lint')).code).toBe(0);
    expect((await mcpgw(folder, 'lint', '--strict')).code).toBe(3);
  });

  test('--fix shows the change, asks for --yes without a terminal, keeps comments and mode, and is done at the second run', async () => {
    const folder = await folderWith(WHOAMI);
    const file = join(folder, 'pomerium-config.yaml');
    const mode = (await stat(file)).mode;
    expect(await mcpgw(folder, 'lint', '--fix')).toMatchObject({ code: 2 });
    expect(await readFile(file, 'utf8')).toBe(WHOAMI);
    const dry = await mcpgw(folder, 'lint', '--fix', '--dry-run');
    expect(dry.stdout).toContain('+    pass_identity_headers: true');
    expect(await readFile(file, 'utf8')).toBe(WHOAMI);
    expect((await mcpgw(folder, 'lint', '--fix', '--yes')).stdout).toContain('Mended 1 of them');
    expect(await readFile(file, 'utf8')).toBe(`${WHOAMI}    pass_identity_headers: true\n`);
    expect((await stat(file)).mode).toBe(mode);
    expect((await mcpgw(folder, 'lint', '--fix', '--yes')).stdout).toContain('nothing to mend by itself');
  });

  test('annotations and SARIF carry place and rule', async () => {
    const folder = await folderWith(WHOAMI);
    expect((await mcpgw(folder, 'lint', '--format', 'github')).stdout).toMatch(
      /^::warning file=pomerium-config\.yaml,line=4,col=5,title=WHOAMI_NO_IDENTITY::/m,
    );
    const sarif = JSON.parse((await mcpgw(folder, 'lint', '--format', 'sarif')).stdout) as {
      version: string;
      runs: { tool: { driver: { rules: { id: string }[] } }; results: { ruleId: string; ruleIndex: number }[] }[];
    };
    expect(sarif.version).toBe('2.1.0');
    const [run] = sarif.runs;
    for (const { ruleId, ruleIndex } of run?.results ?? []) expect(run?.tool.driver.rules[ruleIndex]?.id).toBe(ruleId);
    expect(run?.results.map(({ ruleId }) => ruleId)).toContain('WHOAMI_NO_IDENTITY');
  });

  test('another release has other rules', async () => {
    const folder = await folderWith(WHOAMI);
    expect((await mcpgw(folder, 'lint', '--pomerium', 'v0.31.0')).stdout).toContain('KEY_TOO_NEW');
    expect(await mcpgw(folder, 'lint', '--pomerium', 'latest')).toMatchObject({ code: 2 });
  });

  test('a file that is not there, a folder, and no YAML are told with their fix', async () => {
    const folder = await folderWith(WHOAMI);
    for (const words of [
      ['--config', 'gone.yaml'],
      ['--config', '.'],
    ]) {
      const { code, stderr } = await mcpgw(folder, 'lint', ...words);
      expect(code).toBe(1);
      expect(stderr).toContain('NO_CONFIGURATION');
    }
    await writeFile(join(folder, 'broken.yaml'), 'routes:\n\t- from: x\n');
    expect(await mcpgw(folder, 'lint', '--config', 'broken.yaml')).toMatchObject({ code: 3 });
  });

  test('no secret is shown', async () => {
    const secret = 'kAJ28dhw8sHDw82hdw8';
    const text = `shared_secret: ${secret}\nidp_client_secret: "${secret}"\n${WHOAMI}`;
    const folder = await folderWith(
      text,
      `services:\n  pomerium:\n    image: pomerium/pomerium:main\n    environment: {COOKIE_SECRET: ${secret}}\n`,
    );
    for (const words of [['lint'], ['lint', '--json'], ['lint', '--format', 'sarif'], ['lint', '--fix', '--dry-run']]) {
      const { stdout, stderr } = await mcpgw(folder, ...words);
      expect(stdout + stderr).not.toContain(secret);
    }
  });
});
