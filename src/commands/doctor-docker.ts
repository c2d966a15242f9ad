import { basename } from 'node:path';
import { realpath } from 'node:fs/promises';
import type { Ctx } from '../context.ts';
import type { ContainerState, DockerState } from '../doctor/patient.ts';
import { parseYaml, readComposeModel, type ComposeModel, type Project } from '../project/index.ts';
import type { Container } from '../stack/docker/container.ts';
import { connectDocker, type DockerApi } from '../stack/docker/docker-api.ts';
import { runDocker } from '../stack/docker/docker-cli.ts';
import { findEndpoint } from '../stack/docker/endpoint.ts';
import { isReplaced } from '../stack/docker/replaced-file.ts';

/** Asks the Docker Engine about a project's containers, images and volumes. Throws when it is out of reach. */
export async function readDocker(ctx: Ctx, project: Project): Promise<DockerState> {
  const api = connectDocker(await findEndpoint(ctx.env));
  const { version, architecture } = await api.version();
  const folder = await realpath(project.folder);
  const name = (await api.projectOf(folder)) ?? composeName(project);
  const model = readComposeModel(parseYaml(project.composeText, basename(project.paths.compose)), folder, {
    ...ctx.env,
    ...project.secrets,
  });
  const [containers, named, composeVersion, images, volumes] = await Promise.all([
    api.containers({ folder }),
    api.containers({ project: name }),
    readComposeVersion(ctx),
    readImages(api, model),
    api.volumes(name),
  ]);
  const foreign = named.find((container) => container.folder !== folder)?.folder;
  const passwordFits = await tryPassword(ctx, project, containers);
  return {
    version,
    architecture,
    ...(composeVersion === undefined ? {} : { composeVersion }),
    containers: await Promise.all(containers.map(async (container) => stateOf(ctx, container, folder))),
    images,
    volumes,
    declaredVolumes: model.volumes.map((volume) => `${name}_${volume}`),
    ...(foreign === undefined ? {} : { foreignFolder: foreign }),
    ...(passwordFits === undefined ? {} : { passwordFits }),
  };
}

/** Compose's rule for a project without containers yet. */
function composeName({ name }: Project): string {
  return name.toLowerCase().replace(/[^a-z0-9_-]/g, '');
}

async function readComposeVersion({ env, cwd, signal }: Ctx): Promise<string | undefined> {
  const { code, stdout } = await runDocker(['compose', 'version', '--short'], { cwd, env, signal });
  return code === 0 ? stdout.trim().replace(/^v/, '') : undefined;
}

async function readImages(api: DockerApi, { services }: ComposeModel): Promise<DockerState['images']> {
  return Promise.all(
    services.flatMap(({ name, image }) =>
      image === undefined
        ? []
        : [
            (async () => {
              const found = await api.image(image);
              return { service: name, name: image, ...(found ? { architecture: found.architecture } : {}) };
            })(),
          ],
    ),
  );
}

async function stateOf({ env, cwd, signal }: Ctx, container: Container, folder: string): Promise<ContainerState> {
  const { id, service, state, health, startedAt, restarts, exitCode, outOfMemory, error, mounts } = container;
  const format = '{{range .NetworkSettings.Networks}}{{range .Aliases}}{{println .}}{{end}}{{end}}';
  const { stdout } = await runDocker(['inspect', '--format', format, id], { cwd, env, signal });
  const replaced: string[] = [];
  for (const { source, target } of mounts) {
    if (source.startsWith(`${folder}/`) && (await isReplaced(container, source, target))) replaced.push(source);
  }
  return {
    service,
    state,
    ...(health === undefined ? {} : { health }),
    startedAt,
    restarts,
    exitCode,
    outOfMemory,
    error,
    aliases: stdout.split('\n').filter((alias) => alias !== ''),
    replaced,
  };
}

/**
 * Signs in at the database over its network address: the official image asks for no password on its socket and on loopback. The
 * password goes in by standard input, where no list of processes shows it.
 */
const TRY = `read -r PGPASSWORD; export PGPASSWORD
exec psql --quiet --no-psqlrc --host "$(hostname)" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" --command 'select 1'`;

async function tryPassword(
  { env, cwd, signal }: Ctx,
  { services }: Project,
  containers: readonly Container[],
): Promise<boolean | undefined> {
  const service = services.find(({ environment }) => 'POSTGRES_PASSWORD' in environment);
  const container = containers.find((one) => one.service === service?.name && one.state === 'running');
  const password = service?.environment['POSTGRES_PASSWORD'];
  if (!container || !password) return undefined;
  const words = ['exec', '-i', container.id, 'sh', '-c', TRY];
  const { code, stderr } = await runDocker(words, { cwd, env, signal, input: `${password}\n` });
  if (code === 0) return true;
  return /password authentication failed/.test(stderr) ? false : undefined;
}
