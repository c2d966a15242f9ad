import { recordingNames } from './recordings.ts';

/** Recordings that are not replayed as a request of its own: by their names, and why. */
export interface Listed {
  of: RegExp;
  why: string;
}

/** Recordings that a named test file reads. */
export interface Elsewhere extends Listed {
  /** From the folder of the replay. */
  test: string;
  /** What of that file tells that a recording is read; its name otherwise. */
  by?: (name: string) => string;
}

/** Recordings that no test compares. */
export const SKIPPED: readonly Listed[] = [
  {
    of: /^(?:flow-authorize|clientroute-login)-0[3-6]$|^signout-hop-02$/,
    why: 'what the recorded identity provider answered; the scenes look at what it was asked',
  },
  {
    of: /^(?:up-flow-05|up2-flow-extraparams-05|disc-flow-05|connect-up-02|disc-flow-dcr-02|up-flow-[a-z-]+-02)$/,
    why: "what the upstream's authorization server answered; the scenes look at what it was asked",
  },
];

/** Recordings that other tests compare, which have what these need. */
export const COMPARED_ELSEWHERE: readonly Elsewhere[] = [
  {
    of: /^cimd-(?:anyport|badredirect|good|good-port443|noauthmethod|pattern-\w+|pkjwt|query|textplain)$/,
    why: 'a client metadata document has to be served',
    test: '../gateway-identity/metadata-document.test.ts',
    by: () => '/^cimd-.*',
  },
  {
    of: /^cimd-(?:token|refresh|token-notallowed)$/,
    why: 'a client metadata document has to be served',
    test: '../gateway-identity/metadata-document.test.ts',
  },
];

/** Recordings that are parts of a story; the named test sees to it that none is left out. */
export const IN_SCENES: readonly Omit<Elsewhere, 'by'>[] = [
  {
    of: /^(?:token-(?!get$)|use-(?:new|old|refreshtoken)|expired-|idpnorefresh-|afterrestart-(?!authorize)|dcroff-old)/,
    why: 'codes and tokens from before',
    test: 'replay-tokens.test.ts',
  },
  { of: /^afterrestart-authorize-oldclient$/, why: 'a restart', test: 'replay-tokens.test.ts' },
  {
    of: /^(?:flow-authorize|clientroute-login)-(?!0[3-6])|^signout-(?!hop-02)/,
    why: 'redirects, each to the next',
    test: 'replay-sign-in.test.ts',
  },
  {
    of: /^clientte-/,
    why: 'a token that an application was given',
    test: 'replay-sign-in.test.ts',
  },
  {
    of: /^(?:up|up2|up401|disc)-flow-(?:extraparams-)?0[12346]$|^(?:up|disc)-flow-[a-z-]+-0[13]$|^connect-up-0[13]$/,
    why: 'redirects, each to the next',
    test: 'replay-upstream-oauth.test.ts',
  },
  {
    of: /^(?:up|up401|disc|dcroff-disc)-call|^connect-(?:already|up401)$|^routes-after-connect$|^disconnect-(?:real|disc)$/,
    why: 'a user who is connected to an upstream, or was',
    test: 'replay-upstream-oauth.test.ts',
  },
  {
    of: /^up-authorize-refresh-500$|^dcroff-disc-flow-01$/,
    why: 'a user who is connected to an upstream, or was',
    test: 'replay-upstream-oauth.test.ts',
  },
];

/** The recordings of a scene test that it did not play. */
export function unplayed(file: string, played: ReadonlySet<string>): string[] {
  const own = IN_SCENES.filter(({ test }) => test === file);
  return recordingNames().filter((name) => own.some(({ of }) => of.test(name)) && !played.has(name));
}
