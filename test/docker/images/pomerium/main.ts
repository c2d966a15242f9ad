/** The development gateway behind Pomerium's command line: `--config FILE`, `--version`, `health`. */
import { parseArgs } from 'node:util';
import { checkHealth } from './health.ts';
import { serve } from './serve.ts';

const { values, positionals } = parseArgs({
  args: process.argv.slice(2).map((argument) => (argument === '-config' ? '--config' : argument)),
  allowPositionals: true,
  options: {
    config: { type: 'string' },
    version: { type: 'boolean' },
    addr: { type: 'string', short: 'a' },
    exclude: { type: 'string', short: 'e', multiple: true },
    verbose: { type: 'boolean', short: 'v' },
  },
});

if (values.version === true) process.stdout.write('pomerium: v0.33.1+mcpgw\n');
else if (positionals[0] === 'health') {
  process.exitCode = await checkHealth(values.addr ?? '127.0.0.1:28080', values.exclude ?? [], values.verbose === true);
} else await serve(values.config ?? '/pomerium/config.yaml');
