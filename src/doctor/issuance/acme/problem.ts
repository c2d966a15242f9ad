/** What an ACME server says went wrong (RFC 8555 §6.7, RFC 9457). Types decide; `detail` is for people. */
export interface AcmeProblem {
  /** Without `urn:ietf:params:acme:error:`; a type of another kind whole. */
  type: string;
  detail: string;
  status?: number;
}

const PREFIX = 'urn:ietf:params:acme:error:';

/** A problem document; undefined when the value is none. Of a compound problem the first part (RFC 8555 §6.7.1). */
export function readProblem(value: unknown): AcmeProblem | undefined {
  if (typeof value !== 'object' || value === null || !('type' in value) || typeof value.type !== 'string') {
    return undefined;
  }
  if (value.type.endsWith(':compound') && 'subproblems' in value && Array.isArray(value.subproblems)) {
    const first = readProblem(value.subproblems[0]);
    if (first) return first;
  }
  const detail = 'detail' in value && typeof value.detail === 'string' ? value.detail : '';
  const status = 'status' in value && typeof value.status === 'number' ? { status: value.status } : {};
  return { type: value.type.startsWith(PREFIX) ? value.type.slice(PREFIX.length) : value.type, detail, ...status };
}

/** A request that the server refused. */
export class AcmeRefusal extends Error {
  readonly problem: AcmeProblem;
  /** Milliseconds since 1970 before which the server wants no further request. */
  readonly retryAt: number | undefined;

  constructor(problem: AcmeProblem, retryAt?: number) {
    super(`${problem.type}: ${problem.detail}`);
    this.problem = problem;
    this.retryAt = retryAt;
  }
}

/** The server could not be talked to: no connection, no trust, no ACME. */
export class AcmeUnreachable extends Error {
  /** The system's or TLS's code, `HTTP 503`, `NO_ACME` or `TIMEOUT`. */
  readonly code: string;

  constructor(url: string, code: string, message: string, cause?: unknown) {
    super(`${url}: ${message}`, { cause });
    this.code = code;
  }
}
