import { usage } from '../../../errors.ts';
import { nearest } from '../../../nearest.ts';
import { AUTHORIZATION_FAULTS } from './authorization.ts';
import { CONNECTION_FAULTS } from './connection.ts';
import type { Fault } from './fault.ts';
import { LIFETIME_FAULTS } from './lifetimes.ts';
import { METADATA_FAULTS } from './metadata.ts';
import { REFRESH_FAULTS } from './refresh.ts';
import { RESOURCE_FAULTS } from './resource.ts';
import { TOKEN_ANSWER_FAULTS } from './token-answer.ts';

/** Every fault, in the order in which a sign-in meets them. */
export const UPSTREAM_FAULTS = {
  ...METADATA_FAULTS,
  ...AUTHORIZATION_FAULTS,
  ...TOKEN_ANSWER_FAULTS,
  ...CONNECTION_FAULTS,
  ...LIFETIME_FAULTS,
  ...REFRESH_FAULTS,
  ...RESOURCE_FAULTS,
} as const;

export type UpstreamFaultName = keyof typeof UPSTREAM_FAULTS;

/** A fault, and for some a value: `slow=200`. */
export type UpstreamFault = UpstreamFaultName | `${UpstreamFaultName}=${number}`;

export interface ActiveFault extends Fault {
  name: string;
  given: number;
}

/** Throws for a fault that nobody would act on: a test must not pass because of a slip of the pen. */
export function activeFaults(names: readonly string[]): ActiveFault[] {
  return names.map((text) => {
    const [name = '', value] = text.split('=', 2);
    const fault: Fault | undefined = isFaultName(name) ? UPSTREAM_FAULTS[name] : undefined;
    if (!fault) {
      const close = nearest(name, Object.keys(UPSTREAM_FAULTS));
      throw usage(
        `there is no upstream fault \`${name}\``,
        close ? `--fault ${close}` : 'mcpgw help upstream-faults    # lists them',
      );
    }
    if (value !== undefined && (!fault.value || !/^\d{1,7}$/.test(value))) {
      throw usage(`the upstream fault \`${text}\` has a value that means nothing`, `--fault ${name}`);
    }
    return { ...fault, name, given: value === undefined ? (fault.value?.default ?? 0) : Number(value) };
  });
}

function isFaultName(name: string): name is UpstreamFaultName {
  return Object.hasOwn(UPSTREAM_FAULTS, name);
}
