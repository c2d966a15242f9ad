import open, { apps } from 'open';

export interface BrowserOptions {
  env: Readonly<Record<string, string | undefined>>;
  interactive: boolean;
}

/**
 * Opens a URL in the browser; false when none can be expected: no terminal, an SSH session, no display.
 * Only https, and http to loopback, ever reach the opener.
 */
export async function openInBrowser(url: string, { env, interactive }: BrowserOptions): Promise<boolean> {
  if (!isOpenable(url)) return false;
  const chosen = env['BROWSER'];
  if (!chosen && (!interactive || !hasDisplay(env))) return false;
  if (chosen === 'none') return false;
  try {
    const child = await open(url, chosen ? { app: { name: chosen } } : { app: { name: apps.browser } });
    child.on('error', () => undefined);
    return true;
  } catch {
    // No opener on this machine: the URL is printed anyway, so this is an answer and not a failure.
    return false;
  }
}

function isOpenable(url: string): boolean {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:') return true;
  return (
    protocol === 'http:' && (hostname === '127.0.0.1' || hostname === '[::1]' || /(^|\.)localhost$/.test(hostname))
  );
}

function hasDisplay(env: Readonly<Record<string, string | undefined>>): boolean {
  if (env['SSH_CONNECTION'] || env['SSH_TTY']) return false;
  if (process.platform !== 'linux') return true;
  return Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY'] || env['WSL_DISTRO_NAME']);
}
