import { readdir, readFile } from 'node:fs/promises';
import { X509Certificate } from 'node:crypto';
import { join } from 'node:path';

export interface StoredCertificate {
  /** Name of the authority's folder in the store. */
  issuer: string;
  file: string;
  /** The leaf first; empty when the file holds no certificate. */
  chain: X509Certificate[];
}

const PEM = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** What a store holds for a host, newest first; `certificates/<issuer>/<host>/<host>.crt` (certmagic v0.25.2 storage.go). Throws as the file system does. */
export async function storedCertificates(store: string, host: string): Promise<StoredCertificate[]> {
  const folder = join(store, 'certificates');
  const issuers = await readdir(folder).catch(absent([]));
  const found = await Promise.all(
    issuers.map(async (issuer) => {
      const file = join(folder, issuer, host, `${host}.crt`);
      const text = await readFile(file, 'utf8').catch(absent(undefined));
      return text === undefined ? [] : [{ issuer, file, chain: readChain(text) }];
    }),
  );
  return found.flat().toSorted((a, b) => endOf(b) - endOf(a));
}

export function readChain(pem: string): X509Certificate[] {
  try {
    return [...pem.matchAll(PEM)].map(([block]) => new X509Certificate(block));
  } catch {
    return [];
  }
}

function endOf({ chain: [leaf] }: StoredCertificate): number {
  return leaf?.validToDate.getTime() ?? 0;
}

function absent<T>(value: T): (error: NodeJS.ErrnoException) => T {
  return (error) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return value;
    throw error;
  };
}
