import { join } from 'node:path';
import { RotatingLog } from '../logs/rotating-log.ts';

/** The logs of all services of a project. */
export interface LogBook {
  of(service: string): RotatingLog;
  flushNow(): void;
  close(): Promise<void>;
}

export function openLogBook(folder: string): LogBook {
  const logs = new Map<string, RotatingLog>();
  return {
    of: (service) => {
      const log = logs.get(service) ?? new RotatingLog(join(folder, `${service}.log`));
      logs.set(service, log);
      return log;
    },
    flushNow: () => {
      for (const log of logs.values()) log.flushNow();
    },
    close: async () => {
      await Promise.all([...logs.values()].map(async (log) => log.close()));
    },
  };
}
