import type { Ctx } from '../context.ts';
import type { Patient } from '../doctor/check.ts';
import type { Renewal } from '../doctor/patient.ts';
import type { Server } from '../doctor/servers.ts';
import type { Fetch } from '../net/fetch.ts';
import { createTokenStore, obtainToken, type ObtainTokenOptions, type Token } from '../oauth/index.ts';
import type { Project } from '../project/index.ts';

export interface SignIns extends Pick<Patient, 'token' | 'refresh'> {
  /** Drops every grant that was got. */
  end: () => Promise<void>;
}

interface Place {
  ctx: Ctx;
  project: () => Promise<Project>;
  fetch: () => Promise<Fetch>;
  folder: string;
}

/**
 * Scripted sign-ins, one a run for each user and server, since each leaves a session behind at the gateway. The registration is
 * kept from run to run, so that doctor does not leave a client behind each time; grants are dropped.
 */
export function createSignIns(place: Place): SignIns {
  const store = createTokenStore({ folder: place.folder, note: place.ctx.note });
  const known = new Map<string, { server: Server; user: string; token: Promise<Token> }>();
  const drop = async (server: Server, user: string): Promise<void> => {
    for (const grant of await store.grants(server.url.href, user)) await store.drop(grant);
  };
  const optionsFor = async (server: Server, user: string, signal: AbortSignal): Promise<ObtainTokenOptions> => {
    const { settings, parsed } = await place.project();
    const provider = parsed.options?.idp_provider_url ?? `http://idp.${settings.domain}:${settings.idp?.port}`;
    return {
      server: server.url,
      as: { user, identityProvider: new URL(provider) },
      browser: false,
      interactive: false,
      unattended: true,
      fetch: await place.fetch(),
      openUrl: async () => false,
      prompt: place.ctx.prompt,
      store,
      now: place.ctx.now,
      signal,
      note: () => undefined,
      command: `mcpgw token ${server.name} --as ${user}`,
    };
  };
  const signIn = async (server: Server, user: string, signal: AbortSignal): Promise<Token> => {
    await drop(server, user);
    return obtainToken(await optionsFor(server, user, signal));
  };
  const token = async (server: Server, user: string, signal: AbortSignal): Promise<Token> => {
    const key = `${user} ${server.url.href}`;
    const entry = known.get(key) ?? { server, user, token: signIn(server, user, signal) };
    known.set(key, entry);
    return entry.token;
  };
  const renewals = new Map<string, Promise<Renewal | undefined>>();
  const renew = async (server: Server, user: string, signal: AbortSignal): Promise<Renewal | undefined> => {
    const { accessToken } = await token(server, user, signal);
    // Said of a token that is good: the only way to the refresh grant before it ends.
    const rejected = { accessToken, status: 401 };
    const renewed = await obtainToken({ ...(await optionsFor(server, user, signal)), rejected });
    if (renewed.from !== 'refresh') return undefined;
    return {
      accessToken: renewed.accessToken,
      ...(renewed.expiresAt === undefined ? {} : { expiresAt: renewed.expiresAt }),
    };
  };
  return {
    token: async (...wanted) => (await token(...wanted)).accessToken,
    refresh: async (server, user, signal) => {
      const key = `${user} ${server.url.href}`;
      const entry = renewals.get(key) ?? renew(server, user, signal);
      renewals.set(key, entry);
      return entry;
    },
    end: async () => {
      for (const { server, user } of known.values()) await drop(server, user);
    },
  };
}
