import { CliError, usage } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { HOST_ITSELF } from '../project/index.ts';
import { findPreset, presetNames, type Preset } from '../scaffold/index.ts';
import { splitWords } from '../stack/words.ts';
import type { AddOptions } from './add.ts';

/** What a new route leads to. */
export type Source =
  | { kind: 'preset'; preset: Preset }
  | { kind: 'url'; to: string; hostRewrite?: string }
  | { kind: 'command'; words: string[] }
  | { kind: 'app' };

/** Where the MCP server of a preset is. */
export type Place = 'reference' | 'hosted' | 'url';

/** Reads `<what>` and `--run`; throws when they say nothing that can be added. */
export function readSource({ what, run }: Pick<AddOptions, 'what' | 'run'>): Source | undefined {
  if (run !== undefined) {
    if (what !== undefined)
      throw usage(`both \`${what}\` and --run were given`, "mcpgw add --run 'node server.js' --port 3000 --name x");
    return { kind: 'command', words: readCommand(run) };
  }
  if (what === undefined) return undefined;
  if (what === 'app') return { kind: 'app' };
  if (what.includes('://')) return { kind: 'url', ...readUpstream(what) };
  const preset = findPreset(what);
  if (preset) return { kind: 'preset', preset };
  throw noSuchPreset(what);
}

function readCommand(run: string): string[] {
  let words: string[] = [];
  try {
    words = splitWords(run);
  } catch (error) {
    throw usage(`--run: ${error instanceof Error ? error.message : String(error)}`, "--run 'node server.js'");
  }
  if (words.length === 0) throw usage('--run names no command', "--run 'node server.js'");
  return words;
}

/** A URL of this machine means another one in a container, where Docker has a name for it. */
const LOOPBACK = /^(localhost|127(\.\d+){3}|\[::1\]|0\.0\.0\.0|.+\.localhost)$/;

/** An upstream as `to` wants it. */
export function readUpstream(text: string): { to: string; hostRewrite?: string } {
  const url = URL.parse(text);
  const fix = 'mcpgw add http://localhost:3000/mcp --name my-server';
  if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:'))
    throw usage(`\`${text}\` is no http or https URL`, fix);
  if (url.username !== '' || url.password !== '')
    throw usage('the URL holds a password, which would stand in pomerium-config.yaml', fix);
  if (url.hash !== '' || url.search !== '')
    throw usage(`\`${text}\` has a query or a fragment, which \`to\` cannot have`, fix);
  if (!LOOPBACK.test(url.hostname)) return { to: withoutLoneSlash(url, text) };
  const hostRewrite = `localhost${url.port === '' ? '' : `:${url.port}`}`;
  url.hostname = HOST_ITSELF;
  return { to: withoutLoneSlash(url, text), hostRewrite };
}

function withoutLoneSlash(url: URL, text: string): string {
  return url.pathname === '/' && !text.endsWith('/') ? url.origin : url.href;
}

function noSuchPreset(what: string): CliError {
  const names = presetNames();
  const close = nearest(what, [...names, 'app']);
  return new CliError({
    code: 'NO_SUCH_PRESET',
    message: `\`${what}\` is no preset and no URL${close ? `; did you mean \`${close}\`?` : ''}`,
    why: `there are ${[...names, 'app'].join(', ')}`,
    fix: close ? `mcpgw add ${close}` : 'mcpgw add http://localhost:3000/mcp --name my-server',
    exit: 2,
  });
}

/** Where a preset's server is to be; undefined: somebody has to say. */
export function placeOf(
  { reference, hosted, name }: Preset,
  options: Pick<AddOptions, 'to' | 'hosted'>,
): Place | undefined {
  if (options.to !== undefined && options.hosted)
    throw usage('--to and --hosted name two servers', `mcpgw add ${name} --hosted`);
  if (options.to !== undefined) return 'url';
  if (options.hosted && !hosted) {
    const fix = reference ? `mcpgw add ${name}` : `mcpgw add ${name} --to https://...`;
    throw usage(`there is no hosted MCP server for ${name} in the presets`, fix);
  }
  if (options.hosted) return 'hosted';
  if (reference && hosted) return undefined;
  return reference ? 'reference' : hosted ? 'hosted' : 'url';
}
