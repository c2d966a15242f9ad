import { readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { expect, onTestFinished, type TestContext } from 'vitest';
import { dockerReady, IMAGES } from '../docker/engine.ts';
import { freePorts, mcpgw, runProgram, temporaryFolder, type Ran } from './program.ts';

export interface DockerProject {
  /** Of Compose, the prefix of all that belongs to it. */
  name: string;
  folder: string;
  port: number;
  idpPort: number;
  run(...args: string[]): Promise<Ran>;
  /** Runs with --json; the exit code is asserted. */
  json(exit: number, ...args: string[]): Promise<Record<string, unknown>>;
  edit(file: string, change: (text: string) => string): Promise<void>;
  /** Container ids by service. */
  containers(): Promise<Record<string, string>>;
  /** Containers, networks and volumes, by name. */
  leftovers(): Promise<string[]>;
}

/** Docker's own command line; its output, trimmed. */
export async function docker(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await runProgram('docker', args, { cwd: '/' });
  expect(code, `docker ${args.join(' ')}: ${stderr}`).toBe(0);
  return stdout.trim();
}

const ready = await dockerReady();

/** A project on ports of its own, whose images are those that the rig has built. All of it is gone when the test ends. */
export async function dockerProject(
  skip: TestContext['skip'],
  label: string,
  ...flags: string[]
): Promise<DockerProject> {
  if (!ready.ok) skip(ready.reason);
  const parent = await temporaryFolder(`docker-${label}`);
  const name = basename(parent).toLowerCase();
  const folder = join(parent, name);
  const [port = 0, idpPort = 0] = await freePorts(2);
  const ports = ['--port', String(port), '--idp-port', String(idpPort)];
  const created = await mcpgw(['create', name, '--yes', '--engine', 'docker', ...ports, ...flags], { cwd: parent });
  expect(created, created.stderr).toMatchObject({ code: 0 });
  const run = async (...args: string[]): Promise<Ran> => mcpgw(args, { cwd: folder, timeout: 100_000 });
  onTestFinished(async () => {
    await run('down', '--volumes', '--yes');
  });
  const edit = async (file: string, change: (text: string) => string): Promise<void> => {
    const text = await readFile(join(folder, file), 'utf8');
    const changed = change(text);
    expect(changed).not.toBe(text);
    await writeFile(join(folder, file), changed);
  };
  await edit('.env', (text) => withImages(text));
  const filter = ['--filter', `label=com.docker.compose.project=${name}`];
  const lines = async (...args: string[]): Promise<string[]> =>
    (await docker(...args, ...filter)).split('\n').filter(Boolean);
  return {
    name,
    folder,
    port,
    idpPort,
    run,
    edit,
    json: async (exit, ...args) => {
      const ran = await run(...args, '--json');
      expect(ran, ran.stdout + ran.stderr).toMatchObject({ code: exit });
      return JSON.parse(ran.stdout) as Record<string, unknown>;
    },
    containers: async () => {
      const format = '{{.Label "com.docker.compose.service"}} {{.ID}}';
      return Object.fromEntries((await lines('ps', '--all', '--format', format)).map((line) => line.split(' ')));
    },
    leftovers: async () =>
      (
        await Promise.all([
          lines('ps', '--all', '--format', '{{.Names}}'),
          lines('network', 'ls', '--format', '{{.Name}}'),
          lines('volume', 'ls', '--format', '{{.Name}}'),
        ])
      ).flat(),
  };
}

function withImages(text: string): string {
  const images = { POMERIUM_IMAGE: IMAGES.pomerium, POSTGRES_IMAGE: IMAGES.postgres, MCPGW_NODE_IMAGE: IMAGES.node };
  return Object.entries(images).reduce(
    (env, [name, image]) => env.replace(new RegExp(`^${name}=.*$`, 'm'), `${name}=${image}`),
    text,
  );
}
