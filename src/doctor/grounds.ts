import type { Patient } from './patient.ts';

/** What a check can look at only where it is there. */
export type Ground =
  /** A project of mcpgw. */
  | 'project'
  /** A Pomerium configuration, of a project or alone. */
  | 'configuration'
  /** An MCP server to talk to: of a project, of a configuration, or a URL. */
  | 'server'
  /** A project whose engine runs. */
  | 'running'
  /** A project whose engine is Docker. */
  | 'docker'
  /** A project with the development identity provider, at which doctor can sign in by itself. */
  | 'sign-in';

/** Why a ground is not there; undefined when it is. Never throws: what is wrong with the files is for the checks to tell. */
export async function whyAbsent(ground: Ground, patient: Patient): Promise<string | undefined> {
  const { target } = patient;
  if (target.kind === 'nothing') return `there is no project in ${patient.cwd} or above it`;
  if (target.kind === 'url') return ground === 'server' ? undefined : 'only a URL was given';
  if (ground === 'server' || ground === 'configuration') return undefined;
  if (target.kind === 'configuration') return 'the configuration is no project of mcpgw';
  return ground === 'project' ? undefined : absentInProject(ground, patient);
}

async function absentInProject(
  ground: 'running' | 'docker' | 'sign-in',
  { project, running }: Patient,
): Promise<string | undefined> {
  const loaded = await project().catch(() => undefined);
  if (!loaded) return undefined;
  const { engine, idp } = loaded.settings;
  if (ground === 'docker') return engine === 'docker' ? undefined : `the engine is ${engine}, not docker`;
  if (ground === 'sign-in') {
    if (!idp) return 'only the development identity provider can be tried without a person';
    const flags = loaded.parsed.options?.runtime_flags ?? {};
    if (loaded.parsed.options && flags['mcp_dynamic_client_registration'] !== true)
      return 'doctor needs dynamic registration, and it is off';
    return undefined;
  }
  const state = await running().catch(() => undefined);
  return state ? undefined : 'nothing was started by mcpgw up';
}
