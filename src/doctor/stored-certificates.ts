import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** A certificate in a PEM file; undefined when there is no such file, 'damaged' when it holds none. */
export async function readCertificate(file: string): Promise<X509Certificate | 'damaged' | undefined> {
  const pem = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (pem === undefined) return undefined;
  try {
    return new X509Certificate(pem);
  } catch {
    return 'damaged';
  }
}
