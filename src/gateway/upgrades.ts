import type { Options, Route } from '../pomerium/model.ts';

/**
 * The protocols that a route lets its clients go over to (RFC 9110 §7.8), in lower case. The route's own list takes the place of the
 * global one: Pomerium v0.33.1 config/policy.go, GetAllowUpgrades and GetAllowWebsockets.
 */
export function upgradesOf(route: Route, options: Options): ReadonlySet<string> {
  const listed = route.allow_upgrades ?? options.allow_upgrades ?? [];
  const names = listed.map((name) => name.trim().toLowerCase()).filter((name) => name !== '');
  if (route.allow_websockets) names.push('websocket');
  if (route.allow_spdy === true) names.push('spdy/3.1');
  return new Set(names);
}
