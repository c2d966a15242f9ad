import { createPrivateKey } from 'node:crypto';
import { decodeBase64 } from '../go/base64.ts';
import type { ReadKeys } from '../options.ts';
import { describeFileFailure, type ReadFile } from './file.ts';
import type { Report } from '../report.ts';
import type { GlobalKeys } from '../schema/global.ts';

const NEW_SECRET = 'make one with `head -c32 /dev/urandom | base64 -w0`';

/** Reads the secrets, from their files where such are named, and checks them as Pomerium does before it starts. */
export function readSecrets(
  keys: GlobalKeys,
  report: Report,
  readFile: ReadFile | undefined,
): Omit<ReadKeys, 'certificates'> {
  const text = (key: FileKey): string | undefined => textOf(keys, key, report, readFile);
  const secrets = {
    shared_secret: text('shared_secret'),
    cookie_secret: text('cookie_secret'),
    idp_client_secret: text('idp_client_secret'),
    signing_key: decodeSigningKey(text('signing_key')),
    databroker_storage_connection_string: text('databroker_storage_connection_string')?.trim(),
  };
  checkSharedSecret(secrets.shared_secret, report);
  checkCookieSecret(secrets.cookie_secret, report);
  checkSigningKey(secrets.signing_key, report);
  return secrets;
}

type FileKey =
  | 'shared_secret'
  | 'cookie_secret'
  | 'idp_client_secret'
  | 'signing_key'
  | 'databroker_storage_connection_string';

/** The file beats the key. Pomerium looks into most of these files only when it needs them. */
function textOf(keys: GlobalKeys, key: FileKey, report: Report, readFile: ReadFile | undefined): string | undefined {
  const file = keys[`${key}_file`];
  if (!file) return keys[key] || undefined;
  if (!readFile) return undefined;
  try {
    return readFile(file) || undefined;
  } catch (error) {
    const reason = describeFileFailure(file, error);
    const pomerium =
      key === 'shared_secret' ? { pomerium: report.checkFailure(`config: invalid shared secret: ${reason}`) } : {};
    report.add({
      code: 'FILE_UNREADABLE',
      path: [`${key}_file`],
      message: `\`${key}_file\`: ${reason}`,
      fix: `write the file, or set \`${key}\``,
      ...pomerium,
    });
    return undefined;
  }
}

function checkSharedSecret(secret: string | undefined, report: Report): void {
  if (secret === undefined) return;
  const fail = (reason: string, pomerium: string): void =>
    report.add({
      code: 'BAD_SECRET',
      path: ['shared_secret'],
      message: `\`shared_secret\` ${reason}`,
      fix: NEW_SECRET,
      pomerium,
    });
  if (secret.trim() !== secret) {
    fail(
      'has blanks or a line end around it',
      report.checkFailure('config: invalid shared secret: shared secret contains whitespace'),
    );
    return;
  }
  try {
    const { length } = decodeBase64(secret);
    const pomerium = `error creating authenticate service: authenticate: 'SHARED_SECRET' invalid: cryptutil: got ${length} bytes but want 32`;
    if (length !== 32) fail(`is base64 of ${length} bytes; 32 are needed`, pomerium);
  } catch (error) {
    fail('is no base64', report.checkFailure(`config: invalid shared secret: ${(error as Error).message}`));
  }
}

function checkCookieSecret(secret: string | undefined, report: Report): void {
  if (secret === undefined) return;
  const fail = (reason: string, detail: string): void =>
    report.add({
      code: 'BAD_SECRET',
      path: ['cookie_secret'],
      message: `\`cookie_secret\` ${reason}`,
      fix: NEW_SECRET,
      pomerium: `error creating authenticate service: authenticate: 'COOKIE_SECRET' invalid${detail}`,
    });
  try {
    const { length } = decodeBase64(secret);
    if (length !== 32)
      fail(`is base64 of ${length} bytes; 32 are needed`, ` cryptutil: got ${length} bytes but want 32`);
  } catch (error) {
    fail('is no base64', `: ${(error as Error).message}`);
  }
}

/** A key may be written as PEM or as base64 of PEM. */
function decodeSigningKey(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  try {
    return decodeBase64(text.trim()).toString();
  } catch {
    return text.trim();
  }
}

const SIGNER_FAILURE =
  "error creating authorize service: authorize: failed to update policy with options: authorize: couldn't create signer: couldn't generate signing key:";

function checkSigningKey(pem: string | undefined, report: Report): void {
  if (pem === undefined) return;
  const fix = 'make one with `openssl ecparam -genkey -name prime256v1 -noout | base64 -w0`';
  if (!/-----BEGIN [A-Z ]+-----/.test(pem)) {
    report.add({
      code: 'BAD_SIGNING_KEY',
      path: ['signing_key'],
      message: '`signing_key` holds no PEM',
      fix,
      pomerium: `${SIGNER_FAILURE} invalid pem data`,
    });
    return;
  }
  try {
    createPrivateKey(pem);
  } catch {
    report.add({
      code: 'BAD_SIGNING_KEY',
      path: ['signing_key'],
      message: '`signing_key` holds no private key that can be read',
      fix,
      pomerium: `${SIGNER_FAILURE} unmarshal key`,
    });
  }
}
