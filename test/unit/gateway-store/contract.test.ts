import { afterAll, beforeAll, describe } from 'vitest';
import type { PostgresServer } from '../../docker/postgres.ts';
import { describeExpiry } from './contract/expiry.ts';
import { describeHostileValues } from './contract/hostile-values.ts';
import { describeRecords } from './contract/records.ts';
import { describeTrades } from './contract/trades.ts';
import { describeTwoProcesses } from './contract/two-processes.ts';
import type { Subject } from './contract/subject.ts';
import { findPostgres, openerOf, type Kind } from './stores.ts';

/* What every store has to do, whatever it is made of. */

const KINDS: readonly Kind[] = ['memory', 'file', 'postgres'];

let server: PostgresServer | undefined;
let reason: string | undefined;

beforeAll(async () => {
  ({ server, reason } = await findPostgres());
}, 120_000);
afterAll(async () => server?.remove());

describe.each(KINDS)('databroker_storage_type: %s', (kind) => {
  const subject: Subject = {
    shared: kind !== 'memory',
    opener: async (skip) => {
      if (kind === 'postgres' && !server) skip(reason ?? 'no PostgreSQL');
      return openerOf(kind, server);
    },
  };
  describeRecords(subject);
  describeTrades(subject);
  describeExpiry(subject);
  describeHostileValues(subject);
  describeTwoProcesses(subject);
});
