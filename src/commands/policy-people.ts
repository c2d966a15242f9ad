import { usage } from '../errors.ts';
import { providerSettings } from '../gateway/identity/provider-settings.ts';
import { claimsByScope, claimsOf, userOf } from '../idp/users.ts';
import { nearest } from '../nearest.ts';
import type { Options, Session } from '../pomerium/model.ts';
import type { PolicySource } from './policy-source.ts';

/** Somebody to try a policy as. */
export interface Person {
  label: string;
  /** Absent: nobody is signed in. */
  session?: Session;
}

export interface PersonOptions {
  as?: string;
  anonymous?: boolean;
  email?: string;
  user?: string;
  groups?: string[];
  /** `name=value`. */
  claim?: string[];
}

export const ANONYMOUS: Person = { label: 'anonymous' };

/** Who is meant on the command line. Throws a usage error when nobody is, or several are. */
export function choosePerson(options: PersonOptions, source: PolicySource): Person {
  const { as, anonymous, email } = options;
  const given = [
    as !== undefined && '--as',
    anonymous === true && '--anonymous',
    (email ?? options.user) !== undefined && '--email',
  ].filter((flag) => flag !== false);
  if (given.length > 1) throw usage(`${given.join(' and ')}: one of them, please`, 'mcpgw policy test --as member');
  if (as !== undefined) return withClaims(developmentUser(as, source), options);
  if (anonymous === true) return ANONYMOUS;
  if (given.length === 0) throw usage('who calls? --as, --email or --anonymous is missing', exampleOf(source));
  const userId = options.user ?? email ?? '';
  return withClaims(
    { label: email ?? userId, session: sessionOf(userId, email === undefined ? {} : { email }) },
    options,
  );
}

function exampleOf({ users }: PolicySource): string {
  const first = Object.keys(users ?? {})[0];
  return `mcpgw policy test ${first === undefined ? '--email you@example.com' : `--as ${first}`}`;
}

/** Every development user of the project. */
export function developmentPeople(source: PolicySource): Person[] {
  return Object.keys(source.users ?? {}).map((key) => developmentUser(key, source));
}

/** A development user with the claims that reach the gateway: those of the scopes it asks for. */
export function developmentUser(
  key: string,
  { users, options, file }: Pick<PolicySource, 'users' | 'options' | 'file'>,
): Person {
  const user = users && userOf(users, key);
  if (!user) {
    const names = Object.keys(users ?? {});
    const close = nearest(key, names);
    throw usage(
      users
        ? `no development user \`${key}\`; there are ${names.join(', ') || 'none'}`
        : `--as needs a project, and ${file} stands alone`,
      close ? `mcpgw policy test --as ${close}` : 'mcpgw policy test --email you@example.com',
    );
  }
  const byScope = claimsByScope(users);
  const open = new Set(['sub', ...scopesOf(options).flatMap((scope) => byScope[scope] ?? [])]);
  const claims = Object.fromEntries(Object.entries(claimsOf(key, user)).filter(([name]) => open.has(name)));
  return { label: key, session: sessionOf(key, claims) };
}

function scopesOf(options: Options): readonly string[] {
  const settings = providerSettings(options);
  return typeof settings === 'string' ? ['openid', 'profile', 'email', ...options.idp_scopes] : settings.scopes;
}

function withClaims(person: Person, { groups, claim = [] }: PersonOptions): Person {
  const { session } = person;
  if (!session) return person;
  const claims: Record<string, unknown> = { ...session.claims, ...(groups && { groups }) };
  for (const [name, values] of Object.entries(Object.groupBy(claim, nameOfClaim)))
    claims[name] = values?.map(valueOfClaim);
  return { ...person, session: { ...session, claims } };
}

function nameOfClaim(text: string): string {
  const at = text.indexOf('=');
  if (at < 1) throw usage(`--claim: \`${text}\` is not name=value`, '--claim department=it');
  return text.slice(0, at);
}

/** A number or a truth value counts as one, as in a token; everything else is text. */
function valueOfClaim(text: string): unknown {
  const value = text.slice(text.indexOf('=') + 1);
  return /^(?:-?\d+(?:\.\d+)?|true|false)$/.test(value) ? JSON.parse(value) : value;
}

/** What the gateway makes of a sign-in. */
export function sessionOf(userId: string, claims: Record<string, unknown>): Session {
  const text = (name: string): string => (typeof claims[name] === 'string' ? claims[name] : '');
  return { id: '', userId, email: text('email'), name: text('name'), claims, issuedAt: 0, expiresAt: 0 };
}
