import { decodeBase64 } from '../go/base64.ts';
import { describeFileFailure, type ReadFile } from './file.ts';
import type { Path } from '../path.ts';
import type { Report } from '../report.ts';
import type { GlobalKeys } from '../schema/global.ts';

export interface PemPair {
  cert: string;
  key: string;
}

/** All certificates: PEM texts of `certificate`, then file paths of `certificate_file`, then those of `certificates`. */
export function readCertificates(keys: GlobalKeys, report: Report, readFile: ReadFile | undefined): PemPair[] {
  const pairs: PemPair[] = [];
  const inline = readInline(keys, report);
  if (inline) pairs.push(inline);
  (keys.certificates ?? []).forEach((entry, i) => {
    const pair = { cert: entry?.cert ?? '', key: entry?.key ?? '' };
    if (checkFiles(pair, ['certificates', i], 'config: bad cert entry, file reference invalid.', report, readFile))
      pairs.push(pair);
  });
  const { certificate_file: cert = '', certificate_key_file: key = '' } = keys;
  if (cert !== '' || key !== '') {
    const pair = { cert, key };
    if (checkFiles(pair, ['certificate_file'], 'config: bad cert file', report, readFile))
      pairs.splice(inline ? 1 : 0, 0, pair);
  }
  return pairs;
}

function readInline({ certificate = '', certificate_key = '' }: GlobalKeys, report: Report): PemPair | undefined {
  if (certificate === '' && certificate_key === '') return undefined;
  try {
    const pair = { cert: decodeBase64(certificate).toString(), key: decodeBase64(certificate_key).toString() };
    requirePem(pair);
    return pair;
  } catch (error) {
    const { message } = error as Error;
    report.add({
      code: 'BAD_CERTIFICATE',
      path: ['certificate'],
      message: `\`certificate\` and \`certificate_key\` must be base64 of PEM: ${message}`,
      fix: 'write `certificate_file` and `certificate_key_file` with paths instead',
      pomerium: report.checkFailure(`config: bad cert base64 ${message}`),
    });
    return undefined;
  }
}

/** Throws an Error with the words of Go's crypto/tls, X509KeyPair. */
export function requirePem({ cert, key }: PemPair): void {
  if (!/-----BEGIN CERTIFICATE-----/.test(cert))
    throw new Error('tls: failed to find any PEM data in certificate input');
  if (!/-----BEGIN ([A-Z]+ )?PRIVATE KEY-----/.test(key))
    throw new Error('tls: failed to find any PEM data in key input');
}

function checkFiles(pair: PemPair, path: Path, start: string, report: Report, readFile: ReadFile | undefined): boolean {
  if (!readFile) return true;
  try {
    requirePem({ cert: contentOf(pair.cert, readFile), key: contentOf(pair.key, readFile) });
    return true;
  } catch (error) {
    const { message } = error as Error;
    report.add({
      code: 'BAD_CERTIFICATE',
      path,
      message: `the certificate cannot be used: ${message}`,
      fix: 'name the PEM files of a certificate and of its key',
      pomerium: report.checkFailure(`${start} ${message}`),
    });
    return false;
  }
}

/** Throws an Error with Go's words when the file cannot be read. */
export function contentOf(file: string, readFile: ReadFile): string {
  try {
    return readFile(file);
  } catch (error) {
    throw new Error(describeFileFailure(file, error), { cause: error });
  }
}
