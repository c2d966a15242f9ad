import { CliError, usage } from '../errors.ts';
import { gatewayServices, parseYaml, readComposeModel, writtenRoutes } from '../project/index.ts';
import { isLocalDomain, validateDomain, validatePublicDomain } from '../scaffold/index.ts';
import { dataOf, type Settings } from './draft.ts';
import { configMounts } from './mounts.ts';
import type { HandWritten, Wishes } from './hand-written.ts';

/** Pomerium v0.33.1 config/options.go. */
const DEFAULT_ADDRESS = ':443';

/** The one service that runs Pomerium with this configuration; throws when there is none, or more than one. */
export function findGateway(found: HandWritten): string {
  const { compose, config } = found;
  const services = gatewayServices(parseYaml(compose.text, compose.name).data);
  const mounts = configMounts(compose.text, found);
  const [first] = services;
  if (services.length > 1) throw tooMany(compose.name, services);
  if (first === undefined) {
    throw new CliError({
      code: 'ADOPT_NO_GATEWAY',
      message: `no service of ${compose.name} runs Pomerium`,
      why: 'looked for the image pomerium/pomerium, for a mount at /pomerium/config.yaml, and for the name pomerium',
      fix: 'mcpgw create <new folder>, and copy the routes and the services there',
    });
  }
  if (mounts.some(({ service }) => service === first)) return first;
  throw new CliError({
    code: 'ADOPT_NOT_MOUNTED',
    message: `${first} in ${compose.name} does not mount ${config.name} as a file`,
    why: 'a project’s configuration is the one file pomerium-config.yaml, which has to be mounted by itself',
    fix: `edit ${compose.name}: under volumes of ${first}, in place of the folder:\n- ./${config.name}:/pomerium/config.yaml:ro`,
  });
}

function tooMany(file: string, services: readonly string[]): CliError {
  return new CliError({
    code: 'ADOPT_TWO_GATEWAYS',
    message: `${file} runs Pomerium ${services.length} times: ${services.join(', ')}`,
    why: 'a project has one gateway; which of them is meant, or how they share the work, only you know',
    fix: 'take the others out, each into a folder of its own, or run one Pomerium with `services: all`',
    details: { services },
  });
}

/** Address, domain and port, as the routes and the published ports tell them. */
export function settingsOf(found: HandWritten, config: string, gateway: string, { address, domain }: Wishes): Settings {
  const routes = writtenRoutes(config);
  const name = domain ?? commonDomain(routes.map(({ host }) => host));
  if (name === undefined) {
    throw usage(
      routes.length === 0
        ? 'the routes name no hosts, so the project’s domain is missing: --domain'
        : `the routes’ hosts have no domain in common: ${routes.map(({ host }) => host).join(', ')}`,
      'mcpgw adopt --domain example.com',
    );
  }
  const verdict = validateDomain(name);
  if (verdict !== true) throw usage(`--domain: ${verdict}`, 'mcpgw adopt --domain example.com');
  const isPublic = validatePublicDomain(name) === true;
  return { address: address ?? (isPublic ? 'public' : 'local'), domain: name, port: portOf(found, config, gateway) };
}

/** The longest domain that all hosts are below, or are: at least two labels, but for localhost. */
export function commonDomain(hosts: readonly string[]): string | undefined {
  const known = [...new Set(hosts.map((host) => host.replace(/^\*\./, '').toLowerCase()))].filter(
    (host) => host !== '',
  );
  const [first] = known;
  if (first === undefined) return undefined;
  // One host says nothing of where the domain begins: below its first label.
  const candidates = known.length === 1 ? [parentOf(first), first] : [first];
  const labels = candidates.flatMap((one) => one.split('.').map((_, i, all) => all.slice(i).join('.')));
  return labels.find(
    (domain) =>
      (domain.includes('.') || isLocalDomain(domain)) &&
      known.every((host) => host === domain || host.endsWith(`.${domain}`)),
  );
}

function parentOf(host: string): string {
  return host.slice(host.indexOf('.') + 1);
}

/** As clients reach it: what is published for Pomerium's own port, else what the routes name, else Pomerium's own port. */
function portOf({ compose, folder, variables }: HandWritten, config: string, gateway: string): number {
  const { services } = readComposeModel(parseYaml(compose.text, compose.name), folder, variables);
  const service = services.find(({ name }) => name === gateway);
  const { address } = dataOf(config);
  const written = service?.environment['ADDRESS'] ?? (typeof address === 'string' ? address : DEFAULT_ADDRESS);
  const own = Number(/:(\d+)$/.exec(written)?.[1] ?? 443);
  const published = service?.ports.find(({ target, published: outside }) => target === own && outside !== undefined);
  const [named] = writtenRoutes(config).flatMap(({ from }) =>
    URL.canParse(from) ? [new URL(from).port || '443'] : [],
  );
  return Number(published?.published ?? named ?? own);
}
