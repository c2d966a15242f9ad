import { readFile } from 'node:fs/promises';
import { arch, release } from 'node:os';
import { resolve } from 'node:path';
import { writeFileAtomic } from '../atomic-file.ts';
import type { Ctx } from '../context.ts';
import type { Patient } from '../doctor/check.ts';
import { maskEnvironment, maskHeaders, scrub, secretValues } from '../doctor/scrub.ts';
import { usage } from '../errors.ts';
import { parseEnvFile } from '../project/index.ts';
import { styleFor } from '../ui/colour.ts';
import { doctorScreen } from '../ui/screens/doctor.ts';
import { VERSION } from '../version.ts';
import type { DoctorResult } from './doctor.ts';
import { admit, readIfThere, type DoctorTarget } from './doctor-patient.ts';

const HEAD = '# Report of mcpgw doctor';
const LOG_LINES = 200;
/** Names of the shell that bear on a gateway; others are nobody’s business. */
const RELEVANT = /^(MCPGW_|POMERIUM_|DOCKER_|COMPOSE_|NODE_|SSL_|(https?|no|all)_proxy$)/i;

/** A report that is begun before the checks run: their own calls would fill the log. */
export interface Report {
  /** Writes the file, readable for its owner alone, and answers its path. */
  write(result: DoctorResult): Promise<string>;
}

/** Throws a usage error for a file that is there and is no report. */
export async function openReport(ctx: Ctx, name: string, target: DoctorTarget): Promise<Report> {
  const file = resolve(ctx.cwd, name);
  const there = await readIfThere(file);
  if (there !== undefined && !there.startsWith(HEAD))
    throw usage(`${name} is there already, and is no report`, 'mcpgw doctor --report doctor-report.md');
  const { patient } = await admit(ctx, target);
  const [log, variables] = await Promise.all([logOf(patient), variablesOf(patient)]);
  return {
    write: async (result) => {
      const plain = styleFor(ctx.stdout, { NO_COLOR: '1', COLUMNS: '100' });
      const sections = [
        HEAD,
        versions(ctx, patient),
        section('Findings', doctorScreen({ ...result, verbose: true }, plain)),
        ...(await filesOf(patient)),
        section(`Log, the last ${LOG_LINES} lines`, log),
        section('Variables, by name', namesOf(ctx, variables)),
      ];
      const secrets = [...secretValues(variables), ...secretValues(ctx.env)];
      await writeFileAtomic(file, `${scrub(sections.join('\n\n'), secrets)}\n`, 0o600);
      return file;
    },
  };
}

function versions({ now }: Ctx, { nodeVersion, platform, target }: Patient): string {
  return [
    `mcpgw ${VERSION}, Node ${nodeVersion}, ${platform} ${release()} ${arch()}`,
    `made ${new Date(now()).toISOString()} of a ${target.kind}`,
  ].join('\n');
}

function section(title: string, text: string): string {
  return `## ${title}\n\n\`\`\`\n${text.trimEnd()}\n\`\`\``;
}

async function filesOf({ target, configuration }: Patient): Promise<string[]> {
  if (target.kind === 'url') return [`${target.url.origin}${target.url.pathname}`];
  const found = await configuration().catch((error: unknown) => (error instanceof Error ? error : undefined));
  if (!found || found instanceof Error) return [section('Files', found?.message ?? 'none')];
  const { compose } = found.subject;
  return [
    section(found.file, maskHeaders(found.text)),
    ...(compose ? [section(compose.file, maskEnvironment(compose.text))] : []),
  ];
}

async function logOf({ log, target }: Patient): Promise<string> {
  if (target.kind !== 'project') return 'no project';
  const lines = await log().catch((error: unknown) => String(error));
  if (typeof lines === 'string') return lines;
  return lines
    .slice(-LOG_LINES)
    .map(({ service, raw }) => `${service} ${raw.slice(0, 1_000)}`)
    .join('\n');
}

async function variablesOf({ target, configuration, project }: Patient): Promise<Record<string, string>> {
  if (target.kind === 'url' || target.kind === 'nothing') return {};
  const { folder } = await configuration()
    .catch(async () => project())
    .catch(() => ({ folder: undefined }));
  if (folder === undefined) return {};
  return parseEnvFile(await readFile(resolve(folder, '.env'), 'utf8').catch(() => ''));
}

function namesOf(ctx: Ctx, variables: Record<string, string>): string {
  const inShell = Object.keys(ctx.env).filter((name) => RELEVANT.test(name));
  return [`.env: ${Object.keys(variables).toSorted().join(' ')}`, `shell: ${inShell.toSorted().join(' ')}`].join('\n');
}
