import { chmod, mkdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../../helpers/program.ts';
import { createPlace, patientAt, runCheck } from './world.ts';

const isRoot = process.getuid?.() === 0;

describe('the machine', () => {
  test.each(['22.19.0', '24.6.0', '24.21.0', '26.1.0'])('Node %s is taken', async (nodeVersion) => {
    expect(await runCheck('MAC-01', patientAt('/', { nodeVersion }))).toMatchObject({ kind: 'ok' });
  });

  test.each(['20.20.2', '22.18.0', '23.11.0', '24.5.0'])(
    'Node %s is refused, with a line that runs',
    async (nodeVersion) => {
      expect(await runCheck('MAC-01', patientAt('/', { nodeVersion }))).toEqual({
        kind: 'failure',
        text: `Node ${nodeVersion} is not supported: 22.19 or later, or 24.6 or later`,
        fix: 'npx -y -p node@24 -p create-mcp-gateway mcpgw doctor',
      });
    },
  );

  test('free disk space is told for the project’s folder', async () => {
    const folder = await temporaryFolder('disk');
    expect(await runCheck('MAC-02', patientAt(folder))).toMatchObject({
      text: expect.stringMatching(new RegExp(`^\\d+ MiB free in ${folder}$`)) as unknown,
    });
  });

  test('the folder for tokens: not there yet, private, open to others, no folder', async () => {
    const parent = await temporaryFolder('tokens');
    const stateFolder = join(parent, 'my state');
    const look = async (platform = 'linux'): Promise<unknown> =>
      runCheck('MAC-03', patientAt(parent, { stateFolder, platform }));
    expect(await look()).toEqual({ kind: 'ok', text: `${stateFolder} is made at the first sign-in` });
    await mkdir(stateFolder, { mode: 0o700 });
    expect(await look()).toEqual({ kind: 'ok', text: stateFolder });
    await chmod(stateFolder, 0o755);
    expect(await look()).toEqual({
      kind: 'failure',
      text: `${stateFolder} is open to other users (mode 755)`,
      fix: `chmod 700 'my state'`,
    });
    expect(await look('win32')).toMatchObject({ kind: 'ok' });
    await rm(stateFolder, { recursive: true });
    await writeFile(stateFolder, '');
    expect(await look()).toMatchObject({ kind: 'failure', text: `${stateFolder} is no folder` });
    await rm(stateFolder);
    await symlink(await temporaryFolder('elsewhere'), stateFolder);
    expect(await look()).toMatchObject({ kind: 'ok' });
  });
});

describe('the project’s files', () => {
  test('are found from a folder below', async () => {
    const place = await createPlace('below');
    const below = join(place.folder, 'data');
    expect(await place.finding('FIL-01', { cwd: below })).toEqual({ kind: 'ok', text: place.folder });
    expect(await place.finding('FIL-02')).toEqual({
      kind: 'ok',
      text: `engine embedded, domain localhost, port ${place.port}, 4 services`,
      evidence: [
        'postgres: a container only',
        'pomerium: a container only',
        'mcp-servers: runs mcpgw serve whoami',
        'idp: a container only',
      ],
    });
    expect(await place.finding('FIL-03')).toEqual({ kind: 'ok', text: '1 route, no problem found' });
  });

  test('without a project there is one failure, and the rest is skipped for it', async () => {
    const folder = await temporaryFolder('nothing');
    expect(await runCheck('FIL-01', patientAt(folder))).toEqual({
      kind: 'failure',
      text: `there is no project in ${folder} or above it`,
      fix: 'npx create-mcp-gateway my-gateway    # or cd into the project folder',
    });
  });

  test.each([
    ['docker-compose.yaml', 'docker-compose.yaml is missing in this project'],
    ['.env', '.env is missing in this project'],
  ])('a lost %s is told with what brings it back', async (file, text) => {
    const place = await createPlace('lost');
    await rm(join(place.folder, file));
    expect(await place.finding('FIL-02')).toMatchObject({
      kind: 'failure',
      text,
      fix: expect.stringMatching(/^mcpgw create \S+ --yes/) as unknown,
    });
    expect(await place.finding('FIL-03')).toEqual({ kind: 'skipped', reason: 'needs FIL-02, which failed' });
  });

  test('broken YAML in the compose file is told with its place', async () => {
    const place = await createPlace('broken');
    await place.append('docker-compose.yaml', '\nservices: [\n');
    expect(await place.finding('FIL-02')).toMatchObject({
      kind: 'failure',
      text: expect.stringMatching(/^docker-compose\.yaml:\d+:\d+/) as unknown,
    });
  });

  test('a slip in x-mcpgw is told with the right word', async () => {
    const place = await createPlace('slip');
    await place.edit('docker-compose.yaml', (text) => text.replace('  engine:', '  engin:'));
    const finding = await place.finding('FIL-02');
    expect(finding).toMatchObject({ kind: 'failure', text: expect.stringContaining('engin') as unknown });
    expect(JSON.stringify(finding)).toContain('`engine`');
  });

  test('broken YAML in pomerium-config.yaml is told with its place, and shows no secret that stands around it', async () => {
    const place = await createPlace('broken');
    const secret = 'not-for-anybody-to-see';
    // A variable makes the file be read once more, to fill it in.
    await place.append('pomerium-config.yaml', `\nidp_client_secret: ${secret}\nroutes: [\n# \${NAME}\n`);
    const finding = await place.finding('FIL-02');
    expect(finding).toMatchObject({
      kind: 'failure',
      text: expect.stringMatching(/^pomerium-config\.yaml:\d+:\d+: /) as unknown,
      evidence: expect.arrayContaining([expect.stringMatching(/^ {2}\d+ \| idp_client_secret: \*{8}$/)]) as unknown,
    });
    expect(JSON.stringify(finding)).not.toContain(secret);
    await place.edit('pomerium-config.yaml', (text) => text.replaceAll(/\$\{/g, '{'));
    expect(await place.finding('FIL-03')).toMatchObject({
      kind: 'failure',
      text: expect.stringMatching(/^pomerium-config\.yaml:\d+:\d+ /) as unknown,
    });
  });

  test('an unknown key is told with its line and the key that was meant; further problems stand in the evidence', async () => {
    const place = await createPlace('unknown');
    await place.append('pomerium-config.yaml', '\nidp_cliend_id: x\n\nlog_levl: debug\n');
    const finding = await place.finding('FIL-03');
    expect(finding).toMatchObject({
      text: expect.stringMatching(
        /^pomerium-config\.yaml:\d+:1 .*idp_cliend_id.*\(and 1 more: mcpgw doctor -v\)$/,
      ) as unknown,
      fix: expect.stringContaining('idp_client_id') as unknown,
      evidence: [expect.stringContaining('idp_cliend_id'), expect.stringContaining('log_levl')] as unknown,
    });
  });

  test('a value that nobody has filled in is a warning', async () => {
    const place = await createPlace('unfilled');
    await place.edit('pomerium-config.yaml', (text) =>
      text.replace('idp_client_id: mcpgw', 'idp_client_id: YOUR-CLIENT-ID'),
    );
    expect(await place.finding('FIL-03')).toMatchObject({
      kind: 'warning',
      text: expect.stringMatching(/^pomerium-config\.yaml:\d+:\d+ YOUR-CLIENT-ID is still to be filled in$/) as unknown,
    });
  });

  test('files of 5 MB are read, or refused by their size', async () => {
    const place = await createPlace('big');
    const comments = `\n${`# ${'x'.repeat(1022)}\n`.repeat(5 * 1024)}`;
    await place.append('docker-compose.yaml', comments);
    expect(await place.finding('FIL-02')).toMatchObject({ kind: 'ok' });
    await place.append('pomerium-config.yaml', comments);
    expect(await place.finding('FIL-03')).toMatchObject({
      kind: 'failure',
      text: 'pomerium-config.yaml has 5.0 MiB; at most 1 MiB is read',
    });
  });

  test('files that may not be read are told by name', async ({ skip }) => {
    skip(isRoot, 'the superuser may read everything');
    const place = await createPlace('closed');
    await chmod(join(place.folder, '.env'), 0);
    expect(await place.finding('FIL-02')).toMatchObject({
      kind: 'failure',
      text: `no permission for ${join(place.folder, '.env')}`,
    });
  });
});
