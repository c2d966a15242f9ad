import { createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { failure, ok, skipped, type Check } from '../check.ts';
import { readCertificate } from '../stored-certificates.ts';

const REISSUE = 'mcpgw restart    # issues a new one';

export const authority: Check = {
  id: 'CRT-02',
  area: 'certificate',
  title: 'certificate is the project’s own authority’s',
  on: ['project'],
  needs: ['CRT-01'],
  async run({ project }) {
    const { paths } = await project();
    const [leaf, ca] = await Promise.all([readCertificate(paths.certificate), readCertificate(paths.authority)]);
    if (leaf === undefined) return skipped('made at the first mcpgw up');
    if (ca === undefined || ca === 'damaged') {
      const what = ca === undefined ? 'is missing' : 'holds no certificate';
      return failure(`${paths.authority} ${what}: nobody can trust the gateway`, REISSUE);
    }
    if (leaf === 'damaged' || !leaf.verify(ca.publicKey)) {
      return failure('the certificate was signed by another authority', REISSUE);
    }
    const key = await readFile(paths.certificateKey, 'utf8').catch(() => '');
    if (!isKeyOf(key, (made) => leaf.checkPrivateKey(made))) {
      return failure('the private key does not belong to the certificate', REISSUE);
    }
    return ok(ca.subject.replaceAll('\n', ', '), [`valid until ${ca.validTo}`, paths.authority]);
  },
};

function isKeyOf(pem: string, check: (key: ReturnType<typeof createPrivateKey>) => boolean): boolean {
  try {
    return check(createPrivateKey(pem));
  } catch {
    return false;
  }
}
