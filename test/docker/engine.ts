import { findCompose } from './rig/compose.ts';
import { findEngine } from './rig/daemon.ts';
import { findImages } from './rig/images.ts';

export { IMAGES } from './rig/places.ts';

export type Readiness = { ok: true } | { ok: false; reason: string };

/** Whether tests with a real Docker Engine can run here; if not, why, as the reason for skipping them by name. */
export async function dockerReady(): Promise<Readiness> {
  const reason = await whyNot();
  return reason === undefined
    ? { ok: true }
    : { ok: false, reason: `${reason}; try: node_modules/.bin/node test/docker/rig.ts up` };
}

async function whyNot(): Promise<string | undefined> {
  if (!(await findEngine())) return 'no Docker Engine answers';
  if ((await findCompose()) === undefined) return 'the docker CLI has no Compose plugin';
  const missing = Object.entries(await findImages()).filter(([, id]) => id === undefined);
  return missing.length > 0 ? `images are missing: ${missing.map(([name]) => name).join(', ')}` : undefined;
}
