/** The challenges of a web server: RFC 8555 §8.3 on port 80, RFC 8737 on port 443. */
export const CHALLENGE_TYPES = ['http-01', 'tls-alpn-01'] as const;

export type ChallengeType = (typeof CHALLENGE_TYPES)[number];

/** A challenge that waits to be answered. */
export interface OpenChallenge {
  type: ChallengeType;
  host: string;
  token: string;
  url: string;
  /** RFC 8555 §8.1. */
  keyAuthorization: string;
}

/** How a challenge is answered; `close` takes everything back. */
export interface Responder {
  means: Means;
  close: () => Promise<void>;
}

/** `listener`: by doctor on a free port; `store`: by the running gateway. */
export type Means = 'listener' | 'store';

/** Why doctor cannot answer a challenge. */
export class CannotAnswer extends Error {
  readonly reason: 'held' | 'not permitted' | 'store not writable' | 'busy';

  constructor(reason: CannotAnswer['reason'], message: string, cause?: unknown) {
    super(message, { cause });
    this.reason = reason;
  }
}
