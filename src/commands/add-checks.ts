import { isDeepStrictEqual } from 'node:util';
import { CliError } from '../errors.ts';
import type { Options } from '../pomerium/model.ts';
import { parseYaml, type Project, type ProjectTexts } from '../project/index.ts';
import { maskSecrets } from '../project/mask-secrets.ts';
import { unifiedDiff } from '../scaffold/index.ts';
import type { AddAnswers } from './add-answers.ts';
import { nameOf } from './add-names.ts';
import type { Addition } from './add-plan.ts';

/** Whether the route is there as it would be written; throws when one of its name or host is another one. */
export function isThere(
  { name, host }: AddAnswers,
  { text }: Addition,
  project: Project,
  gateway: Options,
  before: ProjectTexts,
): boolean {
  const index = gateway.routes.findIndex((route) => nameOf(route) === name || URL.parse(route.from)?.hostname === host);
  const other = gateway.routes[index];
  if (!other) return false;
  const { routes } = parseYaml(before.config, 'pomerium-config.yaml').data as { routes: unknown[] };
  const [wanted] = parseYaml(text, '').data as unknown[];
  if (isDeepStrictEqual(routes[index], wanted)) return true;
  const [there, here] = [routes[index], wanted].map((one) => maskSecrets(`${JSON.stringify(one, null, 2)}\n`));
  throw new CliError({
    code: 'ROUTE_EXISTS',
    message: `there is a route ${nameOf(other)} at ${other.from} already, and it is another one`,
    why: unifiedDiff(there ?? '', here ?? '', { before: 'as it is', after: 'as it would be added' }),
    fix: `edit it in ${project.paths.config}, take another name with --name, or: mcpgw remove ${nameOf(other)}`,
  });
}

/** Throws when the host or the service's name is somebody else's. */
export function assertFree({ name, host }: AddAnswers, { service }: Addition, project: Project): void {
  const { authenticate_service_url: authenticate = '', idp_provider_url: provider = '' } = project.parsed.options ?? {};
  const taken = [authenticate, provider].find((url) => URL.parse(url)?.hostname === host);
  if (taken !== undefined) {
    throw new CliError({
      code: 'HOST_TAKEN',
      message: `${host} is where people sign in: ${taken}`,
      why: 'on the host of a route its cookies would reach the server behind that route',
      fix: `take another name: mcpgw add ... --name ${name}-2`,
    });
  }
  if (!service || !project.services.some((one) => one.name === service.name)) return;
  throw new CliError({
    code: 'SERVICE_EXISTS',
    message: `docker-compose.yaml has a service ${service.name} already`,
    why: 'the new one would take its name',
    fix: `take another name: mcpgw add ... --name ${name}-2`,
  });
}
