import { failure, ok, skipped, warning, worstOf, type Finding } from '../../check.ts';
import { advise } from '../../servers.ts';
import { issuerKind, issuerName, presented } from '../certificates/judge.ts';
import { worldCheck } from '../issuance-check.ts';
import { again } from '../issuance-check.ts';
import { isPrivateAuthority } from '../situation.ts';
import type { Patient } from '../../patient.ts';

/** Clients in a vendor's cloud trust public authorities only, and no browser of anybody lets them click a warning away. */
export const trustedIssuer = worldCheck(
  { id: 'ISS-08', area: 'issuance', title: 'public clients trust the certificate and its chain' },
  async ({ patient, view }) => {
    if (patient.target.kind === 'url') return skipped('told by CRT-03');
    const looks = presented(await view.served());
    if (looks.length === 0) return skipped('nothing is served on port 443 of this machine');
    const isMeant = isPrivateAuthority((await view.situation()).authority);
    const evidence = looks.map(({ host, certificate }) => `${host}: ${issuerName(certificate)}`);
    return worstOf(
      looks.flatMap(({ host, certificate, distrust }) => {
        const found = judge(patient, host, issuerKind(certificate, distrust), isMeant);
        return found && found.kind !== 'skipped' && found.kind !== 'ok' ? [{ ...found, evidence }] : [];
      }),
      () => ok(`${looks.length} of ${looks.length}`, evidence),
    );
  },
);

function judge(
  patient: Patient,
  host: string,
  kind: ReturnType<typeof issuerKind>,
  isMeant: boolean,
): Finding | undefined {
  switch (kind) {
    case 'public':
      return undefined;
    case 'catch-all':
      return failure(
        `${host} shows Pomerium’s catch-all: it has no certificate`,
        'mcpgw doctor --only issuance    # why there is none',
      );
    case 'staging': {
      const fix = `edit pomerium-config.yaml: drop \`autocert_use_staging\`, then\n${again(patient)}`;
      return failure(`${host} shows a certificate of Let’s Encrypt’s staging service, which nobody trusts`, fix);
    }
    case 'self-signed':
      return failure(
        `${host} shows a self-signed certificate`,
        advise(patient, 'edit pomerium-config.yaml: `autocert: true`', 'get one of a public authority'),
      );
    case 'incomplete chain': {
      const fix =
        '# append the authority’s intermediate certificates to the certificate file; browsers fetch them, MCP clients do not';
      return failure(`the chain of ${host} is incomplete: the intermediate certificate is not sent`, fix);
    }
    default: {
      const text = `${host} shows a certificate of a private authority: clients in a vendor’s cloud refuse it`;
      // It was asked for.
      if (isMeant) return warning(text, '# let clients trust the authority, e.g. NODE_EXTRA_CA_CERTS=authority.pem');
      return failure(text, '# get one of a public authority');
    }
  }
}
