import type { Ctx } from '../context.ts';
import { EXIT, usage, type ExitCode } from '../errors.ts';
import { createSubject, lint, mendText, type LintFinding } from '../lint/index.ts';
import { maskSecrets, writeTogether } from '../project/index.ts';
import { unifiedDiff } from '../scaffold/index.ts';
import { behaviourOf, RELEASES, releaseOfTag } from '../pomerium/versions.ts';
import { readLintFiles, type LintFiles } from './lint-files.ts';

export interface LintOptions {
  config?: string;
  compose?: string;
  fix?: boolean;
  dryRun?: boolean;
  yes?: boolean;
  format?: string;
  pomerium?: string;
  strict?: boolean;
}

export const FORMATS = ['text', 'github', 'sarif'] as const;
export type LintFormat = (typeof FORMATS)[number];

export interface LintResult {
  release: string;
  /** As shown. */
  files: string[];
  findings: LintFinding[];
  summary: { errors: number; warnings: number; notes: number };
  /** Of --fix: what was changed, and whether it was written. */
  fixed?: { diff: string; written: boolean; count: number };
  strict: boolean;
  format: LintFormat;
  /** Of each file, for the frames on the screen. */
  texts?: Record<string, string>;
}

export async function run(ctx: Ctx, options: LintOptions): Promise<LintResult> {
  const format = formatOf(options.format);
  const given = options.pomerium === undefined ? {} : { release: releaseOf(options.pomerium) };
  const files = await readLintFiles(ctx, options);
  const subject = createSubject({ ...files, ...given });
  const { release } = subject;
  const before = lint(subject);
  const fixed = options.fix ? await fix(ctx, files, before, options) : undefined;
  const text = fixed?.written ? fixed.text : files.config.text;
  const findings = fixed?.written
    ? lint(createSubject({ ...files, config: { ...files.config, text }, release }))
    : before;
  const count = (severity: string): number => findings.filter((finding) => finding.severity === severity).length;
  return {
    release,
    files: [files.config.file, ...(files.compose ? [files.compose.file] : [])],
    findings,
    summary: { errors: count('error'), warnings: count('warning'), notes: count('note') },
    ...(fixed ? { fixed: { diff: fixed.diff, written: fixed.written, count: fixed.count } } : {}),
    strict: options.strict === true,
    format,
    ...(ctx.json
      ? {}
      : {
          texts: { [files.config.file]: text, ...(files.compose ? { [files.compose.file]: files.compose.text } : {}) },
        }),
  };
}

export { lintScreen as screen } from '../ui/screens/lint.ts';

export function exitOf({ summary, strict }: LintResult): ExitCode {
  return summary.errors > 0 || (strict && summary.warnings > 0) ? EXIT.unhealthy : EXIT.done;
}

interface Fixed {
  text: string;
  diff: string;
  written: boolean;
  /** Findings that the change takes away. */
  count: number;
}

/** Only what is safe: keys with one right value, and keys without effect. Shown before it is written. */
async function fix(
  ctx: Ctx,
  { path, config }: LintFiles,
  findings: LintFinding[],
  options: LintOptions,
): Promise<Fixed> {
  const { text, left } = mendText(config.text, findings);
  const diff = unifiedDiff(maskSecrets(config.text), maskSecrets(text), { before: config.file, after: config.file });
  const count = findings.filter(({ mendable }) => mendable).length - left.length;
  if (diff === '' || options.dryRun) return { text, diff, count, written: false };
  ctx.note(diff);
  const agreed = options.yes === true || (await agree(ctx, config.file));
  if (agreed) await writeTogether([{ file: path, before: config.text, after: text }]);
  return { text, diff, count, written: agreed };
}

async function agree(ctx: Ctx, file: string): Promise<boolean> {
  if (!ctx.interactive) throw usage('--fix changes a file, and has to be confirmed', 'mcpgw lint --fix --yes');
  return ctx.prompt.confirm({ message: `Write this to ${file}?`, default: true });
}

function formatOf(format = 'text'): LintFormat {
  const known = FORMATS.find((one) => one === format);
  if (known === undefined)
    throw usage(`--format ${format}: there are ${FORMATS.join(', ')}`, 'mcpgw lint --format sarif');
  return known;
}

function releaseOf(word: string): string {
  const release = releaseOfTag(word);
  if (release !== undefined && behaviourOf(release) !== undefined) return release;
  const known = RELEASES.map(({ name }) => name).join(', ');
  throw usage(`--pomerium ${word} is no release with MCP; there are ${known}`, 'mcpgw lint --pomerium v0.33.1');
}
