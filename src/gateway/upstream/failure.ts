import { ResponseError } from './response-framing.ts';

/**
 * What Envoy says about an upstream that did not answer: the statusText of its page and its response flag. The texts are the
 * constants of Envoy's envoy/stream_info/stream_info.h, ResponseCodeDetails.
 */
export interface LocalFailure {
  status: number;
  text: string;
  flags: string;
}

export const NO_UPSTREAM: LocalFailure = { status: 503, text: 'no_healthy_upstream', flags: 'UH' };
export const TIMED_OUT: LocalFailure = { status: 504, text: 'response_timeout', flags: 'UT' };
export const IDLE: LocalFailure = { status: 504, text: 'stream_idle_timeout', flags: 'SI' };

const TLS_CODES = /^(?:CERT_|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERR_TLS|ERR_SSL|EPROTO)/;

/**
 * Seen on Pomerium v0.33.1: refused port and unknown certificate authority. What else stands in braces is written after these and may
 * differ from Envoy's in detail.
 */
export function describeFailure(error: Error & { code?: string }): LocalFailure {
  const code = error.code ?? '';
  const reset = 'upstream_reset_before_response_started';
  if (error instanceof ResponseError) return { status: 502, text: `${reset}{protocol_error}`, flags: 'UPE' };
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return NO_UPSTREAM;
  if (code === 'ECONNREFUSED' || code === 'EHOSTUNREACH' || code === 'ENETUNREACH') {
    const why = code === 'ECONNREFUSED' ? 'Connection_refused' : 'No_route_to_host';
    return { status: 503, text: `${reset}{remote_connection_failure|delayed_connect_error:_${why}}`, flags: 'UF' };
  }
  if (TLS_CODES.test(code)) {
    const why =
      code.startsWith('ERR_TLS') || code.startsWith('ERR_SSL') || code === 'EPROTO'
        ? code
        : 'CERTIFICATE_VERIFY_FAILED';
    return { status: 503, text: `${reset}{remote_connection_failure|TLS_error:${why}:TLS_error_end}`, flags: 'UF' };
  }
  if (error.message === 'connection timeout') return { status: 503, text: `${reset}{connection_timeout}`, flags: 'UF' };
  return { status: 503, text: `${reset}{connection_termination}`, flags: 'UC' };
}
