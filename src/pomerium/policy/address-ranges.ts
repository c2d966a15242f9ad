import { isIP } from 'node:net';
import { MatcherError } from './matchers.ts';
import { parserType } from './parser-type.ts';

/** An address as 32-bit words: one of IPv4, four of IPv6. */
type Words = readonly number[];

interface Range {
  network: Words;
  mask: Words;
}

/** What `source_ip` compares with: one address or CIDR range, or a list of them. Throws MatcherError. */
export function compileRanges(data: unknown): (ip: string) => boolean {
  if (!Array.isArray(data) && typeof data !== 'string')
    throw new MatcherError(`expected string or array of strings, got: ${parserType(data)}`);
  const ranges = (Array.isArray(data) ? (data as unknown[]) : [data]).map(parseRange);
  return (ip) => {
    const words = wordsOf(ip);
    return words !== undefined && ranges.some((range) => contains(range, words));
  };
}

function contains({ network, mask }: Range, address: Words): boolean {
  if (network.length !== address.length) return false;
  for (let i = 0; i < network.length; i++) {
    if ((((address[i] ?? 0) & (mask[i] ?? 0)) ^ (network[i] ?? 0)) !== 0) return false;
  }
  return true;
}

function parseRange(value: unknown): Range {
  if (typeof value !== 'string') throw new MatcherError(`expected string value, got: ${parserType(value)}`);
  const [text = '', bits, ...rest] = value.split('/');
  const written = isIP(text) === 4 ? 32 : 128;
  const prefix = bits === undefined ? written : /^\d+$/.test(bits) ? Number(bits) : -1;
  const address = parseWords(text);
  if (!address || rest.length > 0 || prefix < 0 || prefix > written)
    throw new MatcherError(`expected IP or CIDR range, got: ${JSON.stringify(value)}`);
  // As Go has it, an IPv4 address written as IPv6 is an IPv4 address, as long as the prefix covers what says so.
  const isMapped = written === 128 && address.length === 1;
  if (isMapped && prefix < 96) return toRange(mapped(address), prefix);
  return toRange(address, isMapped ? prefix - 96 : prefix);
}

function toRange(address: Words, prefix: number): Range {
  const mask = address.map((_, i) => maskOf(prefix - i * 32));
  return { mask, network: address.map((word, i) => word & (mask[i] ?? 0)) };
}

/** A word whose first `bits` bits are set. */
function maskOf(bits: number): number {
  return bits <= 0 ? 0 : bits >= 32 ? -1 : -1 << (32 - bits);
}

let lastText = '';
let lastWords: Words | undefined;

/** A hundred rules ask for one address. */
function wordsOf(ip: string): Words | undefined {
  if (ip !== lastText) {
    lastWords = parseWords(ip);
    lastText = ip;
  }
  return lastWords;
}

/** Undefined: no address, or one with a zone, which Go refuses here. */
function parseWords(text: string): Words | undefined {
  const family = isIP(text);
  if (family === 0 || text.includes('%')) return undefined;
  if (family === 4) return [ipv4Word(text)];
  const words = ipv6Words(text);
  const isMapped = words[0] === 0 && words[1] === 0 && words[2] === 0xff_ff;
  return isMapped ? words.slice(3) : words;
}

const mapped = (address: Words): Words => [0, 0, 0xff_ff, ...address];

function ipv4Word(text: string): number {
  return text.split('.').reduce((word, part) => (word << 8) | Number(part), 0);
}

function ipv6Words(text: string): number[] {
  const [head = '', tail] = text.split('::');
  const first = groupsOf(head);
  const last = tail === undefined ? [] : groupsOf(tail);
  const groups = [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
  return [0, 2, 4, 6].map((i) => ((groups[i] ?? 0) << 16) | (groups[i + 1] ?? 0));
}

/** 16-bit groups; the last two may be written as an IPv4 address. */
function groupsOf(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((part) => {
    if (!part.includes('.')) return [Number.parseInt(part, 16)];
    const word = ipv4Word(part);
    return [word >>> 16, word & 0xff_ff];
  });
}
