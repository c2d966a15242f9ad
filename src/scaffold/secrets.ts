import { generateKeyPairSync, randomBytes } from 'node:crypto';

export interface Secrets {
  SHARED_SECRET: string;
  COOKIE_SECRET: string;
  SIGNING_KEY: string;
  IDP_CLIENT_SECRET: string;
  POSTGRES_PASSWORD: string;
}

/** Fresh secrets in the forms that Pomerium v0.33.1 takes; config/options.go. */
export function generateSecrets(): Secrets {
  const { privateKey } = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
    publicKeyEncoding: { type: 'spki', format: 'pem' },
  });
  return {
    SHARED_SECRET: randomBytes(32).toString('base64'),
    COOKIE_SECRET: randomBytes(32).toString('base64'),
    SIGNING_KEY: Buffer.from(privateKey).toString('base64'),
    IDP_CLIENT_SECRET: randomBytes(24).toString('base64url'),
    POSTGRES_PASSWORD: randomBytes(16).toString('hex'),
  };
}
