// The main job on this machine, from a clone: make a project, start it, sign in, call a tool. Safe to run again.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join, relative } from 'node:path';

const ROOT = join(import.meta.dirname, '..');
const FOLDER = join(ROOT, 'my-gateway');
const PROGRAM = join(ROOT, 'bin', 'mcpgw.js');

const QUERY = 'SELECT title, member, due_on FROM overdue_loans ORDER BY due_on LIMIT 3';

if (!existsSync(join(FOLDER, 'pomerium-config.yaml'))) {
  const port = await firstFree([8443, 9443, 10443, 11443]);
  const idpPort = await firstFree([9080, 9081, 9082, 9083]);
  mcpgw(ROOT, [
    'create',
    relative(ROOT, FOLDER),
    '--yes',
    '--engine',
    'embedded',
    '--port',
    port,
    '--idp-port',
    idpPort,
  ]);
}
mcpgw(FOLDER, ['up']);
mcpgw(FOLDER, ['token', 'whoami', '--as', 'member'], { hideOutput: true });
mcpgw(FOLDER, ['call', 'whoami', 'whoami', '--as', 'member']);
mcpgw(FOLDER, ['call', 'sqlite', 'read_query', '--as', 'member', '--query', QUERY]);

process.stdout.write(`
The gateway runs; the project is in ${relative(process.cwd(), FOLDER) || '.'}.

Next    cd my-gateway
        npx mcpgw status                          what runs, where, who is signed in
        npx mcpgw token whoami                    sign in with the browser, print an External Token
        npx mcpgw curl whoami --as member | sh    call it with curl
        npx mcpgw doctor                          check the whole road
        npx mcpgw down                            stop
`);

/** Shows the command, runs it, and ends with its exit code when it fails. */
function mcpgw(cwd, words, { hideOutput = false } = {}) {
  const shown = words.map((word) => (/^[\w./:-]+$/.test(word) ? word : `'${word}'`)).join(' ');
  process.stdout.write(`\n$ mcpgw ${shown}\n`);
  const { status, signal } = spawnSync(process.execPath, [PROGRAM, ...words], {
    cwd,
    stdio: ['inherit', hideOutput ? 'ignore' : 'inherit', 'inherit'],
  });
  if (hideOutput && status === 0) process.stdout.write('(the token is not shown here)\n');
  if (status !== 0 || signal) process.exit(status ?? 130);
}

async function firstFree(ports) {
  for (const port of ports) if ((await isFree(port, '127.0.0.1')) && (await isFree(port, '::1'))) return String(port);
  process.stderr.write(
    `✗ none of the ports ${ports.join(', ')} is free\n  Fix: stop what holds one of them, then run npm run quickstart again\n`,
  );
  return process.exit(1);
}

function isFree(port, host) {
  return new Promise((settle) => {
    const server = createServer();
    server.once('error', (error) => settle(error.code !== 'EADDRINUSE'));
    server.listen({ port, host, exclusive: true }, () => server.close(() => settle(true)));
  });
}
