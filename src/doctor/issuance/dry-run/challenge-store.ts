import { chown, mkdir, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CannotAnswer, type OpenChallenge, type Responder } from './challenge.ts';

/** Milliseconds after which a file that lies there is nobody's work in progress. */
const LEFT_OVER = 10 * 60 * 1000;

/** Where a running gateway with autocert looks for challenges that somebody asks it about. */
export interface ChallengeStore {
  answer(challenge: OpenChallenge): Promise<Responder>;
}

/**
 * The folder of certmagic's file storage (v0.25.2 storage.go, `StorageKeys`): `acme/<issuer>/challenge_tokens/<host>.json`. A running Pomerium
 * answers what it finds there, whoever opened the order.
 * @param folder Pomerium's `autocert_dir`.
 * @param directoryUrl The authority that Pomerium itself uses: it looks under that name only.
 */
export function folderStore(folder: string, directoryUrl: string, now: () => number): ChallengeStore {
  const tokens = join(folder, 'acme', issuerKey(directoryUrl), 'challenge_tokens');
  return {
    answer: async (challenge) => {
      const file = join(tokens, `${challenge.host.toLowerCase()}.json`);
      if (await isBusy(file, now)) {
        throw new CannotAnswer('busy', `the gateway is asking for a certificate of ${challenge.host} at this moment`);
      }
      try {
        const owner = await stat(folder);
        await makeFolder(tokens, folder, owner);
        await writeFile(file, JSON.stringify(tokenRecord(challenge)), { mode: 0o600 });
        await giveTo(owner, file);
      } catch (error) {
        const { message } = error as Error;
        await rm(file, { force: true }).catch(() => undefined);
        throw new CannotAnswer('store not writable', `${folder}: ${message}`, error);
      }
      return { means: 'store', close: async () => rm(file, { force: true }) };
    },
  };
}

/** certmagic v0.25.2 acmeissuer.go, `issuerKey`: host, port and path of the directory, joined by `-`; never the query. */
export function issuerKey(directoryUrl: string): string {
  const { host, pathname } = new URL(directoryUrl);
  return `${host}${pathname.replace(/\/$/, '')}`.replaceAll(/[:/]/g, '-').toLowerCase();
}

function tokenRecord({ type, url, token, keyAuthorization, host }: OpenChallenge): Record<string, unknown> {
  return { type, url, status: 'pending', token, keyAuthorization, identifier: { type: 'dns', value: host } };
}

async function isBusy(file: string, now: () => number): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && now() - found.mtimeMs < LEFT_OVER;
}

interface Owner {
  uid: number;
  gid: number;
}

/** Missing folders are made as the gateway makes them, for its user only. */
async function makeFolder(folder: string, root: string, owner: Owner): Promise<void> {
  if (folder === root || (await stat(folder).catch(() => undefined))) return;
  await makeFolder(dirname(folder), root, owner);
  await mkdir(folder, { mode: 0o700 });
  await giveTo(owner, folder);
}

/** The gateway's user has to read what root wrote. Whoever is not root has the gateway's rights or none. */
async function giveTo({ uid, gid }: Owner, path: string): Promise<void> {
  if ((await stat(path)).uid !== uid) await chown(path, uid, gid);
}
