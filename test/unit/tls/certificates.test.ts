import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { chmod, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect, createServer } from 'node:tls';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  ensureAuthority,
  ensureServerCertificate,
  type Authority,
  type ServerCertificate,
} from '../../../src/tls/index.ts';
import { issueServerCertificate } from '../../../src/tls/x509.ts';

const DAY = 86_400_000;
const NOW = Date.now();
const NAMES = ['authenticate.localhost', 'whoami.localhost', 'sqlite.localhost'];
const HAS_OPENSSL = canRun('openssl', ['version']);

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'mcpgw tls ü-'));
});
afterEach(() => rm(root, { recursive: true, force: true }));

async function authorityOf(now = NOW, domain = 'localhost', notes: string[] = []): Promise<Authority> {
  return ensureAuthority(join(root, '.mcpgw', 'authority'), { domain, now, note: (line) => notes.push(line) });
}

async function certificateOf(authority: Authority, names = NAMES, now = NOW): Promise<ServerCertificate> {
  return ensureServerCertificate({ authority, dir: join(root, '.mcpgw', 'certs'), names, now });
}

/** What a Node client says to a server with this certificate; `ok` when the handshake succeeds. */
async function handshake(
  authority: Authority,
  certificate: Pick<ServerCertificate, 'certPem' | 'keyPem'>,
  servername: string,
): Promise<string> {
  const server = createServer({ cert: certificate.certPem, key: certificate.keyPem }, (socket) => socket.end());
  await new Promise<void>((done) => void server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const socket = connect({ host: '127.0.0.1', port, servername, ca: authority.certPem });
  const answer = await new Promise<string>((done) => {
    socket.once('secureConnect', () => done('ok'));
    socket.once('error', (error: NodeJS.ErrnoException) => done(`${error.code}: ${error.message}`));
  });
  socket.destroy();
  server.close();
  return answer;
}

describe('authority', () => {
  test('is made once and kept, with a key that only its owner reads', async () => {
    const first = await authorityOf();
    expect((await authorityOf()).certPem).toBe(first.certPem);
    expect((await stat(join(root, '.mcpgw/authority/ca.key'))).mode & 0o777).toBe(0o600);
    expect((await stat(join(root, '.mcpgw/authority'))).mode & 0o777).toBe(0o700);
    expect(new X509Certificate(first.certPem).ca).toBe(true);
  });

  test.each([
    ['cut', async (file: string) => writeFile(file, (await readFile(file, 'utf8')).slice(0, 100))],
    ['empty', async (file: string) => writeFile(file, '')],
    ['gone', async (file: string) => rm(file)],
  ])('a certificate that is %s is made anew, and that is told', async (_how, damage) => {
    const first = await authorityOf();
    await damage(first.certFile);
    const notes: string[] = [];
    const second = await authorityOf(NOW, 'localhost', notes);
    expect(second.certPem).not.toBe(first.certPem);
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(/^certificate authority made anew: .+ has to trust the new one$/);
  });

  test('is kept for a domain that is longer than a name in a certificate may be', async () => {
    const domain = `${'long-'.repeat(12)}name.example.com`;
    const notes: string[] = [];
    const first = await authorityOf(NOW, domain, notes);
    expect((await authorityOf(NOW, domain, notes)).certPem).toBe(first.certPem);
    expect(notes).toEqual([]);
    const { outside } = await certificateOf(first, [`whoami.${domain}`, 'whoami.example.com']);
    expect(outside).toEqual(['whoami.example.com']);
  });

  test('a key of another authority is noticed', async () => {
    const first = await authorityOf();
    const other = await ensureAuthority(join(root, 'other', 'authority'), { now: NOW });
    await writeFile(join(root, '.mcpgw/authority/ca.key'), other.keyPem);
    const notes: string[] = [];
    expect((await authorityOf(NOW, 'localhost', notes)).certPem).not.toBe(first.certPem);
    expect(notes[0]).toContain('ca.key does not belong to ca.pem');
  });

  test('another domain needs another authority', async () => {
    const first = await authorityOf();
    expect((await authorityOf(NOW, 'gw.test')).certPem).not.toBe(first.certPem);
  });

  test('is replaced before it could not vouch for a full certificate', async () => {
    const first = await authorityOf();
    const late = NOW + (3650 - 397) * DAY;
    expect((await authorityOf(late)).certPem).not.toBe(first.certPem);
    expect((await authorityOf(late)).certPem).toBe((await authorityOf(late)).certPem);
  });
});

describe('server certificate', () => {
  test('names every host, without wildcards, for no longer than browsers take', async () => {
    const certificate = new X509Certificate((await certificateOf(await authorityOf())).certPem);
    for (const name of [...NAMES, 'localhost']) expect(certificate.checkHost(name)).toBe(name);
    expect(certificate.checkIP('127.0.0.1')).toBe('127.0.0.1');
    expect(certificate.subjectAltName).not.toContain('*');
    const days = (certificate.validToDate.getTime() - certificate.validFromDate.getTime()) / DAY;
    expect(days).toBeLessThanOrEqual(398);
    expect(days).toBeGreaterThan(300);
  });

  test('is kept while nothing asks for another, and its key is private', async () => {
    const authority = await authorityOf();
    const first = await certificateOf(authority);
    const second = await certificateOf(authority, NAMES.toReversed());
    expect([first.renewed, second.renewed]).toEqual([true, false]);
    expect(second.certPem).toBe(first.certPem);
    expect((await stat(first.keyFile)).mode & 0o777).toBe(0o600);
  });

  test.each([
    ['31 days before its end', 31, false],
    ['29 days before its end', 29, true],
    ['after its end', -1, true],
  ])('renewed %s: %s days left -> %s', async (_when, days, renewed) => {
    const authority = await authorityOf();
    const first = await certificateOf(authority);
    const second = await certificateOf(authority, NAMES, first.notAfter.getTime() - days * DAY);
    expect(second.renewed).toBe(renewed);
  });

  test('a new host, a dropped one and a new authority each lead to a new certificate', async () => {
    const authority = await authorityOf();
    await certificateOf(authority);
    expect((await certificateOf(authority, [...NAMES, 'x.localhost'])).reason).toBe('names added: x.localhost');
    expect((await certificateOf(authority)).reason).toBe('names dropped: x.localhost');
    await rm(join(root, '.mcpgw/authority'), { recursive: true });
    expect((await certificateOf(await authorityOf())).reason).toBe('the certificate authority changed');
  });

  test.each(['gateway.crt', 'gateway.key'])('damage to %s is mended', async (name) => {
    const authority = await authorityOf();
    const first = await certificateOf(authority);
    await writeFile(join(root, '.mcpgw/certs', name), 'garbage');
    const second = await certificateOf(authority);
    expect(second.reason).toBe('its files were damaged');
    expect(await readFile(first.certFile, 'utf8')).toBe(second.certPem);
    expect(await handshake(authority, second, 'whoami.localhost')).toBe('ok');
  });

  test('the folder that containers see holds the authority’s certificate and never its key', async () => {
    const authority = await authorityOf();
    await certificateOf(authority);
    expect(await readFile(join(root, '.mcpgw/certs/ca.pem'), 'utf8')).toBe(authority.certPem);
    await expect(stat(join(root, '.mcpgw/certs/ca.key'))).rejects.toThrow('ENOENT');
  });

  test('a folder that may not be written is an error', async ({ skip }) => {
    skip(process.getuid?.() === 0, 'root may write everywhere');
    const authority = await authorityOf();
    await chmod(root, 0o500);
    await expect(
      ensureServerCertificate({ authority, dir: join(root, 'certs'), names: NAMES, now: NOW }),
    ).rejects.toThrow('EACCES');
    await chmod(root, 0o700);
  });
});

describe('clients', () => {
  test('node:tls takes every host by name, and no other name', async () => {
    const authority = await authorityOf();
    const certificate = await certificateOf(authority);
    for (const name of NAMES) expect(await handshake(authority, certificate, name)).toBe('ok');
    expect(await handshake(authority, certificate, 'other.localhost')).toContain('ERR_TLS_CERT_ALTNAME_INVALID');
  });

  test('a name outside of its domain is left out, so that it cannot spoil the others', async () => {
    const authority = await authorityOf();
    const certificate = await certificateOf(authority, [...NAMES, 'whoami.example.com', 'notlocalhost']);
    expect(certificate.outside).toEqual(['notlocalhost', 'whoami.example.com']);
    expect(await handshake(authority, certificate, 'whoami.localhost')).toBe('ok');
    expect((await certificateOf(authority, [...NAMES, 'whoami.example.com', 'notlocalhost'])).renewed).toBe(false);
  });

  test('a stolen authority is of no use for other names', async () => {
    const authority = await authorityOf();
    const abroad = await issueServerCertificate(
      authority,
      { dns: ['whoami.example.com'], ip: [] },
      {
        notBefore: new Date(NOW - DAY),
        notAfter: new Date(NOW + DAY),
      },
    );
    expect(await handshake(authority, abroad, 'whoami.example.com')).toContain('permitted subtree violation');
  });

  test('another project’s authority is not trusted', async () => {
    const certificate = await certificateOf(await authorityOf());
    const other = await ensureAuthority(join(root, 'other', 'authority'), { now: NOW });
    expect(await handshake(other, certificate, 'whoami.localhost')).toMatch(
      /UNABLE_TO_VERIFY|SELF_SIGNED|CERT_SIGNATURE_FAILURE/,
    );
  });

  test('openssl verifies the chain and the host', async ({ skip }) => {
    skip(!HAS_OPENSSL, 'there is no openssl here');
    const authority = await authorityOf();
    const { certFile } = await certificateOf(authority);
    const verify = (host: string): string =>
      execFileSync(
        'openssl',
        ['verify', '-x509_strict', '-verify_hostname', host, '-CAfile', authority.certFile, certFile],
        {
          encoding: 'utf8',
          stdio: ['ignore', 'pipe', 'pipe'],
        },
      );
    expect(verify('sqlite.localhost')).toContain(': OK');
    expect(() => verify('other.localhost')).toThrow(/hostname mismatch/i);
  });
});

function canRun(program: string, args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
