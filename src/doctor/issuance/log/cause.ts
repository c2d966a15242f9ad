import type { AcmeProblem } from '../acme/problem.ts';

/** Why Pomerium has no certificate for a host, as its log lets one know. */
export type Cause = { kind: 'problem'; problem: AcmeProblem } | { kind: CauseWithoutType; text: string };

export type CauseWithoutType =
  | 'storage not writable'
  | 'storage read-only'
  | 'storage full'
  | 'storage broken'
  | 'local name'
  | 'no right to the port'
  | 'port held'
  | 'authority unknown'
  | 'authority refuses connections'
  | 'authority silent'
  | 'authority untrusted'
  | 'authority insecure'
  | 'no ACME there'
  | 'other';

/** `HTTP 403 urn:ietf:params:acme:error:caa - text`, as acmez writes a problem into an error. */
const PROBLEM = /HTTP (\d{3}) urn:ietf:params:acme:error:(\w+)(?: - (.*))?$/s;

/**
 * What Go's network and file errors say: they have no code in a log. In the order in which they are tried: a failed storage check is wrapped
 * around its reason.
 */
const TEXTS: readonly [RegExp, CauseWithoutType][] = [
  [/no space left on device/, 'storage full'],
  [/read-only file system/, 'storage read-only'],
  [/failed storage check/, 'storage not writable'],
  [/does not qualify for a public certificate/, 'local name'],
  [/bind: permission denied/, 'no right to the port'],
  [/bind: address already in use/, 'port held'],
  [/signed by unknown authority|x509: /, 'authority untrusted'],
  [/insecure CA URL/, 'authority insecure'],
  [/no such host|server misbehaving|lookup .* on /, 'authority unknown'],
  [/connection refused|network is unreachable|no route to host/, 'authority refuses connections'],
  [/deadline exceeded|i\/o timeout/, 'authority silent'],
  [/provisioning client: (HTTP \d|parse )|invalid character/, 'no ACME there'],
];

/** Lines of Pomerium alone, without a request to an authority: the store holds what cannot be used (certmagic, tls.X509KeyPair). */
const BROKEN = /^(tls: |open .*(permission denied|not a directory)|decoding|x509: )/;

export function causeOf(error: string): Cause {
  const [, status, type = '', detail = ''] = PROBLEM.exec(error) ?? [];
  if (status !== undefined) {
    // The authority's URL in brackets is certmagic's addition.
    const plain = detail.replace(/ \(ca=[^)]*\)$/, '');
    return { kind: 'problem', problem: { type, detail: plain, status: Number(status) } };
  }
  if (BROKEN.test(error)) return { kind: 'storage broken', text: error };
  const found = TEXTS.find(([pattern]) => pattern.test(error));
  return { kind: found?.[1] ?? 'other', text: error };
}
