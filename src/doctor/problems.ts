import type { Problem } from '../pomerium/model.ts';

/** Keys whose values come from .env. */
const SECRETS = ['shared_secret', 'cookie_secret', 'signing_key', 'idp_client_secret'];

/** Whether a problem is about a secret in .env, and not about something written in pomerium-config.yaml. */
export function isOfSecret({ path, position }: Problem): boolean {
  return position === undefined && SECRETS.includes(path);
}

/** `file:12:5 what is wrong`. */
export function describeProblem({ position, message }: Problem, file: string): string {
  return position ? `${file}:${position.line}:${position.column} ${message}` : message;
}
