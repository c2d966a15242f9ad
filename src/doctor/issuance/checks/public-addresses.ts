import { failure, ok } from '../../check.ts';
import { isPublic } from '../dns/addresses.ts';
import { addressesOf } from '../dns/records.ts';
import { isPrivateAuthority } from '../situation.ts';
import { worldCheck } from '../issuance-check.ts';

export const publicAddresses = worldCheck(
  { id: 'DNS-03', area: 'dns', title: 'the addresses are of the internet', needs: ['DNS-01'] },
  async ({ view, signal }) => {
    if (isPrivateAuthority((await view.situation()).authority)) return ok('any will do for a private authority');
    const records = await view.records(signal);
    const evidence = records.map((one) => `${one.host}: ${addressesOf(one).join(' ')}`);
    const wrong = records.find((one) => addressesOf(one).some((address) => !isPublic(address)));
    if (!wrong) return ok(`of ${records.length === 1 ? 'the host' : 'all hosts'}`, evidence);
    const inside = addressesOf(wrong)
      .filter((address) => !isPublic(address))
      .join(', ');
    return failure(
      `${wrong.host} leads to ${inside}, which nobody outside can reach`,
      `# at your DNS provider: the public address for ${wrong.host}\ncurl -4 https://ifconfig.co    # which one that is, seen from outside`,
      evidence,
    );
  },
);
