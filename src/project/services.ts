import { resolve } from 'node:path';
import { interpolate } from './interpolate.ts';
import { readServiceSettings } from './settings.ts';
import { fileError, type YamlFile } from './yaml.ts';

/** One service of the compose file, as it runs with and without Docker. */
export interface Service {
  name: string;
  /** The command that runs it without Docker; absent: it runs under Docker only. */
  run?: string[] | string;
  /** The port it listens on when it runs without Docker; absent: one is chosen. */
  port?: number;
  /** Compose's `environment` with variables filled in, then what `x-mcpgw.environment` says. */
  environment: Record<string, string>;
  /** Where its command runs, absolute. */
  folder: string;
}

/** The services of a compose file, in its order. */
export function readServices(
  file: YamlFile,
  folder: string,
  env: Readonly<Record<string, string | undefined>>,
): Service[] {
  const services = (file.data as Record<string, unknown> | null)?.['services'];
  if (typeof services !== 'object' || services === null || Array.isArray(services)) {
    throw fileError(file, file.positionOf(['services']), { code: 'NO_SERVICES', message: 'there are no `services`' });
  }
  return Object.entries(services as Record<string, unknown>).map(([name, value]) => {
    const data = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
    const own = readServiceSettings(file, name, data['x-mcpgw']);
    const environment = {
      ...readEnvironment(file, name, data['environment'], env),
      ...readEnvironment(file, name, own.environment, env),
    };
    return {
      name,
      ...(own.run === undefined ? {} : { run: own.run }),
      ...(own.port === undefined ? {} : { port: own.port }),
      environment,
      folder: resolve(folder, own.folder ?? '.'),
    };
  });
}

/** Compose allows a map and a list of `NAME=value`; a name alone takes its value from the environment. */
export function readEnvironment(
  file: YamlFile,
  service: string,
  value: unknown,
  env: Readonly<Record<string, string | undefined>>,
): Record<string, string> {
  const entries = Array.isArray(value) ? value.map(splitAssignment) : Object.entries(value ?? {});
  return Object.fromEntries(
    entries.flatMap(([name, given]): [string, string][] => {
      if (given === null || given === undefined) return env[name] === undefined ? [] : [[name, env[name]]];
      if (typeof given !== 'object') return [[name, interpolate(String(given), env)]];
      throw fileError(file, file.positionOf(['services', service, 'environment', name]), {
        code: 'BAD_SERVICE',
        message: `environment of ${service}: ${name} is no text`,
      });
    }),
  );
}

function splitAssignment(line: unknown): [string, unknown] {
  const text = typeof line === 'string' ? line : '';
  const at = text.indexOf('=');
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)];
}
