import type { Patient } from './patient.ts';
import { askAnonymously } from './probe.ts';
import type { Server } from './servers.ts';
import { whyAbsent } from './grounds.ts';

export interface Way {
  server: Server;
  /** Absent: the server asks for none. */
  accessToken?: string;
  /** The development user whose token it is. */
  user?: string;
}

/** How a server can be called: with a token of the first development user, or without where it asks for none; else why not. */
export async function wayTo(patient: Patient, server: Server, signal: AbortSignal): Promise<Way | string> {
  const reason = await whyAbsent('sign-in', patient);
  if (reason === undefined) {
    const [user] = Object.keys((await patient.project()).settings.users);
    return user === undefined
      ? 'there is no development user'
      : { server, user, accessToken: await patient.token(server, user, signal) };
  }
  const { status } = await askAnonymously(await patient.fetch(), server.url, signal);
  return status >= 200 && status < 300 ? { server } : `${reason}, and the server wants a token`;
}

/** The same for the first server there is. */
export async function firstWay(patient: Patient, signal: AbortSignal): Promise<Way | string> {
  const [server] = await patient.servers();
  return server ? wayTo(patient, server, signal) : 'no MCP route asks for a sign-in';
}
