import { access, constants, stat, statfs } from 'node:fs/promises';
import { failure, ok, skipped, warning, type Finding } from '../../check.ts';
import { shellPath } from '../../words.ts';
import { autocertCheck } from '../issuance-check.ts';

/** Bytes under which a write soon fails; a certificate with its key takes some 6 KB. */
const LITTLE = 10 * 1024 * 1024;
/** User of Pomerium's image without root (v0.33.1 Dockerfile.distroless-nonroot). */
const NONROOT = 65_532;

export const store = autocertCheck(
  { id: 'ISS-03', area: 'issuance', title: 'the certificate store can be written' },
  async ({ patient, view }) => {
    const { store: folder, volume } = await view.situation();
    if (folder === undefined) {
      const fix = 'edit docker-compose.yaml: mount a named volume at /data/autocert';
      return warning('certificates are kept in the container and go away with it', fix);
    }
    try {
      return await judge(folder, patient.cwd);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'ENOENT') return skipped(`${folder} is made at the first start`);
      if (code === 'EACCES') return skipped(`${volume ?? folder} is for root to look at: sudo mcpgw doctor`);
      throw error;
    }
  },
);

async function judge(folder: string, cwd: string): Promise<Finding> {
  const found = await stat(folder);
  const path = shellPath(folder, cwd);
  const mode = (found.mode & 0o777).toString(8);
  const evidence = [`${folder}: owner ${found.uid}:${found.gid}, mode ${mode}`];
  if (!found.isDirectory()) return failure(`${folder} is no folder`, `mv ${path} ${path}.old`, evidence);
  const { bavail, bsize, ffree } = await statfs(folder);
  if (bavail * bsize < LITTLE || ffree === 0)
    return failure(`no space is left at ${folder}`, `df -hi ${path}`, evidence);
  const refusal = await access(folder, constants.W_OK).then(
    () => undefined,
    ({ code }: NodeJS.ErrnoException) => code ?? 'EACCES',
  );
  if (refusal === 'EROFS') return failure(`${folder} is mounted read-only`, `mount -o remount,rw ${path}`, evidence);
  // The owner's own right is missing: nobody but root can write, and the gateway seldom is root.
  if ((found.mode & 0o200) === 0)
    return failure(`${folder} lets its owner not write (mode ${mode})`, `chmod u+w ${path}`, evidence);
  const who = found.uid === 0 ? `root alone; the image without root runs as ${NONROOT}` : `user ${found.uid}`;
  return ok(refusal === undefined ? `yes (owner ${found.uid})` : `by ${who}`, evidence);
}
