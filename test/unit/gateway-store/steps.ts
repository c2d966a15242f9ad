/** What is asked of a store as one unit. */
export type Step =
  | { kind: 'register'; client: string }
  | { kind: 'signIn'; session: string }
  | { kind: 'grant'; code: string }
  | { kind: 'redeem'; code: string; token: string }
  | { kind: 'rotate'; token: string; session: string; next: string }
  | { kind: 'renew'; user: string; before: string; sealed: string }
  | { kind: 'signOut'; session: string; token: string };

export interface Fact {
  of: 'client' | 'session' | 'code' | 'token' | 'upstream';
  id: string;
  /** Of an upstream's token. */
  sealed?: string;
  there: boolean;
}

/** What is so after a step; before it, the opposite of each. */
export function factsAfter(step: Step): Fact[] {
  switch (step.kind) {
    case 'register':
      return [{ of: 'client', id: step.client, there: true }];
    case 'signIn':
      return [{ of: 'session', id: step.session, there: true }];
    case 'grant':
      return [{ of: 'code', id: step.code, there: true }];
    case 'redeem':
      return [
        { of: 'code', id: step.code, there: false },
        { of: 'token', id: step.token, there: true },
      ];
    case 'rotate':
      return [
        { of: 'token', id: step.token, there: false },
        { of: 'session', id: step.session, there: true },
        { of: 'token', id: step.next, there: true },
      ];
    case 'renew':
      return [
        { of: 'upstream', id: step.user, sealed: step.sealed, there: true },
        ...(step.before === '' ? [] : [{ of: 'upstream' as const, id: step.user, sealed: step.before, there: false }]),
      ];
    default:
      return [
        { of: 'session', id: step.session, there: false },
        { of: 'token', id: step.token, there: false },
      ];
  }
}

export function tell(word: 'begin' | 'done', step: Step): string {
  return `${word} ${JSON.stringify(step)}\n`;
}
