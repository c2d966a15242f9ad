import type { LoggedLine, Patient } from '../patient.ts';
import type { TlsLook } from '../tls-look.ts';
import { canonical, isPublic } from './dns/addresses.ts';
import type { HostRecords } from './dns/records.ts';
import type { Doors } from './doors.ts';
import { readIssuanceLog, type IssuanceLog } from './log/issuance-log.ts';
import { isLocalName, situationOf, type Situation } from './situation.ts';

/** The addresses at which the internet finds this machine, as far as it knows them itself. */
export interface OwnAddresses {
  /** Of the machine and its router, public ones only. */
  known: string[];
  /** Whether a public IPv6 address is among the machine's own. */
  hasIpv6: boolean;
}

/** What several checks of issuance look at, got once for each patient. */
export interface View {
  /** Why nothing is to be looked at; undefined otherwise. */
  whyNot(): Promise<string | undefined>;
  situation(): Promise<Situation>;
  /** Hosts that the world has to find. */
  hosts(): Promise<string[]>;
  records(signal: AbortSignal): Promise<HostRecords[]>;
  own(signal: AbortSignal): Promise<OwnAddresses>;
  log(): Promise<IssuanceLog>;
  served(): Promise<TlsLook[]>;
}

export type ViewOf = (patient: Patient) => View;

export function createViews(doors: Doors): ViewOf {
  const views = new WeakMap<Patient, View>();
  return (patient) => {
    const view = views.get(patient) ?? look(patient, doors);
    views.set(patient, view);
    return view;
  };
}

function look(patient: Patient, doors: Doors): View {
  const situation = once(async () => situationOf(patient));
  const hosts = once(async () => (await situation()).hosts.filter((host) => !isLocalName(host)));
  return {
    situation,
    hosts,
    whyNot: once(async () => whyNot(patient, await hosts())),
    records: keptFor(async (signal) =>
      Promise.all((await hosts()).map(async (host) => doors.dns.records(host, signal))),
    ),
    own: keptFor(async (signal) => ownAddresses(doors, signal)),
    log: once(async () => readIssuanceLog(await gatewayLines(patient))),
    served: once(async () =>
      Promise.all((await hosts()).map(async (host) => doors.presents(host, doors.ports['tls-alpn-01']))),
    ),
  };
}

async function whyNot({ target, project }: Patient, hosts: readonly string[]): Promise<string | undefined> {
  const isLocal = target.kind === 'project' && (await project()).settings.address === 'local';
  if (isLocal) return 'the project has a local address: nobody outside has to find it';
  return hosts.length > 0 ? undefined : 'every host has a local name: nobody outside has to find it';
}

async function ownAddresses(doors: Doors, signal: AbortSignal): Promise<OwnAddresses> {
  const machine = doors.machineAddresses().filter(isPublic).map(canonical);
  const router = machine.some((address) => !address.includes(':')) ? undefined : await doors.routerAddress(signal);
  // A router behind another one knows a private address only (carrier-grade NAT).
  const beyond = router !== undefined && isPublic(router) ? [router] : [];
  return { known: [...machine, ...beyond], hasIpv6: machine.some((address) => address.includes(':')) };
}

async function gatewayLines(patient: Patient): Promise<readonly LoggedLine[]> {
  if (patient.target.kind !== 'project' || !(await patient.running())) return [];
  return patient.log();
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () => (made ??= make());
}

/** The first signal counts: a run has one. */
function keptFor<T>(make: (signal: AbortSignal) => Promise<T>): (signal: AbortSignal) => Promise<T> {
  let made: Promise<T> | undefined;
  return (signal) => (made ??= make(signal));
}
