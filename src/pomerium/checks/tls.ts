import { decodeBase64 } from '../go/base64.ts';
import { contentOf, requirePem, type PemPair } from '../read/certificates.ts';
import { describeFileFailure, type ReadFile } from '../read/file.ts';
import type { RouteEntry } from '../read/routes.ts';
import type { FailRoute } from './fail-route.ts';

/** What a route says about the connection to its upstream. */
export function checkTls(entry: RouteEntry, fail: FailRoute, readFile: ReadFile | undefined): void {
  checkPairs(entry, fail);
  checkClientCertificate(entry, fail, readFile);
  if (readFile) checkAuthority(entry, fail, readFile);
}

function checkPairs({ keys }: RouteEntry, fail: FailRoute): void {
  const isHalf =
    Boolean(keys.tls_client_cert) !== Boolean(keys.tls_client_key) ||
    Boolean(keys.tls_client_cert_file) !== Boolean(keys.tls_client_key_file);
  if (isHalf) {
    const message = 'the client certificate lacks its key or the key its certificate';
    const text = 'config: client certificate key and cert both must be non-empty';
    fail({ key: '', code: 'HALF_CLIENT_CERTIFICATE', message, fix: 'set certificate and key, or none' }, text);
  }
  if (!keys.kubernetes_service_account_token || !keys.kubernetes_service_account_token_file) return;
  const key = 'kubernetes_service_account_token';
  const text = `config: specified both \`${key}_file\` and \`${key}\``;
  fail({ key, code: 'BAD_VALUE', message: 'the token is given twice', fix: 'keep one of the two' }, text);
}

const decode = (text: string): string => decodeBase64(text).toString();

/** The texts beat the files, as in config/policy.go. */
function checkClientCertificate({ keys }: RouteEntry, fail: FailRoute, readFile: ReadFile | undefined): void {
  const { tls_client_cert: cert, tls_client_key: key, tls_client_cert_file: file, tls_client_key_file: keyFile } = keys;
  const check = (name: string, start: string, texts: () => PemPair): void => {
    try {
      requirePem(texts());
    } catch (error) {
      const { message } = error as Error;
      const fix = 'give the PEM of a certificate and of its key';
      fail(
        { key: name, code: 'BAD_CERTIFICATE', message: `\`${name}\`: ${message}`, fix },
        `config: ${start} ${message}`,
      );
    }
  };
  if (cert && key) {
    check('tls_client_cert', "couldn't decode client cert", () => ({ cert: decode(cert), key: decode(key) }));
  } else if (file && keyFile && readFile) {
    const read = (path: string): string => contentOf(path, readFile);
    check('tls_client_cert_file', "couldn't load client cert file", () => ({ cert: read(file), key: read(keyFile) }));
  }
}

function checkAuthority({ keys }: RouteEntry, fail: FailRoute, readFile: ReadFile): void {
  const file = keys.tls_custom_ca_file;
  if (!file || keys.tls_custom_ca) return;
  try {
    readFile(file);
  } catch (error) {
    const reason = describeFileFailure(file, error);
    const fix = 'write the file, or correct its path';
    const message = `\`tls_custom_ca_file\`: ${reason}`;
    fail(
      { key: 'tls_custom_ca_file', code: 'FILE_UNREADABLE', message, fix },
      `config: couldn't load client ca file: ${reason}`,
    );
  }
}
