import type { Patient } from './patient.ts';
import { getJson } from './probe.ts';

export interface Provider {
  issuer: string;
  /** OpenID Connect Discovery 1.0 §3. */
  document: Record<string, unknown>;
}

/** The identity provider as it describes itself; a sentence where its address is not in the configuration. */
export async function readProvider(
  { configuration, fetch }: Pick<Patient, 'configuration' | 'fetch'>,
  signal: AbortSignal,
): Promise<Provider | string> {
  const issuer = (await configuration()).options?.idp_provider_url;
  if (issuer === undefined) return 'the provider’s address is built into Pomerium';
  const url = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
  return { issuer, document: await getJson(await fetch(), url, signal) };
}
