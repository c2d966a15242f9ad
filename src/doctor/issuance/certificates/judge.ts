import type { X509Certificate } from 'node:crypto';
import type { TlsLook } from '../../tls-look.ts';

/** Whom a certificate comes from, as far as clients are concerned. */
export type IssuerKind = 'public' | 'catch-all' | 'staging' | 'self-signed' | 'incomplete chain' | 'private';

/** Node's words for a chain that does not lead to a root it knows. */
const MISSING_LINK = [
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
];

/** What Pomerium shows where it has no certificate for a host: made from its shared secret, good until 2050 (v0.33.1, "Pomerium PSK CA"). */
const CATCH_ALL = 'CN=Pomerium PSK CA';

export function issuerKind(certificate: X509Certificate, distrust: string | undefined): IssuerKind {
  const { issuer, subject } = certificate;
  if (issuer.includes(CATCH_ALL)) return 'catch-all';
  // Let's Encrypt marks each authority of its staging service so.
  if (issuer.includes('(STAGING)')) return 'staging';
  if (distrust === undefined || isOnlyExpired(distrust)) return 'public';
  if (issuer === subject || distrust === 'DEPTH_ZERO_SELF_SIGNED_CERT') return 'self-signed';
  // A public authority says where its own certificate is to be had (RFC 5280 §4.2.2.1); private ones mostly do not.
  const tellsIssuer = certificate.infoAccess?.includes('CA Issuers') === true;
  return MISSING_LINK.includes(distrust) && tellsIssuer ? 'incomplete chain' : 'private';
}

/** The certificate's name for whom it is. */
export function namesOf({ subjectAltName = '' }: X509Certificate): string {
  return subjectAltName.replaceAll('DNS:', '') || 'nobody';
}

export function issuerName({ issuer }: X509Certificate): string {
  return issuer.replaceAll('\n', ', ');
}

/** Certificates that came, of looks at hosts. */
export function presented(looks: readonly TlsLook[]): (TlsLook & { certificate: X509Certificate })[] {
  return looks.flatMap((look) => (look.certificate ? [{ ...look, certificate: look.certificate }] : []));
}

/** How the renewal of a certificate stands; Pomerium renews in the last third of its life (certmagic v0.25.2, RenewalWindowRatio). */
export function renewalState(
  certificate: X509Certificate,
  now: number,
): 'fine' | 'due' | 'stuck' | 'ended' | 'not begun' {
  const begin = certificate.validFromDate.getTime();
  const end = certificate.validToDate.getTime();
  if (now < begin) return 'not begun';
  if (now >= end) return 'ended';
  const left = (end - now) / (end - begin);
  // Two clocks of ten minutes see to it: a tenth of its life later something stands in the way.
  return left > 1 / 3 ? 'fine' : left > 1 / 3 - 1 / 10 ? 'due' : 'stuck';
}

function isOnlyExpired(distrust: string): boolean {
  return distrust === 'CERT_HAS_EXPIRED' || distrust === 'CERT_NOT_YET_VALID';
}
