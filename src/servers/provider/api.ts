import { recordOf } from '../../json.ts';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Caller } from '../tool.ts';
import { bearerOf } from './bearer.ts';
import { readAtMost, type Read } from './body.ts';
import { signInChallenge } from './challenge.ts';
import { guarded, send, type Reach } from './exchange.ts';
import { ProviderFailure } from './failure.ts';
import { PROVIDER_LIMITS, type ProviderLimits } from './limits.ts';
import { failureOf, rateLimitFailure, type Provider, type Refusal } from './refusal.ts';
import type { ProviderRequest } from './request.ts';
import { retryAfter } from './retry-after.ts';

export interface ProviderApiOptions extends Provider, Reach {
  limits?: Partial<ProviderLimits>;
}

export interface ProviderAnswer extends Read {
  headers: Headers;
}

/** A provider's API as one caller sees it, for one tool call. All methods throw ProviderFailure. */
export interface ProviderSession {
  /** A JSON answer; too long a one is a failure. */
  json(request: ProviderRequest): Promise<{ value: unknown; headers: Headers }>;
  /** The first `limit` bytes of an answer of any type. */
  bytes(request: ProviderRequest, limit: number): Promise<ProviderAnswer>;
}

/** Bytes of a refusal's body that are looked at for its message. */
const MOST_OF_A_REFUSAL = 64 * 1024;

export class ProviderApi {
  readonly #options: ProviderApiOptions;
  readonly #limits: ProviderLimits;

  constructor(options: ProviderApiOptions) {
    this.#options = options;
    this.#limits = { ...PROVIDER_LIMITS, ...options.limits };
  }

  /** Throws ProviderFailure with a challenge when no token came with the request. */
  session({ headers, signal }: Caller): ProviderSession {
    const { name, title } = this.#options;
    const token = bearerOf(headers);
    if (token === undefined) {
      throw new ProviderFailure(`no token for ${title} came with the request`, signInChallenge(name));
    }
    const whole = AbortSignal.any([signal, AbortSignal.timeout(this.#limits.call)]);
    return {
      json: async (request) => {
        const answer = await this.#ask(request, token, whole, this.#limits.bytes);
        if (answer.isCut) throw new ProviderFailure(`${title}'s answer is longer than ${this.#limits.bytes} bytes`);
        return { value: this.#parse(answer), headers: answer.headers };
      },
      bytes: async (request, limit) => this.#ask(request, token, whole, limit),
    };
  }

  /** One request, repeated once when the provider says how soon it may be. */
  async #ask(request: ProviderRequest, token: string, whole: AbortSignal, limit: number): Promise<ProviderAnswer> {
    const { title, meaningOf } = this.#options;
    for (let attempt = 1; ; attempt += 1) {
      const signal = AbortSignal.any([whole, AbortSignal.timeout(this.#limits.request)]);
      const response = await send(this.#options, request, token, signal);
      const { ok, headers } = response;
      const read = await guarded(title, signal, async () => readAtMost(response.body, ok ? limit : MOST_OF_A_REFUSAL));
      if (ok) return { headers, ...read };
      const refusal = refusalOf(response, read, token);
      const meaning = meaningOf?.(refusal, Date.now());
      if (refusal.status !== 429 && meaning?.kind !== 'rate-limit') throw failureOf(this.#options, refusal, meaning);
      const wait = retryAfter(headers, Date.now()) ?? (meaning?.kind === 'rate-limit' ? meaning.wait : undefined);
      if (attempt > 1 || wait === undefined || wait > this.#limits.wait) throw rateLimitFailure(title, wait);
      await guarded(title, whole, async () => sleep(wait, undefined, { signal: whole }));
    }
  }

  #parse({ bytes, headers }: ProviderAnswer): unknown {
    try {
      return JSON.parse(bytes.toString('utf8'));
    } catch {
      const type = /^[\w/+.-]+/.exec(headers.get('content-type') ?? '')?.[0] ?? 'no content type';
      throw new ProviderFailure(`${this.#options.title}'s answer is no JSON (${type})`);
    }
  }
}

/** A provider that repeats the token in its message does not get it into an answer. */
function refusalOf({ status, headers }: Response, { bytes }: Read, token: string): Refusal {
  try {
    return { status, headers, json: recordOf(JSON.parse(bytes.toString('utf8').replaceAll(token, '***'))) };
  } catch {
    return { status, headers, json: {} };
  }
}
