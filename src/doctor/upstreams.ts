import type { UpstreamOauth2 } from '../pomerium/model.ts';
import type { Patient } from './patient.ts';
import type { Server } from './servers.ts';

export interface UpstreamServer {
  server: Server;
  oauth: UpstreamOauth2;
}

/** The servers behind which users sign in at a service of its own. */
export async function upstreamsOf({ servers }: Pick<Patient, 'servers'>): Promise<UpstreamServer[]> {
  return (await servers()).flatMap((server) => {
    const oauth = server.route?.mcp?.server?.upstream_oauth2;
    return oauth ? [{ server, oauth }] : [];
  });
}

export const NO_UPSTREAM = 'no server signs in at a service of its own';
