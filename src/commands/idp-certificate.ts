import { readFile } from 'node:fs/promises';
import { isIP } from 'node:net';
import { join, resolve } from 'node:path';
import { stateFolder } from '../context-node.ts';
import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import type { Project } from '../project/index.ts';
import { systemError } from '../system-error.ts';
import { ensureAuthority, ensureServerCertificate } from '../tls/index.ts';

export interface Certificate {
  cert: string;
  key: string;
  /** File of the authority that vouches for it; undefined for a certificate of one's own. */
  authority?: string;
}

/**
 * The given certificate, or one of an authority of our own: the project's for a name that it may vouch for, else one in the user's state
 * folder. Undefined: the issuer is http.
 */
export async function certificateFor(
  ctx: Ctx,
  { cert, key }: { cert?: string; key?: string },
  issuer: URL,
  project: Project | undefined,
): Promise<Certificate | undefined> {
  if (cert !== undefined && key !== undefined) {
    return { cert: await readPem(ctx, '--cert', cert), key: await readPem(ctx, '--key', key) };
  }
  if (issuer.protocol !== 'https:') return undefined;
  const now = ctx.now();
  const hostname = issuer.hostname.replace(/^\[|\]$/g, '');
  const isOurs = project !== undefined && isBelow(hostname, project.settings.domain);
  const folder = isOurs
    ? join(project.paths.state, 'upstream')
    : join(stateFolder(ctx.env, process.platform), 'upstream', hostname.replaceAll(':', '_'));
  const authority = await ensureAuthority(isOurs ? project.paths.authorityFolder : join(folder, 'authority'), {
    domain: isOurs ? project.settings.domain : isIP(hostname) ? 'localhost' : hostname,
    now,
    note: ctx.note,
  });
  const made = await ensureServerCertificate({ authority, dir: join(folder, 'certs'), names: [hostname], now });
  return { cert: made.certPem, key: made.keyPem, authority: authority.certFile };
}

function isBelow(hostname: string, domain: string): boolean {
  return hostname === domain || hostname.endsWith(`.${domain}`) || hostname.endsWith('.localhost');
}

async function readPem(ctx: Ctx, flag: string, file: string): Promise<string> {
  return readFile(resolve(ctx.cwd, file), 'utf8').catch((error: unknown) => {
    throw systemError(error) ?? usage(`${flag}: ${file} cannot be read`, `mcpgw idp --as-upstream ${flag} <file>`);
  });
}
