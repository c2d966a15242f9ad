import { CliError, usage } from '../errors.ts';
import type { Options } from '../pomerium/model.ts';
import {
  addHostGateway,
  addMissingToEnv,
  addRoute,
  addService,
  addToServerTable,
  alignNames,
  allowMetadataDomains,
  allowRegistration,
  HOST_ITSELF,
  parseEnvFile,
  parseYaml,
  quoteForEnv,
  replaceInEnv,
  serve,
  SERVERS_SERVICE,
  type Project,
  type ProjectTexts,
} from '../project/index.ts';
import { describeAllow, serverNeeds } from '../scaffold/index.ts';
import type { AddAnswers } from './add-answers.ts';
import { DATABASE_SECRET } from './add-names.ts';
import type { Addition } from './add-plan.ts';

/** The files with the addition in them. With `hasRoute` the route is there already, and gets what else it lacks. */
export function addToTexts(
  before: ProjectTexts,
  addition: Addition,
  answers: Pick<AddAnswers, 'host' | 'from'>,
  { settings, services }: Project,
  gateway: Options,
  hasRoute: boolean,
): { texts: ProjectTexts; notes: string[] } {
  const { route, text, server, service, secrets, metadataDomains, registersItself } = addition;
  const notes: string[] = [];
  let config = allowMetadataDomains(hasRoute ? before.config : addRoute(before.config, text), metadataDomains);
  if (registersItself && gateway.runtime_flags['mcp_dynamic_client_registration'] !== true) {
    assertNotForbidden(before.config);
    config = allowRegistration(config);
    notes.push('runtime_flags.mcp_dynamic_client_registration is on now: it also lets MCP clients register themselves');
  }
  let { compose } = before;
  if (service && !services.some(({ name }) => name === service.name)) compose = addService(compose, service.text);
  if (server !== undefined) {
    const needs = serverNeeds(server, { address: settings.address, host: answers.host, origin: answers.from });
    compose = serve(compose, { server, ...needs });
    if (secrets[DATABASE_SECRET]?.includes(HOST_ITSELF)) compose = addHostGateway(compose, SERVERS_SERVICE);
  }
  if (route.to.includes(HOST_ITSELF)) compose = addHostGateway(compose);
  const added = { from: route.from, to: [{ url: route.to }] } as Options['routes'][number];
  const names = alignNames(compose, { ...gateway, routes: [...gateway.routes, ...(hasRoute ? [] : [added])] });
  const believed = /WHOAMI_ISSUERS\s*[:=](.*)/.exec(names.text)?.[1];
  if (server === 'whoami' && believed !== undefined && !believed.includes(answers.host))
    notes.push(`whoami believes the hosts in WHOAMI_ISSUERS alone: add ${answers.host} there, in docker-compose.yaml`);
  notes.push(...names.missing.map((what) => `docker-compose.yaml lacks ${what}; add it by hand`));
  const env = withSecrets(before.env, secrets);
  const blank = Object.fromEntries(Object.keys(secrets).map((name) => [name, '']));
  const envExample = before.envExample === undefined ? undefined : withNames(before.envExample, Object.keys(blank));
  const readme = hasRoute ? before.readme : withRow(before.readme, route);
  return { texts: { config, compose: names.text, env, envExample, readme }, notes };
}

function withRow(readme: string | undefined, { name, from, kind, allow }: Addition['route']): string | undefined {
  if (readme === undefined) return undefined;
  return addToServerTable(readme, { name, url: from, who: describeAllow(allow), isServer: kind === 'server' });
}

function assertNotForbidden(config: string): void {
  const { runtime_flags: flags } = (parseYaml(config, 'pomerium-config.yaml').data ?? {}) as {
    runtime_flags?: Record<string, unknown>;
  };
  if (flags?.['mcp_dynamic_client_registration'] === undefined) return;
  throw new CliError({
    code: 'REGISTRATION_OFF',
    message: 'Pomerium has to register itself at this server, and runtime_flags.mcp_dynamic_client_registration is off',
    why: 'the same flag lets MCP clients register themselves at the gateway, so it is yours to turn on',
    fix: 'set it to true in pomerium-config.yaml, or give --client-id and --secret-stdin of an application registered by hand',
  });
}

/** `.env` with the secrets of a route; one that has another value there gets the new one, which somebody gave on purpose. */
function withSecrets(env: string, secrets: Readonly<Record<string, string>>): string {
  const quoted = Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => {
      const text = quoteForEnv(value);
      if (text === undefined)
        throw usage(
          `the secret has characters that .env cannot hold for every reader`,
          `write ${name} into .env by hand`,
        );
      return [name, text];
    }),
  );
  const known = parseEnvFile(env);
  const other = Object.entries(secrets).filter(([name, value]) => known[name] && known[name] !== value);
  const replaced = other.length === 0 ? env : replaceInEnv(env, Object.fromEntries(other));
  return addMissingToEnv(replaced, quoted).text;
}

/** Names without values, for the file that is committed. */
function withNames(text: string, names: readonly string[]): string {
  const known = parseEnvFile(text);
  const missing = names.filter((name) => !(name in known));
  if (missing.length === 0) return text;
  return `${text}${text === '' || text.endsWith('\n') ? '' : '\n'}${missing.map((name) => `${name}=\n`).join('')}`;
}
