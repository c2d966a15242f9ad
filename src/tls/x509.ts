import 'reflect-metadata';
import { createHash, webcrypto } from 'node:crypto';
import {
  AuthorityKeyIdentifierExtension,
  BasicConstraintsExtension,
  cryptoProvider,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  Extension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from '@peculiar/x509';
import { nameConstraints, OID_NAME_CONSTRAINTS } from './name-constraints.ts';

cryptoProvider.set(webcrypto);

const KEY = { name: 'ECDSA', namedCurve: 'P-256' } as const;
const SIGNATURE = { name: 'ECDSA', hash: 'SHA-256' } as const;

/** A certificate with its private key, both as PEM. */
export interface IssuedPair {
  certPem: string;
  keyPem: string;
}

export interface Validity {
  notBefore: Date;
  notAfter: Date;
}

/** A self-signed authority that can vouch for nothing outside `domains` and this machine's loopback addresses. */
export async function issueAuthority(
  name: string,
  domains: readonly string[],
  validity: Validity,
): Promise<IssuedPair> {
  const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  const cert = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [name] }],
    keys,
    signingAlgorithm: SIGNATURE,
    ...validity,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      new Extension(OID_NAME_CONSTRAINTS, true, nameConstraints(domains)),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certPem: toPemFile(cert), keyPem: await exportKey(keys.privateKey) };
}

/** A server certificate for exactly `names` (host names and IP addresses). */
export async function issueServerCertificate(
  authority: IssuedPair,
  names: { dns: readonly string[]; ip: readonly string[] },
  validity: Validity,
): Promise<IssuedPair> {
  const issuer = new X509Certificate(authority.certPem);
  const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  const [pkcs8 = new ArrayBuffer(0)] = PemConverter.decode(authority.keyPem);
  const cert = await X509CertificateGenerator.create({
    subject: [{ CN: [names.dns[0] ?? 'mcpgw'] }],
    issuer: issuer.subjectName.toJSON(),
    publicKey: keys.publicKey,
    signingKey: await webcrypto.subtle.importKey('pkcs8', pkcs8, KEY, false, ['sign']),
    signingAlgorithm: SIGNATURE,
    ...validity,
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth]),
      new SubjectAlternativeNameExtension([
        ...names.dns.map((value) => ({ type: 'dns' as const, value })),
        ...names.ip.map((value) => ({ type: 'ip' as const, value })),
      ]),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
      await AuthorityKeyIdentifierExtension.create(issuer.publicKey),
    ],
  });
  return { certPem: toPemFile(cert), keyPem: await exportKey(keys.privateKey) };
}

/** id-pe-acmeIdentifier (RFC 8737 §6.1). */
const OID_ACME_IDENTIFIER = '1.3.6.1.5.5.7.1.31';
const DAY = 24 * 60 * 60 * 1000;

/** The self-signed certificate that answers a tls-alpn-01 challenge (RFC 8737 §3). */
export async function issueChallengeCertificate(host: string, keyAuthorization: string): Promise<IssuedPair> {
  const keys = await webcrypto.subtle.generateKey(KEY, true, ['sign', 'verify']);
  const digest = createHash('sha256').update(keyAuthorization).digest();
  const now = Date.now();
  const cert = await X509CertificateGenerator.createSelfSigned({
    name: [{ CN: ['ACME challenge'] }],
    keys,
    signingAlgorithm: SIGNATURE,
    notBefore: new Date(now - DAY),
    notAfter: new Date(now + DAY),
    extensions: [
      new SubjectAlternativeNameExtension([{ type: 'dns', value: host }]),
      // An OCTET STRING of 32 bytes.
      new Extension(OID_ACME_IDENTIFIER, true, Buffer.concat([Buffer.from([0x04, digest.length]), digest])),
    ],
  });
  return { certPem: toPemFile(cert), keyPem: await exportKey(keys.privateKey) };
}

function toPemFile(cert: X509Certificate): string {
  return `${cert.toString('pem')}\n`;
}

async function exportKey(key: webcrypto.CryptoKey): Promise<string> {
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`;
}
