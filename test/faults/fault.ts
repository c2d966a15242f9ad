import type { GatewayTraits } from '../../src/clients/index.ts';
import type { LoggedLine, Patient } from '../../src/doctor/check.ts';
import type { HostRecords } from '../../src/doctor/issuance/dns/records.ts';
import type { ContainerState, DockerState } from '../../src/doctor/patient.ts';
import type { Place } from '../unit/doctor/world.ts';
import type { Broken } from '../unit/lint/corpus.ts';

/** One known fault of a Pomerium that guards MCP servers. */
export interface Fault {
  number: number;
  /** What a person meets. */
  symptom: string;
  /** What is wrong. */
  cause: string;
  /** Words of the finding's `Fix:`, as they stand there; for what is no fault, why it is none. */
  fix: string;
  /** Each way in which a test plants it. Empty: not yet, and `fix` says why. */
  planted: readonly Planting[];
}

interface Common {
  /** The rule, check or error code that names it; absent: it is no fault, and nobody may say a word. */
  finds?: string;
  /** Words of this finding's fix, where they are others than the fault's. */
  fix?: string;
  /** Findings that belong to the same fault. */
  along?: readonly string[];
}

export type Planting = Common &
  (
    | InFiles
    | InLog
    | InPublicWorld
    | InProject
    | InRunningProject
    | ForClient
    /** An existing test that plants it. */
    | { in: 'test'; file: string; title: string }
  );

/** In the healthy files of the corpus of lint; without `broken` as that corpus breaks the rule. */
export interface InFiles {
  in: 'files';
  broken?: Broken;
}

/** In what Pomerium logged. */
export interface InLog {
  in: 'log';
  lines: () => LoggedLine[];
}

/** In DNS, ports, certificates and the log of a public gateway that fetches its certificates. */
export interface InPublicWorld {
  in: 'public world';
  /** The recording of what it logged. */
  logged?: string;
  /** Only what was recorded before this time. */
  until?: string;
  /** How often it happened. */
  times?: number;
  /** Milliseconds since 1970. */
  now?: number;
  records?: Partial<HostRecords>;
  /** Who holds port 443. */
  holder?: string;
  shows?: Shown;
  /** What the store has, where it is something else than what is shown. */
  stored?: 'newer' | 'rubbish';
}

/** A certificate of 90 days that a host shows. */
export interface Shown {
  issuer: string;
  /** Of whom it speaks, where that is another host. */
  name?: string;
  /** Days since it was issued. */
  age?: number;
  /** Node's code, where the chain is not trusted. */
  distrust?: string;
}

/** In a project as `create` makes it: its files, the machine, or containers that are well but for this. */
export interface InProject {
  in: 'project';
  /** Answers what the world is like beside the files. */
  plant?: (place: Place) => Partial<Patient> | Promise<Partial<Patient>>;
  /** Pomerium's container. */
  container?: Partial<ContainerState>;
  engine?: Partial<DockerState>;
  /** Ids of checks, or areas, that look; the finding's whole area when it is left out. */
  look?: readonly string[];
}

/** In how the gateway of a project behaves that runs. */
export interface InRunningProject {
  in: 'running project';
  asks: { path: string; method?: string; accept?: string };
  /** Status of the answer. */
  answered: number;
  /** Ids of checks, or areas. */
  look: readonly string[];
}

/** In what a client meets. */
export interface ForClient {
  in: 'client';
  client: string;
  traits: Partial<GatewayTraits>;
}
