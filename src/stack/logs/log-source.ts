import { openLogReader, servicesWithLogs, type LogReader } from './log-reader.ts';

/** Where an engine keeps what its services say. */
export interface LogSource {
  /** Names of the services that have said something, or may. */
  services(): Promise<string[]>;
  /** Merged by time. An empty list of services means all, also those that come later. */
  open(services: readonly string[]): LogReader;
}

/** A folder with one `<service>.log` of JSON lines for each service. */
export function folderLogs(folder: string): LogSource {
  return {
    services: async () => servicesWithLogs(folder),
    open: (services) => openLogReader(folder, services),
  };
}
