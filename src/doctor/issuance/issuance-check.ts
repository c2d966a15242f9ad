import { skipped, type Check, type Finding, type Patient } from '../check.ts';
import { advise } from '../servers.ts';
import type { Doors } from './doors.ts';
import type { View, ViewOf } from './view.ts';

export interface Seen {
  patient: Patient;
  view: View;
  signal: AbortSignal;
}

/** A check of issuance, made once it is known through which doors it looks. */
export type MakeCheck = (doors: Doors, viewOf: ViewOf) => Check;

type Head = Pick<Check, 'id' | 'area' | 'title' | 'needs'>;

/** On anything with hosts that the world has to find, a URL too. */
export function worldCheck(head: Head, judge: (seen: Seen, doors: Doors) => Promise<Finding>): MakeCheck {
  return (doors, viewOf) => ({
    ...head,
    on: ['server'],
    run: async (patient, signal) => {
      const view = viewOf(patient);
      const reason = await view.whyNot();
      return reason === undefined ? judge({ patient, view, signal }, doors) : skipped(reason);
    },
  });
}

/** On a configuration whose gateway gets its certificates itself. */
export function autocertCheck(head: Head, judge: (seen: Seen, doors: Doors) => Promise<Finding>): MakeCheck {
  return (doors, viewOf) => ({
    ...head,
    on: ['configuration'],
    run: async (patient, signal) => {
      const view = viewOf(patient);
      const reason = (await view.whyNot()) ?? ((await view.situation()).autocert ? undefined : 'autocert is off');
      return reason === undefined ? judge({ patient, view, signal }, doors) : skipped(reason);
    },
  });
}

/** Pomerium v0.33.1 does not try again by itself: only a changed file, SIGHUP or a restart makes it. */
export function again(patient: Patient): string {
  return advise(
    patient,
    'mcpgw restart    # Pomerium does not try again by itself',
    'restart it: it does not try again by itself',
  );
}
