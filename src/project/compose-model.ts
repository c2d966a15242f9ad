import { isRecord, recordOf } from '../json.ts';
import { resolve } from 'node:path';
import { interpolate } from './interpolate.ts';
import { readEnvironment } from './services.ts';
import type { YamlFile } from './yaml.ts';

type Env = Readonly<Record<string, string | undefined>>;

/** What a compose file says about containers, as far as a project is concerned with it. */
export interface ComposeModel {
  name?: string;
  services: ComposeService[];
  /** Named volumes. */
  volumes: string[];
}

export interface ComposeService {
  name: string;
  image?: string;
  environment: Record<string, string>;
  ports: ComposePort[];
  mounts: ComposeMount[];
  /** Further names of the service, whatever the network. */
  aliases: string[];
  /** Services that start before it, and what is waited for: `service_started`, `service_healthy`, ... */
  dependsOn: Record<string, string>;
  hasHealthCheck: boolean;
}

export interface ComposePort {
  /** The address published on; absent: every one. */
  host?: string;
  published?: string;
  target: number;
  protocol: string;
}

export interface ComposeMount {
  type: string;
  /** Absolute for a folder or file of this machine. */
  source?: string;
  target: string;
  readOnly: boolean;
}

/** Reads a compose file, short and long forms alike. Compose specification: services, ports, volumes, networks. */
export function readComposeModel(file: YamlFile, folder: string, env: Env): ComposeModel {
  const data = recordOf(file.data);
  const services = Object.entries(recordOf(data['services'])).map(([name, value]) => {
    const service = recordOf(value);
    const fill = (text: unknown): string => interpolate(String(text), env);
    const image = service['image'] === undefined ? {} : { image: fill(service['image']) };
    return {
      name,
      ...image,
      environment: readEnvironment(file, name, service['environment'], env),
      ports: listOf(service['ports']).flatMap((port) =>
        isRecord(port) ? longPort(port, fill) : shortPort(fill(port)),
      ),
      mounts: listOf(service['volumes']).map((one) =>
        isRecord(one) ? longMount(one, folder, fill) : shortMount(fill(one), folder),
      ),
      aliases: aliasesOf(service['networks']).map(fill),
      dependsOn: dependenciesOf(service['depends_on']),
      hasHealthCheck: recordOf(service['healthcheck'])['test'] !== undefined,
    };
  });
  const name = typeof data['name'] === 'string' ? { name: interpolate(data['name'], env) } : {};
  return { ...name, services, volumes: Object.keys(recordOf(data['volumes'])) };
}

/** `8443`, `8443:8443`, `127.0.0.1:8443:8443/tcp`, `[::1]:80:80`, and ranges, which are that many ports. */
function shortPort(text: string): ComposePort[] {
  const [, host, published, target = '', protocol = 'tcp'] =
    /^(?:(?:\[?([\da-f:.]+?)\]?:)?([\d-]*):)?([\d-]+)(?:\/(\w+))?$/i.exec(text) ?? [];
  const outside = published ? rangeOf(published) : [];
  return rangeOf(target).map((port, i) => ({
    ...(host === undefined ? {} : { host }),
    // A range for one port means any of them.
    ...(published ? { published: rangeOf(target).length === 1 ? published : String(outside[i]) } : {}),
    target: port,
    protocol,
  }));
}

function rangeOf(text: string): number[] {
  const [first = 0, last = first] = text.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
}

function longPort(port: Record<string, unknown>, fill: (value: unknown) => string): ComposePort[] {
  const { host_ip: host, published, target, protocol } = port;
  const one = {
    ...(host === undefined ? {} : { host: fill(host) }),
    ...(published === undefined ? {} : { published: fill(published) }),
    target: Number(fill(target)),
    protocol: protocol === undefined ? 'tcp' : fill(protocol),
  };
  return [one];
}

/** `source:target:options`; a target alone is a volume without a name. */
function shortMount(text: string, folder: string): ComposeMount {
  const [first = '', second, options = ''] = text.split(':');
  if (second === undefined) return { type: 'volume', target: first, readOnly: false };
  const isPath = /^[./~]/.test(first);
  return {
    type: isPath ? 'bind' : 'volume',
    source: isPath ? resolve(folder, first) : first,
    target: second,
    readOnly: options.split(',').includes('ro'),
  };
}

function longMount(mount: Record<string, unknown>, folder: string, fill: (value: unknown) => string): ComposeMount {
  const { type, source, target, read_only: readOnly } = mount;
  const from = source === undefined ? undefined : fill(source);
  return {
    type: fill(type),
    ...(from === undefined ? {} : { source: type === 'bind' ? resolve(folder, from) : from }),
    target: fill(target),
    readOnly: readOnly === true,
  };
}

function aliasesOf(networks: unknown): unknown[] {
  return Object.values(recordOf(networks)).flatMap((network) => listOf(recordOf(network)['aliases']));
}

/** A list of names waits for their start alone. */
function dependenciesOf(value: unknown): Record<string, string> {
  const entries = Array.isArray(value)
    ? value.map((name): [string, unknown] => [String(name), {}])
    : Object.entries(recordOf(value));
  return Object.fromEntries(
    entries.map(([name, how]) => {
      const { condition } = recordOf(how);
      return [name, typeof condition === 'string' ? condition : 'service_started'];
    }),
  );
}

function listOf(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
