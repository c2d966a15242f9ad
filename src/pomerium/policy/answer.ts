import type { Decision } from '../model.ts';

/**
 * What a client gets by a decision. `challenge`: 401 that leads to the metadata. `json-rpc`: 200 with a JSON-RPC error. `sign-in`: a
 * redirect for browsers, 401 for those that prefer JSON. `device`: 401 without a challenge. `forbidden`: 403.
 */
export type Answer = 'passes' | 'challenge' | 'json-rpc' | 'sign-in' | 'device' | 'forbidden';

export interface AnswerContext {
  /** A route to an MCP server. */
  isServer: boolean;
  /** The runtime flag `mcp`. */
  mcp: boolean;
  /** The request was read as a JSON-RPC request. */
  parsed: boolean;
  /** It prefers JSON to HTML. */
  prefersJson: boolean;
}

/** Pomerium v0.33.1 authorize/check_response.go. The flag takes the metadata away, but neither the challenge nor its CORS headers. */
export function answerTo(decision: Decision, { isServer, mcp, parsed, prefersJson }: AnswerContext): Answer {
  switch (decision.kind) {
    case 'allow':
      return 'passes';
    case 'unauthenticated':
      return isServer && (mcp || prefersJson) ? 'challenge' : 'sign-in';
    case 'device':
      return 'device';
    default:
      if (isServer && mcp && parsed) return 'json-rpc';
      return isServer ? 'challenge' : 'forbidden';
  }
}
