import { X509Certificate } from 'node:crypto';
import { createSecureContext, type SecureContext } from 'node:tls';
import { CliError } from '../errors.ts';
import type { Options } from '../pomerium/model.ts';
import type { ReadFile } from './upstream/tls.ts';

export interface Credentials {
  /** PEM. */
  cert: string;
  key: string;
}

/** What the gateway shows to its clients. */
export class Certificates {
  /** For clients whose name none bears. */
  readonly first: Credentials;
  readonly #first: SecureContext;
  readonly #byName = new Map<string, SecureContext>();

  /** Throws CliError when one of them cannot be used. The first that bears a name has it. */
  constructor(first: Credentials, others: readonly Credentials[] = []) {
    this.first = first;
    this.#first = contextOf(first);
    this.#note(first, this.#first);
    for (const credentials of others) this.#note(credentials, contextOf(credentials));
  }

  /** The certificate for a host name of SNI (RFC 6066 §3): its own, else one with a wildcard for the first label (RFC 9525 §6.3). */
  contextFor(name: string): SecureContext {
    const wanted = name.toLowerCase();
    const dot = wanted.indexOf('.');
    return this.#byName.get(wanted) ?? this.#byName.get(`*${wanted.slice(dot)}`) ?? this.#first;
  }

  #note({ cert }: Credentials, context: SecureContext): void {
    const { subjectAltName = '' } = new X509Certificate(cert);
    for (const match of subjectAltName.matchAll(/DNS:([^,\s]+)/g)) {
      const name = (match[1] ?? '').toLowerCase();
      if (!this.#byName.has(name)) this.#byName.set(name, context);
    }
  }
}

/** All certificates of a configuration, PEM texts or files. Throws CliError when there is none or one cannot be used. */
export function readCertificates(options: Options, readFile: ReadFile): Certificates {
  const [first, ...others] = options.certificates.map((pair) => readPair(pair, readFile));
  if (first) return new Certificates(first, others);
  throw new CliError({
    code: 'NO_CERTIFICATE',
    message: 'the configuration has no certificate, and the development gateway issues none by itself',
    fix: 'set CERTIFICATE_FILE and CERTIFICATE_KEY_FILE, or `insecure_server: true` behind a TLS proxy',
  });
}

function readPair({ cert, key }: Credentials, readFile: ReadFile): Credentials {
  const pem = (value: string): string => (value.includes('-----BEGIN') ? value : readFile(value));
  try {
    return { cert: pem(cert), key: pem(key) };
  } catch (cause) {
    throw badCertificate(`the certificate ${cert} cannot be read`, cause);
  }
}

function contextOf(credentials: Credentials): SecureContext {
  try {
    return createSecureContext(credentials);
  } catch (cause) {
    throw badCertificate('a certificate and its key cannot be used', cause);
  }
}

function badCertificate(message: string, cause: unknown): CliError {
  return new CliError({
    code: 'BAD_CERTIFICATE',
    message,
    why: cause instanceof Error ? cause.message : String(cause),
    fix: 'correct `certificates`, or run `mcpgw up`, which issues one',
    cause,
  });
}
