import { createHash, X509Certificate } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chromium, type Browser, type BrowserContext, type BrowserContextOptions } from 'playwright-core';

export interface LaunchOptions {
  /** Name (`*.localhost` allowed) -> `host` or `host:port`; for names that the system does not resolve. */
  hosts?: Readonly<Record<string, string>>;
  /** SHA-256 digests, base64, of public keys whose certificates are taken as valid; see `publicKeyDigest`. */
  trustedKeys?: readonly string[];
}

export type Launch = { browser: Browser; reason?: undefined } | { browser?: undefined; reason: string };

const FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** Starts the machine's Chromium: the CHROMIUM variable, or where Debian puts it. Without one it says why, for the test to skip by. */
export async function launchBrowser(options: LaunchOptions = {}): Promise<Launch> {
  const executablePath = process.env['CHROMIUM'] || '/usr/bin/chromium';
  if (!existsSync(executablePath)) {
    return { reason: `no Chromium at ${executablePath} (apt-get install chromium, or set CHROMIUM)` };
  }
  const rules = Object.entries(options.hosts ?? {}).map(([name, target]) => `MAP ${name} ${target}`);
  const args = [...FLAGS];
  if (rules.length > 0) args.push(`--host-resolver-rules=${rules.join(', ')}`);
  if (options.trustedKeys?.length) args.push(`--ignore-certificate-errors-spki-list=${options.trustedKeys.join(',')}`);
  return { browser: await chromium.launch({ executablePath, args }) };
}

/** A window of its own: no cookies, JavaScript off unless asked for, certificate errors are errors. */
export async function openWindow(browser: Browser, options: BrowserContextOptions = {}): Promise<BrowserContext> {
  return browser.newContext({ javaScriptEnabled: false, ignoreHTTPSErrors: false, ...options });
}

/** For `trustedKeys`: a certificate in PEM, the server's own or an authority's that the server sends along. */
export function publicKeyDigest(certificate: string): string {
  const key = new X509Certificate(certificate).publicKey.export({ type: 'spki', format: 'der' });
  return createHash('sha256').update(key).digest('base64');
}
