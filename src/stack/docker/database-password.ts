import { CliError } from '../../errors.ts';
import type { Project } from '../../project/index.ts';
import { runDocker, type CliOptions } from './docker-cli.ts';
import { lastLines } from './cli-errors.ts';

/** The database's own tool, over its socket: the official image asks for no password there. */
const PSQL = 'psql --quiet --no-psqlrc --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB"';

export type PasswordChange =
  /** The running database has the new password. */
  | 'altered'
  /** There is no database yet: the first start takes what .env says. */
  | 'not needed';

/**
 * Gives the database of a project's containers another password. It keeps the one that it was first started with, whatever .env
 * says later. Throws DATABASE_STOPPED when there is one that does not run.
 */
export async function changeDatabasePassword(
  project: Pick<Project, 'folder' | 'name' | 'services'>,
  password: string,
  env: CliOptions['env'],
): Promise<PasswordChange> {
  const service = project.services.find(({ environment }) => 'POSTGRES_PASSWORD' in environment);
  if (!service) return 'not needed';
  const options = { cwd: project.folder, env };
  const running = await runDocker(['compose', 'ps', '--quiet', '--status', 'running', service.name], options);
  if (running.code !== 0) throw failed('docker compose ps', running.stderr);
  if (running.stdout.trim() === '') {
    if (!(await hasVolumes(project.name, options))) return 'not needed';
    throw new CliError({
      code: 'DATABASE_STOPPED',
      message: `the database (${service.name}) does not run, and keeps its password until it is told another one`,
      why: 'nothing was changed',
      fix: `docker compose up --detach --wait ${service.name} && mcpgw secrets rotate POSTGRES_PASSWORD`,
    });
  }
  const user = service.environment['POSTGRES_USER'] || 'postgres';
  const input = `ALTER ROLE "${user.replaceAll('"', '""')}" PASSWORD '${password.replaceAll("'", "''")}';\n`;
  const altered = await runDocker(['compose', 'exec', '-T', service.name, 'sh', '-c', PSQL], { ...options, input });
  if (altered.code !== 0) throw failed(`docker compose exec -T ${service.name} psql`, altered.stderr);
  return 'altered';
}

/** By Compose's labels, which are there whatever became of the files. */
async function hasVolumes(project: string, options: CliOptions): Promise<boolean> {
  const filter = `label=com.docker.compose.project=${project}`;
  const { code, stdout, stderr } = await runDocker(['volume', 'ls', '--quiet', '--filter', filter], options);
  if (code !== 0) throw failed('docker volume ls', stderr);
  return stdout.trim() !== '';
}

function failed(command: string, text: string): CliError {
  return new CliError({
    code: 'DATABASE_PASSWORD',
    message: 'the database did not take over a new password',
    // The statement, which holds it, is never among what psql says with --quiet.
    why: `${command}: ${lastLines(text)}`,
    fix: 'mend that, then run the command again; .env is unchanged',
  });
}
