import { ok, warning } from '../../check.ts';
import { proxyOf } from '../dns/addresses.ts';
import { addressesOf } from '../dns/records.ts';
import { worldCheck } from '../issuance-check.ts';

/** A proxy that ends TLS keeps tls-alpn-01 from ever reaching the gateway, and shows clients a certificate of its own. */
export const proxied = worldCheck(
  { id: 'DNS-04', area: 'dns', title: 'no proxy or CDN stands in front', needs: ['DNS-01'] },
  async ({ view, signal }) => {
    const records = await view.records(signal);
    const behind = records.flatMap((one) => {
      const proxy = proxyOf(addressesOf(one), one.aliases);
      return proxy === undefined ? [] : [{ host: one.host, proxy }];
    });
    const [first] = behind;
    if (!first) return ok('none that is known');
    return warning(
      `${first.host} stands behind ${first.proxy}, which ends TLS before the gateway`,
      first.proxy === 'Cloudflare'
        ? `# at Cloudflare: set the record of ${first.host} to “DNS only” (grey cloud)`
        : `# let the DNS record of ${first.host} lead to this machine`,
      behind.map(({ host, proxy }) => `${host}: ${proxy}`),
    );
  },
);
