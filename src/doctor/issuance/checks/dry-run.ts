import { createFetch } from '../../../net/fetch.ts';
import { skipped } from '../../check.ts';
import { folderStore } from '../dry-run/challenge-store.ts';
import { dryRun } from '../dry-run/dry-run.ts';
import { again, autocertCheck, type MakeCheck } from '../issuance-check.ts';
import { isPrivateAuthority, LETS_ENCRYPT_STAGING } from '../situation.ts';
import { tellReport } from '../tell-report.ts';

/** Milliseconds for the whole of it: a dropped packet costs an authority some 15 s for each challenge. */
const LIMIT = 60_000;
/** Hosts that are tried: as many orders in a row as no authority minds. */
const MOST_HOSTS = 10;

/**
 * The authority as observer from outside: it is asked for an order of each host, validates it, and is never asked for a certificate. Everything
 * that can be known without it is looked at before.
 */
export const dryRunCheck: MakeCheck = (doors, viewOf) => ({
  ...autocertCheck(
    {
      id: 'ISS-10',
      area: 'issuance',
      title: 'an authority reaches this machine (dry run)',
      needs: ['DNS-01', 'DNS-02', 'DNS-03', 'DNS-08', 'ISS-02', 'ISS-05'],
    },
    async ({ patient, view, signal }) => {
      if (!patient.acme) return skipped('left out: --no-acme');
      const { authority, store, external } = await view.situation();
      const ownIsAsked = isPrivateAuthority(authority);
      const directory = patient.acme.directory ?? (ownIsAsked ? authority : LETS_ENCRYPT_STAGING);
      const hosts = (await view.hosts()).slice(0, MOST_HOSTS);
      const { ca } = patient.acme;
      const { ports, address, limit = LIMIT } = doors;
      const report = await dryRun({
        hosts,
        directory,
        fetch: createFetch(ca === undefined ? {} : { ca: [ca] }),
        now: patient.now,
        signal,
        ports,
        limit,
        ...(address === undefined ? {} : { address }),
        ...(store === undefined ? {} : { store: folderStore(store, authority, patient.now) }),
        // Credentials of one authority are nobody else's business.
        ...(external && directory === authority ? { external } : {}),
      });
      return tellReport(report, {
        now: patient.now(),
        again: again(patient),
        isChosen: directory !== LETS_ENCRYPT_STAGING,
      });
    },
  )(doors, viewOf),
  // Twice the time of the trials: an order begun in time may end late, and everything is taken back.
  limit: LIMIT * 2,
});
