export interface ProviderLimits {
  /** Milliseconds for one request to the provider, its answer included. */
  request: number;
  /** Milliseconds for all requests of one tool call together. */
  call: number;
  /** Longest answer in bytes. */
  bytes: number;
  /** Longest Retry-After that is waited for, in milliseconds; a longer one is told instead. */
  wait: number;
}

export const PROVIDER_LIMITS: ProviderLimits = { request: 15_000, call: 60_000, bytes: 8 * 1024 * 1024, wait: 5_000 };
