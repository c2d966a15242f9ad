import { readFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import type { Ctx } from '../context.ts';
import { stateFolder } from '../context-node.ts';
import type { Patient } from '../doctor/check.ts';
import { readConfiguration, type Configuration } from '../doctor/configuration.ts';
import type { AcmeOptions } from '../doctor/issuance/index.ts';
import type { Target } from '../doctor/patient.ts';
import { guardedServers, type Server } from '../doctor/servers.ts';
import { CliError, usage } from '../errors.ts';
import { findProject, loadProject, type Project } from '../project/index.ts';
import { doctorAccess } from './doctor-access.ts';
import { readDocker } from './doctor-docker.ts';
import { readPermissions } from './doctor-permissions.ts';
import { readLintFiles } from './lint-files.ts';

export interface DoctorTarget {
  url?: string;
  config?: string;
  client?: string;
  /** False: no certificate authority is asked. */
  acme?: boolean;
  acmeDirectory?: string;
  /** A PEM file. */
  acmeCa?: string;
}

/** A patient, and how what was opened for it is closed. */
export interface Admitted {
  patient: Patient;
  /** Forgets the tokens that doctor got for itself. */
  end: () => Promise<void>;
}

export async function admit(ctx: Ctx, options: DoctorTarget): Promise<Admitted> {
  const target = await targetOf(ctx, options);
  const folder = once(async () => (target.kind === 'project' ? target.folder : undefined));
  const project = once(async () => {
    if (target.kind === 'project') return loadProject(target.folder, ctx.env);
    throw noProject(ctx.cwd);
  });
  const configuration = once(async () => readFor(ctx, target));
  const servers = once(async () => serversOf(target, project, configuration));
  const access = doctorAccess(ctx, { target, project });
  const acme = options.acme === false ? undefined : await acmeOf(ctx, options);
  const patient: Patient = {
    target,
    ...(acme ? { acme } : {}),
    ...(options.client === undefined ? {} : { client: options.client }),
    cwd: ctx.cwd,
    env: ctx.env,
    nodeVersion: process.versions.node,
    platform: process.platform,
    stateFolder: stateFolder(ctx.env, process.platform),
    now: ctx.now,
    folder,
    project,
    configuration,
    servers,
    docker: once(async () => readDocker(ctx, await project())),
    permissions: once(async () => readPermissions(ctx, await configuration(), await usersOf(target, project))),
    ...access.doors,
  };
  return { patient, end: access.end };
}

async function targetOf(ctx: Ctx, { url, config }: DoctorTarget): Promise<Target> {
  if (url !== undefined && config !== undefined)
    throw usage('a URL and --config: one of them, please', `mcpgw doctor ${url}`);
  if (url !== undefined) return { kind: 'url', url: parseUrl(url) };
  if (config !== undefined) return { kind: 'configuration', file: resolve(ctx.cwd, config) };
  const folder = await findProject(ctx.cwd);
  return folder === undefined ? { kind: 'nothing' } : { kind: 'project', folder };
}

async function acmeOf(ctx: Ctx, { acmeDirectory: directory, acmeCa }: DoctorTarget): Promise<AcmeOptions> {
  const example = 'mcpgw doctor --only issuance --acme-directory https://ca.example.com/acme/directory';
  if (directory !== undefined && URL.parse(directory)?.protocol !== 'https:')
    throw usage(`--acme-directory: \`${directory}\` is no https URL`, example);
  const ca = acmeCa === undefined ? undefined : await readIfThere(resolve(ctx.cwd, acmeCa));
  if (acmeCa !== undefined && ca === undefined)
    throw usage(`--acme-ca: ${acmeCa} cannot be read`, `${example} --acme-ca authority.pem`);
  return { ...(directory === undefined ? {} : { directory }), ...(ca === undefined ? {} : { ca }) };
}

function parseUrl(text: string): URL {
  const url = URL.parse(text);
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw usage(`\`${text}\` is no URL of a server`, 'mcpgw doctor https://mcp.example.com/mcp');
}

async function readFor(ctx: Ctx, target: Target): Promise<Configuration> {
  if (target.kind === 'project') {
    const { folder, paths, configText, composeText, secrets } = await loadProject(target.folder, ctx.env);
    return readConfiguration({
      folder,
      path: paths.config,
      config: { file: basename(paths.config), text: configText },
      compose: { file: basename(paths.compose), text: composeText, folder },
      variables: { ...ctx.env, ...secrets },
    });
  }
  if (target.kind !== 'configuration') throw noProject(ctx.cwd);
  const { config, compose, variables, path } = await readLintFiles(ctx, { config: target.file });
  return readConfiguration({
    folder: dirname(path),
    path,
    config: { ...config, file: basename(path) },
    ...(compose ? { compose } : {}),
    variables,
  });
}

async function serversOf(
  target: Target,
  project: () => Promise<Project>,
  configuration: () => Promise<Configuration>,
): Promise<Server[]> {
  if (target.kind === 'url') return [{ name: target.url.hostname, url: target.url }];
  if (target.kind === 'project') return guardedServers((await project()).parsed.options ?? {});
  return guardedServers((await configuration()).options ?? {});
}

async function usersOf(target: Target, project: () => Promise<Project>): Promise<Project['settings']['users']> {
  return target.kind === 'project' ? (await project()).settings.users : {};
}

function noProject(cwd: string): CliError {
  return new CliError({
    code: 'NO_PROJECT',
    message: `there is no project in ${cwd} or above it`,
    fix: 'npx create-mcp-gateway my-gateway    # or cd into the project folder',
  });
}

export function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** The text of a file; undefined when there is none that can be read. */
export async function readIfThere(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch(() => undefined);
}
