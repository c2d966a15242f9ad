import { lookup } from 'node:dns/promises';
import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import type { Ctx } from '../context.ts';
import { shellWord } from '../shell-word.ts';
import { scripted } from './sign-in.ts';
import { findTarget, type Target } from './target.ts';

export interface CurlOptions {
  route: string;
  as?: string;
}

export interface CurlResult {
  /** The command line as it can be pasted, over several lines. */
  line: string;
}

/** Lists the tools: the one request that every server answers without a handshake before it. */
const BODY = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' });

/** Writes the curl line that calls a server. Nothing is asked or sent. */
export async function run(ctx: Ctx, options: CurlOptions): Promise<CurlResult> {
  const target = await findTarget(ctx, options.route);
  if (options.as !== undefined) scripted(target, options.as);
  const [trust, resolve, program] = await Promise.all([
    trustFlags(target),
    resolveFlags(target.server),
    programWords(ctx),
  ]);
  const token = [program, 'token', shellWord(target.word), ...(options.as ? ['--as', shellWord(options.as)] : [])].join(
    ' ',
  );
  const parts = [
    'curl -sS',
    ...trust,
    ...resolve,
    // Double quotes, so that the shell puts the token in; nothing in the words between them is left for it to interpret.
    `-H "Authorization: Bearer $(${token})"`,
    "-H 'Content-Type: application/json'",
    "-H 'Accept: application/json, text/event-stream'",
    `-d ${shellWord(BODY)}`,
    shellWord(target.server.href),
  ];
  return { line: parts.join(' \\\n  ') };
}

export { curlScreen as screen } from '../ui/screens/curl.ts';

async function trustFlags({ project }: Target): Promise<string[]> {
  if (!project) return [];
  const exists = await canUse(project.authority, constants.R_OK);
  return exists ? [`--cacert ${shellWord(project.authority)}`] : [];
}

/** Names below .localhost are this machine's by RFC 6761, but not every resolver knows. */
async function resolveFlags({ hostname, port, protocol }: URL): Promise<string[]> {
  if (!/(^|\.)localhost(\.pomerium\.io)?$/.test(hostname)) return [];
  const isKnown = await lookup(hostname).then(
    ({ address }) => address === '127.0.0.1' || address === '::1',
    () => false,
  );
  return isKnown ? [] : [`--resolve ${hostname}:${port || (protocol === 'https:' ? 443 : 80)}:127.0.0.1`];
}

/** What npm puts on the PATH for the time of `npx` and `npm run`; the shell that runs the line does not have it. */
const PASSING = /[\\/]node_modules[\\/]\.bin$/;

/** `mcpgw` where the shell finds it, else the way this program was started. */
async function programWords(ctx: Ctx): Promise<string> {
  const folders = (ctx.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '' && !PASSING.test(folder));
  const found = await Promise.all(folders.map((folder) => canUse(join(folder, 'mcpgw'), constants.X_OK)));
  return found.includes(true) ? 'mcpgw' : ctx.program.map(shellWord).join(' ');
}

function canUse(file: string, mode: number): Promise<boolean> {
  return access(file, mode).then(
    () => true,
    () => false,
  );
}
