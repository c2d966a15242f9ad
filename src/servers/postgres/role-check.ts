import type { Log } from '../../net/log.ts';
import { ROLE_POWERS } from './catalogue.ts';
import { ReadFailure } from './failure.ts';
import type { Database } from './pg.ts';

/** Says once, in the log, whether the database can be read, and whether its role may do more than a transaction can hold back. */
export async function checkRole(database: Database, log: Log, signal: AbortSignal): Promise<void> {
  try {
    const { rows } = await database.read(ROLE_POWERS, signal);
    const powers = rows[0]?.[0];
    if (!powers) return;
    log({
      level: 'warn',
      message: 'postgres: a read-only transaction does not hold this role back',
      reason: `it is, or may act as: ${powers}; functions then reach files and other sessions`,
      fix: 'give POSTGRES_URL a role that has SELECT and nothing else; docs/servers.md shows how',
    });
  } catch (error) {
    if (!(error instanceof ReadFailure) || signal.aborted) return;
    log({ level: 'warn', message: 'postgres: not ready yet', reason: error.message });
  }
}
