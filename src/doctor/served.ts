import { readFile } from 'node:fs/promises';
import type { Patient } from './patient.ts';
import { hostsOf } from './servers.ts';
import { lookAtTls, type TlsLook } from './tls-look.ts';

const known = new WeakMap<Patient, Promise<TlsLook[]>>();

/** What each host of the gateway presents, looked at once for all checks of certificates. */
export function servedBy(patient: Patient): Promise<TlsLook[]> {
  const found = known.get(patient) ?? look(patient);
  known.set(patient, found);
  return found;
}

async function look(patient: Patient): Promise<TlsLook[]> {
  const [hosts, resolve, ca] = await Promise.all([hostsAndPorts(patient), patient.resolve(), authorityOf(patient)]);
  return Promise.all(hosts.map(async (place) => lookAtTls(place, { resolve, ...(ca === undefined ? {} : { ca }) })));
}

async function hostsAndPorts(patient: Patient): Promise<{ host: string; port: number }[]> {
  const { target } = patient;
  if (target.kind === 'url')
    return target.url.protocol === 'https:'
      ? [{ host: target.url.hostname, port: Number(target.url.port || 443) }]
      : [];
  const { options } = await patient.configuration();
  const [server] = await patient.servers();
  const port = Number(server?.url.port || 443);
  return hostsOf(options).flatMap((host) => (host.includes('*') ? [] : [{ host, port }]));
}

async function authorityOf({ target, project }: Patient): Promise<string | undefined> {
  if (target.kind !== 'project') return undefined;
  return readFile((await project()).paths.authority, 'utf8').catch(() => undefined);
}
