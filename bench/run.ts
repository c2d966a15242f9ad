import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/* `npm run bench [-- cli|lint|docker|gateway] [flags of that part]`: every figure of docs/benchmarks.md, as Markdown tables. */

const PARTS: Record<string, string> = {
  cli: 'cli.ts',
  lint: 'lint.ts',
  docker: 'docker.ts',
  gateway: 'gateway/run.ts',
};

const [first, ...rest] = process.argv.slice(2);
const chosen = first && first in PARTS ? [first] : Object.keys(PARTS);
const flags = first && first in PARTS ? rest : process.argv.slice(2);
for (const name of chosen) {
  process.stdout.write(`\n## ${name}\n\n`);
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, PARTS[name] ?? ''), ...flags], {
    stdio: 'inherit',
  });
  if (status !== 0) process.exitCode = 1;
}
