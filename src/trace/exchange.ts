/** One request and its answer, with everything secret taken out. */
export interface TracedExchange {
  method: string;
  /** Secrets in the query are masked. */
  url: string;
  requestHeaders: [name: string, value: string][];
  requestBody?: string;
  /** 0: there was no answer. */
  status: number;
  responseHeaders: [name: string, value: string][];
  responseBody?: string;
  /** Why there was no answer. */
  failure?: string;
  /** Milliseconds since 1970, and how long it took. */
  startedAt: number;
  took: number;
}

/** An exchange with what it is in the conversation and whether it went as its rule says. */
export interface TraceStep extends TracedExchange {
  /** `asks without a token`, `registers this client`. */
  title: string;
  /** What should have come. */
  expected: string;
  /** Where that stands: `RFC 9728 §5.1`. */
  rule: string;
  /** What came instead; absent when it is as expected. */
  wrong?: string;
}
