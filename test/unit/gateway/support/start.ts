import { generateKeyPairSync } from 'node:crypto';
import { startGatewayWith, type GatewayOptions, type RunningGateway } from '../../../../src/gateway/index.ts';
import type { LogEntry } from '../../../../src/net/log.ts';
import type { Resolve } from '../../../../src/net/resolve.ts';
import { parseConfig } from '../../../../src/pomerium/index.ts';
import type { Options } from '../../../../src/pomerium/model.ts';
import type { TestCertificate } from './certificate.ts';
import { ALICE, BOB, MemoryIdentity } from './memory-identity.ts';

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const SIGNING_KEY = privateKey.export({ type: 'pkcs8', format: 'pem' });

/** The options of a configuration, whose files are this certificate and a signing key. Throws when there are errors. */
export function optionsOf(yaml: string, certificate: TestCertificate): Options {
  const readFile = (path: string): string => {
    if (path.endsWith('.crt')) return certificate.cert;
    if (path.endsWith('.key')) return certificate.key;
    return path.endsWith('signing.pem') ? String(SIGNING_KEY) : certificate.ca;
  };
  const { options, problems } = parseConfig(yaml, { file: 'pomerium-config.yaml', readFile });
  if (!options) throw new Error(problems.map(({ code, message }) => `${code}: ${message}`).join('\n'));
  return options;
}

export interface TestGateway extends RunningGateway {
  identity: MemoryIdentity;
  log: LogEntry[];
  port: number;
  ca: string;
}

export interface TestGatewayOptions extends Partial<Pick<GatewayOptions, 'faults' | 'ca'>> {
  yaml: string;
  certificate: TestCertificate;
  /** Ports of upstreams by the `name:port` that the configuration has. */
  upstreams?: Record<string, number>;
}

/** A gateway on a free port whose users are `alice` and `bob`, by token and by cookie of that name. */
export async function startTestGateway(o: TestGatewayOptions): Promise<TestGateway> {
  const identity = new MemoryIdentity();
  const log: LogEntry[] = [];
  for (const session of [ALICE, BOB]) {
    identity.tokens.set(session.userId, session);
    identity.cookies.set(session.userId, session);
  }
  const running = await startGatewayWith(
    {
      options: optionsOf(o.yaml, o.certificate),
      listen: { host: '127.0.0.1', port: 0 },
      stateFile: ':memory:',
      tls: o.certificate,
      resolve: resolveTo(o.upstreams ?? {}),
      ca: o.ca ?? [],
      log: (entry) => log.push(entry),
      allowPrivateMetadataHosts: true,
      faults: o.faults ?? [],
    },
    () => identity,
  );
  return { ...running, identity, log, port: running.address.port, ca: o.certificate.ca };
}

function resolveTo(upstreams: Record<string, number>): Resolve {
  return (hostname, port) => {
    const mapped = upstreams[`${hostname}:${port}`];
    return mapped === undefined ? undefined : { host: '127.0.0.1', port: mapped };
  };
}

/** Secrets of the right form, for a configuration that needs them. */
export const SECRETS = `shared_secret: ${Buffer.alloc(32, 1).toString('base64')}\ncookie_secret: ${Buffer.alloc(32, 2).toString('base64')}\n`;
