import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureAuthority, ensureServerCertificate } from '../../../../src/tls/index.ts';

export interface TestCertificate {
  cert: string;
  key: string;
  ca: string;
}

/** A server certificate for the names, by an authority that exists for this test only. */
export async function issueTestCertificate(domain: string, names: readonly string[]): Promise<TestCertificate> {
  const dir = await mkdtemp(join(tmpdir(), 'mcpgw-gateway-test-'));
  try {
    const now = Date.now();
    const authority = await ensureAuthority(join(dir, 'ca'), { domain, now });
    const { certPem, keyPem } = await ensureServerCertificate({ authority, dir: join(dir, 'cert'), names, now });
    return { cert: certPem, key: keyPem, ca: authority.certPem };
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}
