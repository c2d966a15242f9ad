import { readFile } from 'node:fs/promises';
import type { Ctx } from '../context.ts';
import { CliError, EXIT, usage } from '../errors.ts';
import { nearest } from '../nearest.ts';
import type { Fetch } from '../net/fetch.ts';
import { findProject } from '../project/find.ts';
import { readProject, type TargetProject } from './target-project.ts';

/** What a route's name or a URL on the command line means. */
export interface Target {
  /** The MCP server, as clients are given it. */
  server: URL;
  /** The word that names it in commands to paste. */
  word: string;
  /** The project it belongs to; absent for other people's servers. */
  project?: TargetProject;
  /** Trusts the project's authority and knows its names. Waits `timeout` milliseconds for an answer's head, default 30 s. */
  fetch(timeout?: number): Fetch;
}

/** The server behind a route's name, a route's host, or any MCP server's URL. */
export async function findTarget(ctx: Ctx, word: string): Promise<Target> {
  const folder = await findProject(ctx.cwd);
  if (word.includes('://')) {
    const server = parseServerUrl(word);
    // A broken project must not stand in the way of somebody else's server.
    const project = folder === undefined ? undefined : await readProject(ctx, folder).catch(() => undefined);
    const isOurs = project?.routes.some(({ url }) => new URL(url).host === server.host);
    return makeTarget(server, word, isOurs ? project : undefined);
  }
  if (folder === undefined) throw noProject(word);
  const project = await readProject(ctx, folder);
  const lower = word.toLowerCase();
  const route = project.routes.find(
    ({ name, url }) => name === word || [new URL(url).host, new URL(url).hostname].includes(lower),
  );
  if (!route) throw unknownRoute(word, project);
  return makeTarget(new URL(route.url), route.name, project);
}

/** https to anywhere, http to loopback. */
function parseServerUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url) throw usage(`\`${text}\` is no URL`, 'mcpgw token https://mcp.example.com/mcp');
  const isLoopback =
    /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname) || url.hostname.endsWith('.localhost');
  if (url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback)) {
    url.hash = '';
    return url;
  }
  throw usage(
    `\`${text}\`: a token may only travel over https, or over http to this machine`,
    `mcpgw token ${text.replace(/^\w+:/, 'https:')}`,
  );
}

function makeTarget(server: URL, word: string, project: TargetProject | undefined): Target {
  return {
    server,
    word,
    ...(project ? { project } : {}),
    fetch: (timeout) => {
      let made: Promise<Fetch> | undefined;
      return async (input, init) => (await (made ??= makeFetch(project, timeout)))(input, init);
    },
  };
}

async function makeFetch(project: TargetProject | undefined, timeout: number | undefined): Promise<Fetch> {
  const [{ createFetch }, { firstOf, resolveLoopbackNames }] = await Promise.all([
    import('../net/fetch.ts'),
    import('../net/resolve.ts'),
  ]);
  const limit = timeout === undefined ? {} : { timeout };
  if (!project) return createFetch(limit);
  const { authority, localDomain } = project;
  const pem = await readFile(authority, 'utf8').catch(() => undefined);
  const isLocal = (name: string): boolean =>
    localDomain !== undefined && (name === localDomain || name.endsWith(`.${localDomain}`));
  const resolve = firstOf(resolveLoopbackNames, (hostname, port) =>
    isLocal(hostname) ? { host: '127.0.0.1', port } : undefined,
  );
  return createFetch({ ...limit, resolve, ...(pem === undefined ? {} : { ca: [pem] }) });
}

function noProject(word: string): CliError {
  return new CliError({
    code: 'NO_PROJECT',
    message: `\`${word}\` is no URL, and there is no project here to have a route of that name`,
    fix: 'cd into the project folder, or give the URL: mcpgw token https://...',
  });
}

function unknownRoute(word: string, { routes }: TargetProject): CliError {
  const names = routes.map(({ name }) => name);
  const close = nearest(word, names);
  return new CliError({
    code: 'ROUTE_UNKNOWN',
    message: `the project has no MCP route \`${word}\`${close ? `; did you mean \`${close}\`?` : ''}`,
    why: names.length > 0 ? `routes: ${names.join(', ')}` : 'it has no MCP routes at all',
    fix: close ? `mcpgw token ${close}` : 'mcpgw status    # lists the routes',
    exit: EXIT.usage,
  });
}
