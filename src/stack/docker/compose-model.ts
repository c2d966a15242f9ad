/** One service of the compose file, as Compose itself reads it. */
export interface ComposeService {
  name: string;
  image: string;
  /** Compose's hash of its settings; a container made from others has another one. */
  hash: string;
  ports: { host: string; port: number; target: number }[];
  mounts: { source: string; target: string }[];
  environment: Record<string, string>;
  /** True where Compose would build the image itself. */
  builds: boolean;
}

export interface ComposeModel {
  /** Of the project: the prefix of containers, networks and volumes. */
  name: string;
  services: ComposeService[];
}

interface RawService {
  image?: string;
  build?: unknown;
  environment?: Record<string, string | null>;
  ports?: { host_ip?: string; published?: string | number; target?: number }[];
  volumes?: { type?: string; source?: string; target?: string }[];
}

/** Reads what `docker compose config --format json` and `docker compose config --hash '*'` say. */
export function readModel(configJson: string, hashes: string): ComposeModel {
  const { name, services = {} } = JSON.parse(configJson) as { name: string; services?: Record<string, RawService> };
  const hashOf = readHashes(hashes);
  return {
    name,
    services: Object.entries(services).map(([service, raw]) => ({
      name: service,
      image: raw.image ?? `${name}-${service}`,
      hash: hashOf.get(service) ?? '',
      builds: raw.build !== undefined,
      ports: (raw.ports ?? []).flatMap(({ host_ip: host, published, target }) =>
        published === undefined ? [] : [{ host: host ?? '0.0.0.0', port: Number(published), target: target ?? 0 }],
      ),
      mounts: (raw.volumes ?? []).flatMap(({ source, target }) => (source && target ? [{ source, target }] : [])),
      environment: Object.fromEntries(
        Object.entries(raw.environment ?? {}).flatMap(([key, value]) => (value === null ? [] : [[key, value]])),
      ),
    })),
  };
}

/** Lines of `service hash`. */
function readHashes(text: string): Map<string, string> {
  return new Map(
    text.split('\n').flatMap((line): [string, string][] => {
      const [service, hash] = line.trim().split(/\s+/);
      return service && hash ? [[service, hash]] : [];
    }),
  );
}

export interface Roles {
  gateway?: string;
  idp?: string;
  database?: string;
}

/** Where Pomerium's image expects its configuration. */
export const CONFIG_TARGET = '/pomerium/config.yaml';

/** Which service does what: by what it mounts and is told, and only then by its name. */
export function rolesOf(services: readonly Pick<ComposeService, 'name' | 'mounts' | 'environment'>[]): Roles {
  const gateway =
    services.find(({ mounts }) => mounts.some(({ target }) => target === CONFIG_TARGET)) ??
    services.find(({ name }) => name === 'pomerium');
  const idp =
    services.find(({ environment }) => 'IDP_ISSUER' in environment) ?? services.find(({ name }) => name === 'idp');
  const database =
    services.find(({ environment }) => 'POSTGRES_PASSWORD' in environment) ??
    services.find(({ name }) => name === 'postgres');
  return {
    ...(gateway ? { gateway: gateway.name } : {}),
    ...(idp ? { idp: idp.name } : {}),
    ...(database ? { database: database.name } : {}),
  };
}
