/** RFC 5280 §4.2.1.10; the certificate library has no class for it. */
export const OID_NAME_CONSTRAINTS = '2.5.29.30';

/** The same as it stands in a certificate: tag, length, value. */
const OID_DER = Buffer.from([0x06, 0x03, 0x55, 0x1d, 0x1e]);

const TAG_BOOLEAN = 0x01;
const TAG_SEQUENCE = 0x30;
/** `permittedSubtrees [0]` of NameConstraints. */
const TAG_PERMITTED = 0xa0;
/** `dNSName [2]` and `iPAddress [7]` of GeneralName, RFC 5280 §4.2.1.6. */
const TAG_DNS_NAME = 0x82;
const TAG_IP_ADDRESS = 0x87;

/** 127.0.0.0/8 and ::1/128: address followed by mask. */
const LOOPBACK_V4 = Buffer.from([127, 0, 0, 0, 255, 0, 0, 0]);
const LOOPBACK_V6 = Buffer.concat([Buffer.alloc(15), Buffer.from([1]), Buffer.alloc(16, 0xff)]);

/** DER of a NameConstraints that permits the domains with all their sub-names, and loopback addresses; nothing else. */
export function nameConstraints(domains: readonly string[]): Buffer {
  const names = domains.map((domain) => element(TAG_DNS_NAME, Buffer.from(domain, 'ascii')));
  const addresses = [LOOPBACK_V4, LOOPBACK_V6].map((address) => element(TAG_IP_ADDRESS, address));
  const subtrees = [...names, ...addresses].map((base) => element(TAG_SEQUENCE, base));
  return element(TAG_SEQUENCE, element(TAG_PERMITTED, Buffer.concat(subtrees)));
}

/** The domains that `nameConstraints` wrote into a certificate, read from its DER; empty when it holds no such extension. */
export function permittedDomainsOf(certificate: Buffer): string[] {
  const oid = certificate.indexOf(OID_DER);
  if (oid === -1) return [];
  const first = elementAt(certificate, oid + OID_DER.length);
  const octets = first.tag === TAG_BOOLEAN ? elementAt(certificate, first.end) : first;
  const permitted = elementAt(certificate, elementAt(certificate, octets.start).start);
  const domains: string[] = [];
  for (let at = permitted.start; at < permitted.end; at = elementAt(certificate, at).end) {
    const base = elementAt(certificate, elementAt(certificate, at).start);
    if (base.tag === TAG_DNS_NAME) domains.push(certificate.toString('ascii', base.start, base.end));
  }
  return domains;
}

/** Where the content of the element at an offset begins and ends. */
function elementAt(der: Buffer, at: number): { tag: number; start: number; end: number } {
  const short = der.readUInt8(at + 1);
  const bytes = short < 0x80 ? 0 : short & 0x7f;
  const start = at + 2 + bytes;
  return { tag: der.readUInt8(at), start, end: start + (bytes === 0 ? short : der.readUIntBE(at + 2, bytes)) };
}

function element(tag: number, content: Buffer): Buffer {
  return Buffer.concat([Buffer.from([tag]), lengthOf(content.length), content]);
}

/** Short form below 128, else one or two bytes of long form: a name is at most 253 bytes. */
function lengthOf(length: number): Buffer {
  if (length < 0x80) return Buffer.from([length]);
  return length < 0x100 ? Buffer.from([0x81, length]) : Buffer.from([0x82, length >> 8, length & 0xff]);
}
