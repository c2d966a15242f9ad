import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { CliError } from '../../errors.ts';
import { VERSION } from '../../version.ts';
import { explainDockerText, lastLines } from './cli-errors.ts';
import type { DockerApi, ImageInfo } from './docker-api.ts';
import { makeTar, type TarEntry } from './tar.ts';

/** The image of our own parts, as the compose file names it where `.env` names no other. */
export const OWN_IMAGE = `mcpgw:${VERSION}`;

const DEFAULT_BASE = 'node:24-slim';
/** What of the package a container needs. */
const PARTS = ['bin', 'dist', 'templates', 'package.json', 'THIRD-PARTY.md'];
const REQUIRED = ['bin/mcpgw.js', 'dist/main.js', 'package.json'];

const LABEL = { version: 'dev.mcpgw.version', content: 'dev.mcpgw.content' } as const;

export interface Bundle {
  entries: TarEntry[];
  /** Of all files and of the base image's name. */
  hash: string;
  base: string;
}

/** Where the package lies: beside dist/ in a build, beside src/ when it runs from source. */
export function packageFolder(): string {
  return fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? '../../../' : '../', import.meta.url));
}

/** Our own files, as they go into the image. Throws when this program runs from source and was never built. */
export async function readBundle(
  env: Readonly<Record<string, string | undefined>>,
  folder = packageFolder(),
): Promise<Bundle> {
  const files = (await Promise.all(PARTS.map(async (part) => filesOf(folder, part)))).flat().sort();
  const missing = REQUIRED.filter((file) => !files.includes(file));
  if (missing.length > 0) {
    throw new CliError({
      code: 'BUNDLE_MISSING',
      message: `the image ${OWN_IMAGE} cannot be built: ${missing.join(', ')} is not in ${folder}`,
      why: 'the image holds the built program',
      fix: 'npm run build, or name another image in .env: MCP_SERVERS_IMAGE=...',
    });
  }
  const entries = await Promise.all(
    files.map(async (path) => ({
      path,
      content: await readFile(join(folder, path)),
      mode: path.startsWith('bin/') ? 0o755 : 0o644,
    })),
  );
  const base = env['MCPGW_NODE_IMAGE'] || DEFAULT_BASE;
  const hash = createHash('sha256').update(base);
  for (const { path, content } of entries) hash.update(`\n${path} ${content.length}\n`).update(content);
  return { entries, hash: hash.digest('hex').slice(0, 32), base };
}

/** Whether an image on this machine is the one that would be built now. */
export function judgeOwnImage(found: ImageInfo | undefined, bundle: Bundle): 'missing' | 'outdated' | 'current' {
  if (!found) return 'missing';
  return found.labels[LABEL.content] === bundle.hash ? 'current' : 'outdated';
}

/** Builds the image of our own parts from the running program's files. The base image has to be there. */
export async function buildOwnImage(api: DockerApi, bundle: Bundle, progress: (text: string) => void): Promise<void> {
  const dockerfile = bundle.entries.find(({ path }) => path === 'templates/docker/Dockerfile');
  const context = makeTar([
    { path: 'Dockerfile', content: dockerfile?.content ?? Buffer.alloc(0), mode: 0o644 },
    { path: 'state/', content: Buffer.alloc(0), mode: 0o700 },
    ...bundle.entries,
  ]);
  const said: string[] = [];
  const options = {
    tag: OWN_IMAGE,
    labels: { [LABEL.version]: VERSION, [LABEL.content]: bundle.hash },
    args: { NODE_IMAGE: bundle.base },
  };
  try {
    await api.build(Readable.from([context]), options, ({ stream = '' }) => {
      said.push(stream);
      if (stream.startsWith('Step ')) progress(stream.trim());
    });
  } catch (error) {
    if (error instanceof CliError) throw error;
    const text = [...said, error instanceof Error ? error.message : String(error)].join('');
    throw explainDockerText(text) ?? buildFailed(text, error);
  }
  // The one before has lost its name to this one. Should it have to stay, that is no reason for a start to fail.
  await api.pruneImages(LABEL.content).catch(() => undefined);
}

function buildFailed(text: string, cause: unknown): CliError {
  return new CliError({
    code: 'IMAGE_BUILD_FAILED',
    message: `the image ${OWN_IMAGE} could not be built`,
    why: lastLines(text),
    fix: 'look at the base image, MCPGW_NODE_IMAGE in .env; it needs `node` on its PATH',
    cause,
  });
}

async function filesOf(folder: string, part: string): Promise<string[]> {
  const entries = await readdir(join(folder, part), { withFileTypes: true }).catch((error: NodeJS.ErrnoException) =>
    error.code === 'ENOTDIR' ? undefined : [],
  );
  if (!entries) return [part];
  const nested = entries.map(async (entry) =>
    entry.isDirectory() ? filesOf(folder, `${part}/${entry.name}`) : [`${part}/${entry.name}`],
  );
  return (await Promise.all(nested)).flat();
}
