import { readFile } from 'node:fs/promises';
import { SERVERS, type Templates } from '../scaffold/index.ts';

const SERVICES = ['mcp-servers', 'app', 'command'];
const PROJECT_FILES = ['pomerium-config.yaml', 'docker-compose.yaml', 'env', 'gitignore', 'README.md'];

/** Beside dist/ in the package, two folders up when it runs from source. */
const FOLDER = new URL(import.meta.url.endsWith('.ts') ? '../../templates/' : '../templates/', import.meta.url);

/** The templates of this package, for `scaffoldFiles`. */
export async function readTemplates(): Promise<Templates> {
  const names = [
    ...PROJECT_FILES.map((name) => `project/${name}`),
    'adopted/README.md',
    ...SERVERS.map((name) => `servers/${name}.yaml`),
    ...SERVICES.map((name) => `services/${name}.yaml`),
  ];
  const texts = await Promise.all(
    names.map(async (name) => [name, await readFile(new URL(name, FOLDER), 'utf8')] as const),
  );
  return Object.fromEntries(texts);
}
