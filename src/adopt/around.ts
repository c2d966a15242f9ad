import { addMissingToEnv, parseEnvFile, quoteForEnv } from '../project/index.ts';
import { ENV_FILE, STATE_FOLDER } from '../project/paths.ts';
import { describeAllow, readAllow } from '../scaffold/allow.ts';
import { fillTemplate, textOf, type Templates } from '../scaffold/template.ts';
import type { Options } from '../pomerium/model.ts';
import type { Draft, Scene } from './draft.ts';

const HEADER = '# Secrets and image names of this project. Keep it out of version control.\n';
const EXAMPLE_HEADER = '# The names of .env, without secrets: for whoever clones this.\n';

/** .env with what it lacks; what stands there stays. */
export function envText(before: string | undefined, env: Draft['env']): string | undefined {
  if (Object.keys(env).length === 0) return before;
  const quoted = Object.fromEntries(Object.entries(env).map(([name, value]) => [name, quoteForEnv(value) ?? value]));
  return addMissingToEnv(before ?? HEADER, quoted).text;
}

/** Images are no secret, and are wanted in a clone as well. */
export function envExampleText(before: string | undefined, env: Draft['env']): string | undefined {
  if (Object.keys(env).length === 0) return before;
  const known = parseEnvFile(before ?? '');
  const missing = Object.entries(env).filter(([name]) => !(name in known));
  if (missing.length === 0) return before;
  const lines = missing.map(([name, value]) => `${name}=${name.endsWith('_IMAGE') ? value : ''}\n`);
  const start = before ?? EXAMPLE_HEADER;
  return `${start}${start.endsWith('\n') || start === '' ? '' : '\n'}${lines.join('')}`;
}

/** .gitignore with .env and the state of this machine. */
export function gitignoreText(before: string | undefined): string {
  const lines = (before ?? '').split(/\r?\n/).map((line) => line.trim());
  const wanted = [
    { entry: ENV_FILE, known: [ENV_FILE, `/${ENV_FILE}`, '.env*', '*.env'] },
    { entry: `${STATE_FOLDER}/`, known: [STATE_FOLDER, `${STATE_FOLDER}/`, `/${STATE_FOLDER}`, `/${STATE_FOLDER}/`] },
  ].filter(({ known }) => !known.some((one) => lines.includes(one)));
  if (wanted.length === 0) return before ?? '';
  const start = before ?? '';
  return `${start}${start === '' || start.endsWith('\n') ? '' : '\n'}${wanted.map(({ entry }) => `${entry}\n`).join('')}`;
}

/** What the project is, and its next commands. */
export function readmeText(
  { found }: Pick<Scene, 'found'>,
  options: Options | undefined,
  templates: Templates,
): string {
  const routes = (options?.routes ?? []).map(({ name, from, policy, mcp }) => ({
    name: name ?? URL.parse(from)?.hostname.split('.')[0] ?? from,
    from,
    who: whoOf(policy),
    isServer: mcp?.server !== undefined,
  }));
  const [first] = routes.filter(({ isServer }) => isServer);
  return fillTemplate(textOf(templates, 'adopted/README.md'), {
    title: found.title,
    routeTable: routes.map(({ name, from, who }) => `| ${name} | ${from} | ${who} |`).join('\n'),
    server: first !== undefined,
    firstServer: first?.name ?? '',
  });
}

function whoOf(policy: Options['routes'][number]['policy']): string {
  const allow = readAllow(policy ?? []);
  return allow ? describeAllow(allow) : 'as its policy says';
}
