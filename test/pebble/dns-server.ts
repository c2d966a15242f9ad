import { createSocket } from 'node:dgram';

/** Response codes of RFC 1035 §4.1.1. */
export const RCODE = { ok: 0, serverFailure: 2, noSuchName: 3, refused: 5 } as const;

const TYPES: Readonly<Record<number, string>> = { 1: 'A', 5: 'CNAME', 28: 'AAAA', 257: 'CAA' };
const NUMBERS: Readonly<Record<string, number>> = { A: 1, CNAME: 5, AAAA: 28, CAA: 257 };

export interface DnsRecord {
  name: string;
  type: 'A' | 'AAAA' | 'CNAME' | 'CAA';
  /** An address, a name, or `0 issue letsencrypt.org`. */
  value: string;
}

/** A name's records, a response code, or silence. */
export type Zone = Readonly<Record<string, DnsRecord[] | number | 'silent'>>;

/** A name server on loopback that answers what a test says; names it does not know do not exist. */
export async function startDns(zone: Zone): Promise<{ address: string; stop: () => Promise<void> }> {
  const socket = createSocket('udp4');
  socket.on('message', (question, { address, port }) => {
    const { name, type, end } = readQuestion(question);
    const known = zone[name.toLowerCase()] ?? RCODE.noSuchName;
    if (known === 'silent') return;
    const records = typeof known === 'number' ? [] : answersFor(known, type);
    const code = typeof known === 'number' ? known : RCODE.ok;
    socket.send(answer(question.subarray(0, end), records, code), port, address);
  });
  const { promise, resolve } = Promise.withResolvers<void>();
  socket.bind(0, '127.0.0.1', resolve);
  await promise;
  return {
    address: `127.0.0.1:${socket.address().port}`,
    stop: async () => {
      const { promise: closed, resolve: done } = Promise.withResolvers<void>();
      socket.close(() => done());
      await closed;
    },
  };
}

/** As a resolver answers: the whole chain of aliases, whatever type was asked for. */
function answersFor(records: readonly DnsRecord[], type: string): DnsRecord[] {
  return records.filter((record) => record.type === type || (record.type === 'CNAME' && type !== 'CAA'));
}

function readQuestion(message: Buffer): { name: string; type: string; end: number } {
  const labels: string[] = [];
  let at = 12;
  for (let length = message[at] ?? 0; length > 0; length = message[at] ?? 0) {
    labels.push(message.subarray(at + 1, at + 1 + length).toString());
    at += 1 + length;
  }
  return { name: labels.join('.'), type: TYPES[message.readUInt16BE(at + 1)] ?? '', end: at + 5 };
}

function answer(question: Buffer, records: readonly DnsRecord[], code: number): Buffer {
  const head = Buffer.from(question);
  // An answer, recursion desired and available.
  head.writeUInt16BE(0x8180 | code, 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt16BE(records.length, 6);
  head.writeUInt32BE(0, 8);
  return Buffer.concat([head, ...records.map(encode)]);
}

function encode({ name, type, value }: DnsRecord): Buffer {
  const data = dataOf(type, value);
  const fixed = Buffer.alloc(10);
  fixed.writeUInt16BE(NUMBERS[type] ?? 0, 0);
  fixed.writeUInt16BE(1, 2);
  fixed.writeUInt32BE(60, 4);
  fixed.writeUInt16BE(data.length, 8);
  return Buffer.concat([nameOf(name), fixed, data]);
}

function dataOf(type: DnsRecord['type'], value: string): Buffer {
  if (type === 'A') return Buffer.from(value.split('.').map(Number));
  if (type === 'CNAME') return nameOf(value);
  if (type === 'AAAA') return ipv6(value);
  const [flags = '0', tag = '', ...rest] = value.split(' ');
  return Buffer.concat([Buffer.from([Number(flags), tag.length]), Buffer.from(tag), Buffer.from(rest.join(' '))]);
}

function nameOf(name: string): Buffer {
  const labels = name.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([...labels, Buffer.from([0])]);
}

function ipv6(address: string): Buffer {
  const [left = '', right = ''] = address.split('::');
  const [before, after] = [groupsOf(left), groupsOf(right)];
  const all = [...before, ...Array.from({ length: 8 - before.length - after.length }, () => 0), ...after];
  return Buffer.from(all.flatMap((group) => [group >> 8, group & 255]));
}

function groupsOf(text: string): number[] {
  return text === '' ? [] : text.split(':').map((one) => Number.parseInt(one, 16));
}
