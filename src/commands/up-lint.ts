import { existsSync } from 'node:fs';
import type { Ctx } from '../context.ts';
import { createSubject, lint } from '../lint/index.ts';
import type { Project } from '../project/index.ts';

/** Says how much `mcpgw lint` has to say beside what was told already. Nothing of it keeps a project from starting. */
export function tellOfLint(ctx: Ctx, { configText, composeText, folder, secrets, parsed }: Project): void {
  const told = new Set(parsed.problems.map(({ code }) => code));
  const findings = lint(
    createSubject({
      config: { file: 'pomerium-config.yaml', text: configText },
      compose: { file: 'docker-compose.yaml', text: composeText, folder },
      variables: { ...ctx.env, ...secrets },
      exists: (path) => existsSync(path),
    }),
  ).filter(({ rule, severity }) => severity !== 'note' && !told.has(rule));
  const [first] = findings;
  if (!first) return;
  const more = findings.length > 1 ? ` and ${findings.length - 1} more` : '';
  ctx.note(`! ${first.message}${more}: mcpgw lint`);
}
