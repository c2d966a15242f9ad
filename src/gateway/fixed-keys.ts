import type { LogEntry } from '../net/log.ts';
import type { Options } from '../pomerium/model.ts';

/** What is made once, when the gateway starts. */
const FIXED = [
  'address',
  'insecure_server',
  'http_redirect_addr',
  'databroker_storage_type',
  'databroker_storage_connection_string',
] as const satisfies readonly (keyof Options)[];

/** A line for each key whose change waits for the next start; `started` is what the gateway was started with. */
export function unchangeableKeys(started: Options, wanted: Options): LogEntry[] {
  return FIXED.filter((key) => started[key] !== wanted[key]).map((key) => ({
    level: 'warn',
    message: `\`${key}\` has changed, which takes effect when the development gateway is started again`,
    key,
  }));
}
