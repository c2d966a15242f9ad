const MAX_FOLDER_BYTES = 200;

/** Why a path cannot be a project's folder; true when it can. */
export function validateFolder(path: string): true | string {
  const text = path.trim();
  if (text === '') return 'the folder has no name';
  // A terminal or a shell would trip over them, and so would the compose file.
  if (/\p{Cc}/u.test(text)) return 'the folder’s name holds control characters';
  if (text.startsWith('-')) return `the folder’s name \`${text}\` looks like a flag`;
  const longest = Math.max(...text.split('/').map((part) => Buffer.byteLength(part)));
  if (longest > MAX_FOLDER_BYTES) return `the folder’s name is longer than ${MAX_FOLDER_BYTES} bytes`;
  return true;
}

/** Why a text cannot be a domain whose sub-names become hosts; true when it can. RFC 1035 §2.3.1. */
export function validateDomain(domain: string): true | string {
  const name = domain.trim();
  if (/^[a-z]+:\/\//i.test(name) || name.includes('/')) return `\`${name}\` is a URL; give the domain alone`;
  if (/:\d*$/.test(name)) return `\`${name}\` has a port; give it with --port`;
  if (name.includes('*')) return `\`${name}\` has a wildcard; give the domain alone`;
  if (/^[\d.]+$/.test(name)) return `\`${name}\` is an address; routes need names, such as whoami.example.com`;
  const ascii = normaliseDomain(name);
  // Hosts are longer than the domain, and a host name has 253 characters at most.
  if (ascii === '' || ascii.length > 230) return `\`${name}\` is no domain`;
  const labels = ascii.split('.');
  const wrong = labels.find((label) => !/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(label));
  if (wrong !== undefined) return `\`${name}\` is no domain: \`${wrong}\` is no part of a host name`;
  return true;
}

/** The domain as it stands in configuration and certificates, in ASCII; empty when it is none. */
export function normaliseDomain(domain: string): string {
  const name = domain.trim().toLowerCase();
  if (/[\s/?#@:\\]/.test(name)) return '';
  const url = `http://${name}/`;
  return URL.canParse(url) ? new URL(url).hostname : '';
}

/** A domain with which a certificate from Let's Encrypt can be had. */
export function validatePublicDomain(domain: string): true | string {
  const verdict = validateDomain(domain);
  if (verdict !== true) return verdict;
  const name = normaliseDomain(domain);
  if (isLocalDomain(name) || /\.(local|internal|test|invalid|example|lan|home\.arpa)$/.test(name)) {
    return `\`${name}\` is no public domain; --address local is for this machine`;
  }
  return name.includes('.') ? true : `\`${name}\` has no dot; a public domain has one`;
}

/** Names that mean this machine without anybody setting up DNS. */
export function isLocalDomain(domain: string): boolean {
  return ['localhost', 'localhost.pomerium.io'].some((name) => domain === name || domain.endsWith(`.${name}`));
}

/** Hosts of parts of ours, and of the gateway's own pages. */
const TAKEN_NAMES = ['authenticate', 'idp'];

/** Why a text cannot be a route's name, which is the first label of its host; true when it can. RFC 1035 §2.3.1. */
export function validateRouteName(name: string): true | string {
  if (TAKEN_NAMES.includes(name)) return `\`${name}\` is the name of a part of the gateway`;
  if (/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/.test(name)) return true;
  return `\`${name}\` is no part of a host name: lower-case letters, digits and dashes, 63 at most`;
}
