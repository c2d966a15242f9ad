import type { Fetch } from '../../net/fetch.ts';
import type { IdentityOptions } from '../exchange.ts';
import type { Secret } from '../identity/secret.ts';
import type { StateStore } from '../identity/state-store.ts';
import type { CallbackOptions } from './callback.ts';
import { UpstreamConsent } from './consent.ts';
import { UpstreamHttp } from './http.ts';
import type { UpstreamOauth } from './index.ts';
import { PendingUpstreams } from './pending.ts';
import { answerRefusal } from './refusal.ts';
import { UpstreamRegistrations } from './registration.ts';
import { serviceOfRoute, upstreamUrlOf, withoutPort } from './service.ts';
import { TokenIndex } from './token-index.ts';
import { UpstreamTokens } from './tokens.ts';
import { Vault } from './vault.ts';

export interface UpstreamParts {
  oauth: UpstreamOauth;
  consent: UpstreamConsent;
  callback: CallbackOptions;
  /** Another process has written to the store. */
  reload(): void;
  /** The keys have changed. */
  forgetOpened(): void;
}

/** `fetch` reaches every host. */
export function createUpstreamParts(
  o: IdentityOptions,
  { store, secret, fetch }: { store: StateStore; secret: Secret; fetch: Fetch },
): UpstreamParts {
  const { table, options, log, resolve, ca } = o;
  const vault = new Vault(secret);
  const { allowPrivateMetadataHosts: allowPrivateHosts, strict = false } = o;
  const http = new UpstreamHttp({ options, fetch, resolve, ca, allowPrivateHosts, strict });
  const index = new TokenIndex(store, vault);
  const tokens = new UpstreamTokens({ store, index, http, log });
  const pending = new PendingUpstreams(store, vault);
  const enabled = (): boolean => options().runtime_flags['mcp_dynamic_client_registration'] === true;
  const registrations = new UpstreamRegistrations({ store, vault, http, log, enabled });
  const consent = new UpstreamConsent({ table, http, index, tokens, pending, registrations, log });
  return {
    oauth: upstreamOauth(o, { http, index, tokens, pending, consent }),
    consent,
    callback: { http, pending, tokens },
    reload: () => index.reload(),
    forgetOpened: () => index.forgetOpened(),
  };
}

interface Parts extends CallbackOptions {
  index: TokenIndex;
  consent: UpstreamConsent;
}

function upstreamOauth(
  { table, log }: IdentityOptions,
  { http, index, tokens, pending, consent }: Parts,
): UpstreamOauth {
  return {
    connected: (userId, route) => index.get(route.id, upstreamUrlOf(route), userId) !== undefined,
    connect: (exchange, session, _, returnTo) => consent.connect(exchange, session, returnTo),
    async disconnect(userId, routes) {
      for (const route of routes) {
        await tokens.delete({ userId, routeId: route.id, upstreamUrl: upstreamUrlOf(route) });
        await pending.delete(userId, withoutPort(route.host));
      }
    },
    authorization({ userId }, route) {
      if (!index.hasRoute(route.id)) return undefined;
      const service = serviceOfRoute(table(), route);
      const entry = service && index.get(route.id, service.upstreamUrl, userId);
      if (!entry) return undefined;
      const usable = tokens.usable(entry, service.server.upstream_oauth2?.client_secret);
      return usable instanceof Promise ? usable.then((renewed) => renewed?.authorization) : usable?.authorization;
    },
    refused: (refusal) => answerRefusal({ table, http, pending, log }, refusal),
  };
}
