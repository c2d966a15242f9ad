import { expect, onTestFinished } from 'vitest';
import { CLIENTS, predict } from '../../src/clients/index.ts';
import * as doctor from '../../src/commands/doctor.ts';
import * as down from '../../src/commands/down.ts';
import * as up from '../../src/commands/up.ts';
import type { Finding } from '../../src/doctor/check.ts';
import { CHECKS } from '../../src/doctor/checks/index.ts';
import { LOG_GROUPS } from '../../src/doctor/log/index.ts';
import { runChecks } from '../../src/doctor/run-checks.ts';
import { createSubject, lint } from '../../src/lint/index.ts';
import { findingAt } from '../unit/doctor-issuance/world.ts';
import { createPlace, doorsOf, patientAt } from '../unit/doctor/world.ts';
import { BROKEN, HEALTHY_COMPOSE, HEALTHY_CONFIG, type Broken } from '../unit/lint/corpus.ts';
import { onDocker } from './containers.ts';
import type { InRunningProject, ForClient, InProject, InPublicWorld, Planting } from './fault.ts';
import { worldOf } from './public-world.ts';

/** Something that lint, doctor or a prediction complains about. */
export interface Complaint {
  id: string;
  text: string;
  fix: string;
}

const { signal } = new AbortController();

/** Plants a fault and answers everything that is complained about. */
export async function diagnose(planting: Exclude<Planting, { in: 'test' }>): Promise<Complaint[]> {
  switch (planting.in) {
    case 'files':
      return lintComplaints(planting.broken ?? BROKEN[planting.finds ?? ''] ?? {});
    case 'log':
      return logComplaints(planting.lines());
    case 'public world':
      return publicComplaints(planting);
    case 'project':
      return projectComplaints(planting, planting.finds);
    case 'running project':
      return runningComplaints(planting);
    case 'client':
      return clientComplaints(planting);
    default:
      throw new Error('nobody knows how to plant this');
  }
}

/** What lint says of the healthy files, broken like this. */
export function lintComplaints(broken: Broken, file = 'pomerium-config.yaml'): Complaint[] {
  const { config, compose, release = 'v0.33.1', gone = [] } = broken;
  const findings = lint(
    createSubject({
      config: { file, text: (config ?? String)(HEALTHY_CONFIG) },
      compose: { file: 'compose.yaml', text: (compose ?? String)(HEALTHY_COMPOSE), folder: '/project' },
      variables: { ID: 'gateway' },
      exists: (path) => !gone.includes(path),
      release,
    }),
  );
  return findings.map(({ rule, message, fix = '' }) => ({ id: rule, text: message, fix }));
}

async function logComplaints(lines: Awaited<ReturnType<ReturnType<typeof patientAt>['log']>>): Promise<Complaint[]> {
  const place = await createPlace('log');
  return checkComplaints(
    LOG_GROUPS.map(({ id }) => id),
    patientAt(place.folder, { log: async () => lines }),
  );
}

const PUBLIC = CHECKS.filter(({ id, area }) => id !== 'ISS-10' && (area === 'dns' || area === 'issuance'));

async function publicComplaints(planted: InPublicWorld): Promise<Complaint[]> {
  const place = await worldOf(planted);
  const found = await Promise.all(
    PUBLIC.map(async (check) => ({ ...check, finding: await findingAt(check.id, place) })),
  );
  const failed = new Set(found.filter(({ finding }) => finding.kind === 'failure').map(({ id }) => id));
  // As the runner does: what is needed comes first.
  return complaintsOf(found.filter(({ needs = [] }) => !needs.some((id) => failed.has(id))));
}

async function projectComplaints(planted: InProject, finds = ''): Promise<Complaint[]> {
  const { plant, container, engine, look } = planted;
  const place = await createPlace('fault');
  const patient = patientAt(place.folder, {
    ...(container || engine ? await onDocker(place, container, engine) : {}),
    ...(await plant?.(place)),
  });
  const area = CHECKS.find(({ id }) => id === finds)?.area;
  return checkComplaints(look ?? (area ? [area] : []), patient);
}

async function runningComplaints({ asks, answered, look }: InRunningProject): Promise<Complaint[]> {
  const place = await createPlace('fault');
  onTestFinished(async () => {
    await down.run(place.context(), {});
  });
  await up.run(place.context(), {});
  const { path, method = 'GET', accept = '*/*' } = asks;
  const send = await doorsOf(place).fetch();
  const response = await send(`https://whoami.localhost:${place.port}${path}`, { method, headers: { accept } });
  expect(response.status).toBe(answered);
  const { checks } = await doctor.run(place.context(), { only: [...look] });
  return complaintsOf(checks);
}

function clientComplaints({ client, traits }: ForClient): Complaint[] {
  const known = CLIENTS.find(({ id }) => id === client);
  if (!known) throw new Error(`there is no client ${client}`);
  const { kind, reason, mend = '' } = predict(known, { ...WELL, ...traits });
  return kind === 'works' ? [] : [{ id: client, text: reason, fix: mend }];
}

const WELL: ForClient['traits'] & Parameters<typeof predict>[1] = {
  server: new URL('https://mcp.corp.test/'),
  isLocal: false,
  hasPrivateAuthority: false,
  registers: true,
  takesDocuments: true,
  takesDocumentsOf: () => true,
  ignoresLoopbackPort: true,
  takesKeyJwt: false,
};

async function checkComplaints(look: readonly string[], patient: ReturnType<typeof patientAt>): Promise<Complaint[]> {
  const chosen = CHECKS.filter(({ id, area }) => look.includes(id) || look.includes(area));
  if (chosen.length === 0) throw new Error('nobody looks');
  return complaintsOf(await runChecks(chosen, patient, { signal }));
}

function complaintsOf(reports: readonly { id: string; finding: Finding }[]): Complaint[] {
  return reports.flatMap(({ id, finding }) =>
    finding.kind === 'warning' || finding.kind === 'failure' ? [{ id, text: finding.text, fix: finding.fix }] : [],
  );
}
