import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { assertCompose, composeFailed, composeInvalid } from './cli-errors.ts';
import { readModel, type ComposeModel } from './compose-model.ts';
import { rememberUp } from './pending-up.ts';
import { runDocker, runDockerApart, type CliOptions } from './docker-cli.ts';

/** Seconds that a container gets to end by itself. */
const STOP_SECONDS = '10';

/** `docker compose` for one project: everything that changes something. */
export interface Compose {
  model(): Promise<ComposeModel>;
  /** Creates and starts what is missing or different; never fetches; builds what has a `build:` and no image. It goes on when this process ends. */
  up(outputFile: string, stateFolder: string, signal: AbortSignal): Promise<{ ended: Promise<void> }>;
  restart(services: readonly string[]): Promise<void>;
}

export function openCompose(options: CliOptions): Compose {
  return {
    model: async () => {
      const [config, hashes] = await Promise.all([
        runDocker(['compose', 'config', '--format', 'json'], options),
        runDocker(['compose', 'config', '--hash', '*'], options),
        assertVersion(options),
      ]);
      if (config.code !== 0) throw composeInvalid(config.stderr);
      if (hashes.code !== 0) throw composeInvalid(hashes.stderr);
      return readModel(config.stdout, hashes.stdout);
    },
    up: async (outputFile, stateFolder, signal) => {
      const words = ['up', '--detach', '--pull', 'never', '--remove-orphans', '--timeout', STOP_SECONDS];
      const { pid, ended } = await runDockerApart(
        ['compose', '--ansi', 'never', ...words],
        { ...options, signal },
        outputFile,
      );
      if (pid !== undefined) await rememberUp(stateFolder, pid);
      const judged = async (): Promise<void> => {
        const code = await ended;
        if (code !== 0) await assertVersion(options);
        if (code !== 0) throw composeFailed('up --detach', code, await readFile(outputFile, 'utf8').catch(() => ''));
      };
      return { ended: judged() };
    },
    restart: async (services) => {
      const { code, stderr } = await runDocker(
        ['compose', '--ansi', 'never', 'restart', '--timeout', STOP_SECONDS, ...services],
        options,
      );
      if (code !== 0) throw composeFailed(`restart ${services.join(' ')}`, code, stderr);
    },
  };
}

/** Throws when there is no Compose, or one that is too old. */
async function assertVersion(options: CliOptions): Promise<void> {
  assertCompose(await runDocker(['compose', 'version', '--short'], options));
}

/**
 * Removes a project's containers and networks, with `volumes` its data too. By its name alone, and away from its files: they may be
 * gone or broken, and Compose's labels say what belongs to it.
 */
export async function composeDown(
  project: string,
  env: CliOptions['env'],
  { volumes }: { volumes: boolean },
): Promise<void> {
  const words = ['--project-name', project, 'down', '--remove-orphans', '--timeout', STOP_SECONDS];
  const { COMPOSE_FILE: _file, COMPOSE_PROFILES: _profiles, ...rest } = env;
  const args = ['compose', '--ansi', 'never', ...words, ...(volumes ? ['--volumes'] : [])];
  const { code, stderr } = await runDocker(args, { cwd: tmpdir(), env: rest });
  if (code !== 0) throw composeFailed(`--project-name ${project} down`, code, stderr);
}
