import { readFileSync } from 'node:fs';

/** The package's version; package.json is one folder up, both from src/ and from dist/. */
export const VERSION = readVersion();

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));
  const { version } = manifest as { version: string };
  return version;
}
