import { usage } from '../../errors.ts';
import { numberFrom, withoutUndefined, type Environment } from '../environment.ts';
import { connectionStringFault } from './connection-string.ts';
import type { PostgresLimits } from './limits.ts';

export interface PostgresSettings {
  connectionString: string;
  limits: Partial<PostgresLimits>;
}

/** Throws a CliError, which does not repeat the password, when the text is no connection string. */
export function postgresSettings(connectionString: string, env: Environment): PostgresSettings {
  const why = connectionStringFault(connectionString);
  if (why === undefined) return { connectionString, limits: postgresLimits(env) };
  throw usage(
    `postgres cannot use its connection string: ${why}`,
    'POSTGRES_URL=postgresql://reader:password@localhost:5432/shop mcpgw serve postgres',
  );
}

function postgresLimits(env: Environment): Partial<PostgresLimits> {
  const seconds = numberFrom(env, 'POSTGRES_TIMEOUT');
  return withoutUndefined({
    timeout: seconds && seconds * 1000,
    rows: numberFrom(env, 'POSTGRES_MAX_ROWS'),
    bytes: numberFrom(env, 'POSTGRES_MAX_BYTES'),
    connections: numberFrom(env, 'POSTGRES_CONNECTIONS'),
  });
}
