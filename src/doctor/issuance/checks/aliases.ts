import { failure, ok, warning } from '../../check.ts';
import { worldCheck } from '../issuance-check.ts';

const MANY = 4;

export const aliases = worldCheck(
  { id: 'DNS-02', area: 'dns', title: 'aliases end at an address' },
  async ({ view, signal }) => {
    const records = await view.records(signal);
    const chains = records.map(({ host, aliases: names }) => [host, ...names].join(' → '));
    const endless = records.find((one) => one.endless);
    if (endless) {
      const chain = [endless.host, ...endless.aliases].join(' → ');
      return failure(
        `the aliases of ${endless.host} have no end: ${chain}`,
        `dig CNAME ${endless.host}    # break the circle`,
      );
    }
    const dead = records.find(({ aliases: names, a, aaaa }) => names.length > 0 && !a.found && !aaaa.found);
    if (dead) {
      const target = dead.aliases.at(-1) ?? '';
      return failure(
        `${dead.host} is an alias of ${target}, which has no address`,
        `dig A ${target}    # or let the alias lead elsewhere`,
        chains,
      );
    }
    const long = records.find(({ aliases: names }) => names.length >= MANY);
    if (long) {
      return warning(
        `${long.host} goes through ${long.aliases.length} aliases`,
        `dig ${long.host}    # shorten the chain`,
        chains,
      );
    }
    return ok(records.some(({ aliases: names }) => names.length > 0) ? 'they do' : 'there are none', chains);
  },
);
