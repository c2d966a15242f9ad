import { compileRoutes } from '../pomerium/index.ts';
import type { Criterion, Options, PolicyInput, PolicyRule, Route, Session } from '../pomerium/model.ts';

/** Criteria that the portal weighs. `groups` is among Pomerium's, but matches a directory only, which Pomerium Core has none of. */
const WEIGHED: ReadonlySet<string> = new Set(['accept', 'authenticated_user', 'domain', 'email', 'user']);

type Access = (route: Route, session: Session) => boolean;

const known = new WeakMap<Options, Access>();

/**
 * Whether the routes portal shows a route to a user. It guesses from the simple allow rules and looks at no others, as Pomerium v0.33.1
 * proxy/portal/filter.go does; what the user may do on the route is decided elsewhere.
 */
export function isShown(options: Options, route: Route, session: Session): boolean {
  const access = known.get(options) ?? compileAccess(options);
  known.set(options, access);
  return access(route, session);
}

function compileAccess(options: Options): Access {
  const { routes } = compileRoutes({ ...options, routes: options.routes.map(simplified) });
  const compiled = new Map(options.routes.map((route, i) => [route, routes[i]]));
  return (route, session) => compiled.get(route)?.decide(inputOf(session)).kind === 'allow';
}

function simplified(route: Route): Route {
  const policy = (route.policy ?? []).filter(isSimple).map(onlyWeighed);
  return { ...route, allowed_idp_claims: {}, policy };
}

function isComplex({ conditional, criteria }: PolicyRule['conditions'][number]): boolean {
  return conditional === 'not' || conditional === 'nor' || (conditional === 'and' && criteria.length > 1);
}

function isSimple({ action, conditions }: PolicyRule): boolean {
  return action === 'allow' && !conditions.some(isComplex);
}

function onlyWeighed(rule: PolicyRule): PolicyRule {
  const criteria: Criterion[] = rule.conditions.flatMap((condition) => condition.criteria);
  const weighed = criteria.filter(({ name }) => WEIGHED.has(name));
  return { ...rule, conditions: weighed.length > 0 ? [{ conditional: 'or', criteria: weighed }] : [] };
}

function inputOf(session: Session): PolicyInput {
  return { session, http: { method: 'GET', path: '/', hostname: '', headers: {} } };
}
