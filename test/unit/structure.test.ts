import { readdirSync, readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

const SRC = resolve(import.meta.dirname, '../../src');

/** Folder -> the folders it may import from. `commands`, and the files directly in src/, may import everything. */
const ALLOWED: Record<string, readonly string[]> = {
  adopt: ['lint', 'migrate', 'project', 'pomerium', 'scaffold'],
  app: ['assertion', 'mcp', 'net'],
  assertion: ['net'],
  cli: ['commands'],
  net: [],
  pomerium: [],
  scaffold: ['pomerium'],
  tls: [],
  trace: ['net'],
  ui: ['lint', 'trace', 'stack', 'project', 'oauth', 'mcp', 'doctor', 'commands', 'pomerium', 'net'],
  project: ['pomerium', 'scaffold', 'tls', 'net'],
  lint: ['pomerium', 'project'],
  migrate: ['project'],
  oauth: ['net'],
  mcp: ['net', 'oauth'],
  gateway: ['pomerium', 'tls', 'net'],
  idp: ['net'],
  servers: ['assertion', 'net'],
  stack: ['project', 'pomerium', 'oauth', 'mcp', 'tls', 'net', 'gateway', 'idp', 'servers'],
  clients: [],
  doctor: ['clients', 'lint', 'project', 'pomerium', 'oauth', 'mcp', 'tls', 'net'],
};

/** Folders that hold pure functions: data in, data out. */
const PURE = ['pomerium', 'scaffold', 'clients', 'lint', 'migrate', 'adopt'];
const PURE_BUILTINS = ['node:crypto', 'node:util', 'node:path', 'node:buffer', 'node:net'];

/** Each third-party library and the files, or the folder, that may import it: a door for each part that stands alone. */
const DOORS: Record<string, readonly string[]> = {
  '@inquirer/prompts': ['prompt.ts'],
  '@modelcontextprotocol/node': ['servers/mcp.ts'],
  '@modelcontextprotocol/server': ['servers/mcp.ts'],
  '@peculiar/x509': ['tls/x509.ts'],
  chalk: ['ui/colour.ts'],
  commander: ['parse.ts'],
  dockerode: ['stack/docker/docker-api.ts'],
  execa: ['stack/docker/docker-cli.ts'],
  jose: ['assertion/index.ts'],
  // Two parties of the protocol: a client of authorization servers, and the gateway's client of its identity provider.
  oauth4webapi: ['oauth/protocol.ts', 'gateway/identity/oidc.ts'],
  'oidc-provider': ['idp/provider.ts'],
  open: ['browser.ts'],
  // The gateway's store, and a server that reads a database of the user's.
  pg: ['gateway/identity/postgres/pg.ts', 'servers/postgres/pg.ts'],
  'reflect-metadata': ['tls/x509.ts'],
  // The language is pure and stands alone; a project's files know more about places and edits.
  yaml: ['project/yaml.ts', 'pomerium/read/yaml-source.ts'],
  // At the edges, where data comes in from files and the environment.
  zod: ['pomerium/schema/', 'project/settings.ts', 'idp/from-env.ts'],
};

interface Import {
  file: string;
  from: string;
  target: string;
  typeOnly: boolean;
}

const IMPORTS = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .flatMap((file) => importsOf(file));

describe('structure', () => {
  test.each(Object.keys(ALLOWED))('%s imports only what it may', (folder) => {
    const allowed = [folder, ...(ALLOWED[folder] ?? [])];
    const wrong = IMPORTS.filter((one) => folderOf(one.file) === folder && one.target.startsWith('/'))
      .map((one) => ({ ...one, to: folderOf(relative(SRC, one.target)) }))
      .filter((one) => one.to !== '' && !allowed.includes(one.to))
      .filter((one) => !(folder === 'ui' && one.typeOnly));
    expect(wrong.map((one) => `${one.file} -> ${one.to}`)).toEqual([]);
  });

  test('every folder of src has its rule', () => {
    const folders = readdirSync(SRC, { withFileTypes: true }).filter((entry) => entry.isDirectory());
    expect(folders.map((entry) => entry.name).filter((name) => name !== 'commands' && !(name in ALLOWED))).toEqual([]);
  });

  test('nothing imports commands but the command table', () => {
    const wrong = IMPORTS.filter((one) => one.target.includes('/commands/') && !one.typeOnly)
      .filter((one) => !['commands', 'cli'].includes(folderOf(one.file)))
      .map((one) => one.file);
    expect(wrong).toEqual([]);
  });

  test.each(PURE)('%s touches nothing outside', (folder) => {
    const wrong = IMPORTS.filter((one) => folderOf(one.file) === folder && isBuiltin(one.target))
      .filter((one) => !PURE_BUILTINS.includes(one.target))
      .map((one) => `${one.file} -> ${one.target}`);
    expect(wrong).toEqual([]);
  });

  test('each library comes in by its doors', () => {
    const foreign = IMPORTS.filter(({ target }) => !target.startsWith('/') && !isBuiltin(target));
    const wrong = foreign.filter(({ file, target }) => {
      const doors = DOORS[target] ?? [];
      return !doors.some((door) => file === door || (door.endsWith('/') && file.startsWith(door)));
    });
    expect(wrong.map((one) => `${one.file} -> ${one.target}`)).toEqual([]);
  });

  test('each door is used', () => {
    const unused = Object.entries(DOORS).flatMap(([library, doors]) =>
      doors.filter((door) => !IMPORTS.some(({ file, target }) => target === library && file.startsWith(door))),
    );
    expect(unused).toEqual([]);
  });
});

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SRC, file), 'utf8');
  const pattern =
    /^\s*(import|export)\s+(type\s+)?[^'"]*?from\s+'([^']+)'|import\('([^']+)'\)|^\s*import\s+'([^']+)'/gm;
  return [...text.matchAll(pattern)].map((match) => {
    const from = match[3] ?? match[4] ?? match[5] ?? '';
    const target = from.startsWith('.') ? resolve(SRC, dirname(file), from) : from;
    return { file, from, target, typeOnly: match[2] !== undefined };
  });
}

function folderOf(file: string): string {
  return file.includes('/') ? (file.split('/')[0] ?? '') : '';
}

function isBuiltin(name: string): boolean {
  return name.startsWith('node:') || builtinModules.includes(name);
}
