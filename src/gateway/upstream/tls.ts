import { createSecureContext } from 'node:tls';
import { CliError } from '../../errors.ts';
import type { Options, Route } from '../../pomerium/model.ts';
import type { UpstreamTls } from './pool.ts';

/** The text of a file that a configuration names; throws when it cannot be read. */
export type ReadFile = (path: string) => string;

/** What a configuration says about TLS to its upstreams, each file read once. Its methods throw CliError for what cannot be used. */
export class TlsMaterial {
  readonly #readFile: ReadFile;
  readonly #project: readonly string[];
  readonly #configured: readonly string[];
  readonly #texts = new Map<string, string>();
  readonly #pairs = new Set<string>();

  /** `project`: PEM texts of the authority of this machine's project, which the certificates of its upstreams lead to. */
  constructor(options: Options, project: readonly string[], readFile: ReadFile) {
    this.#readFile = readFile;
    this.#project = project;
    const { certificate_authority: text, certificate_authority_file: file } = options;
    const configured = text ?? file;
    this.#configured = configured === undefined ? [] : [this.#pem(configured, 'certificate_authority_file')];
  }

  /**
   * Pomerium v0.33.1 config/envoyconfig/clusters.go, buildPolicyValidationContext: a route's own authority takes the place of the
   * system's, with which the configuration's is joined. The project's is trusted in any case.
   */
  of(route: Route, hostname: string): UpstreamTls {
    const own = route.tls_custom_ca_file ?? route.tls_custom_ca;
    const client = this.#client(route);
    return {
      servername: route.tls_upstream_server_name ?? hostname,
      wellKnownRoots: own === undefined,
      ca: [...this.#project, ...(own === undefined ? this.#configured : [this.#pem(own, 'tls_custom_ca_file')])],
      rejectUnauthorized: !route.tls_skip_verify,
      ...(client && { client }),
    };
  }

  #client(route: Route): UpstreamTls['client'] {
    const {
      tls_client_cert: cert,
      tls_client_key: key,
      tls_client_cert_file: file,
      tls_client_key_file: keyFile,
    } = route;
    if (cert !== undefined && key !== undefined) {
      return this.#pair(this.#pem(cert, 'tls_client_cert'), this.#pem(key, 'tls_client_key'));
    }
    if (file === undefined || keyFile === undefined) return undefined;
    return this.#pair(this.#pem(file, 'tls_client_cert_file'), this.#pem(keyFile, 'tls_client_key_file'));
  }

  /** Found out now, not by the first request. */
  #pair(cert: string, key: string): { cert: string; key: string } {
    if (this.#pairs.has(cert + key)) return { cert, key };
    try {
      createSecureContext({ cert, key });
    } catch (cause) {
      throw new CliError({
        code: 'BAD_CERTIFICATE',
        message: 'the client certificate of a route and its key cannot be used',
        why: cause instanceof Error ? cause.message : String(cause),
        fix: 'correct `tls_client_cert_file` and `tls_client_key_file` in pomerium-config.yaml',
        cause,
      });
    }
    this.#pairs.add(cert + key);
    return { cert, key };
  }

  #pem(value: string, key: string): string {
    const known = this.#texts.get(value);
    if (known !== undefined) return known;
    const text = this.#read(value, key);
    this.#texts.set(value, text);
    return text;
  }

  /** PEM as text, as base64 of it, or in a file. */
  #read(value: string, key: string): string {
    if (value.includes('-----BEGIN')) return value;
    const decoded = Buffer.from(value, 'base64').toString('latin1');
    if (decoded.includes('-----BEGIN')) return decoded;
    // What is no path may be a secret, and is not told.
    const isFile = key.endsWith('_file');
    try {
      if (isFile) return this.#readFile(value);
    } catch (cause) {
      throw badAuthority(`\`${key}\`: ${value} cannot be read`, key, cause);
    }
    throw badAuthority(`\`${key}\` of a route is no base64 of PEM`, key);
  }
}

function badAuthority(message: string, key: string, cause?: unknown): CliError {
  const why = cause instanceof Error ? { why: cause.message, cause } : {};
  return new CliError({ code: 'BAD_UPSTREAM_CA', message, ...why, fix: `correct ${key} in pomerium-config.yaml` });
}
