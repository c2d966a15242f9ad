import type { PolicyRule } from '../pomerium/model.ts';

/** Who may use the servers of a new project. */
export type Allow =
  | { kind: 'anyone' }
  | { kind: 'domain'; domain: string }
  | { kind: 'emails'; emails: string[] }
  | { kind: 'group'; group: string };

const EMAIL = /^[^\s@,:]+@[^\s@,:]+\.[^\s@,:]+$/;
const DOMAIN = /^@?[a-z0-9-]+(\.[a-z0-9-]+)+$/i;

/** Reads `anyone`, `@example.com`, `ann@example.com,bob@example.com` or `group:staff`; a sentence when it is none of them. */
export function parseAllow(text: string): Allow | string {
  const value = text.trim();
  if (value === 'anyone') return { kind: 'anyone' };
  const group = /^group:\s*(\S.*)$/.exec(value)?.[1];
  if (group !== undefined) return { kind: 'group', group };
  if (DOMAIN.test(value)) return { kind: 'domain', domain: value.replace(/^@/, '').toLowerCase() };
  const emails = value
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
  const wrong = emails.find((email) => !EMAIL.test(email));
  if (emails.length > 0 && wrong === undefined) return { kind: 'emails', emails };
  return `\`${wrong ?? value}\` is not anyone, a domain (@example.com), an e-mail address or a group (group:staff)`;
}

/** The text that `parseAllow` reads. */
export function formatAllow(allow: Allow): string {
  if (allow.kind === 'domain') return `@${allow.domain}`;
  if (allow.kind === 'emails') return allow.emails.join(',');
  return allow.kind === 'group' ? `group:${allow.group}` : 'anyone';
}

/** For people. */
export function describeAllow(allow: Allow): string {
  if (allow.kind === 'domain') return `everybody at ${allow.domain}`;
  if (allow.kind === 'emails') return allow.emails.join(', ');
  return allow.kind === 'group' ? `group ${allow.group}` : 'anyone signed in';
}

/** The criteria of a policy, one a line. */
export function allowCriteria(allow: Allow): string {
  if (allow.kind === 'anyone') return '# Anybody who can sign in at the identity provider.\n- authenticated_user: true';
  if (allow.kind === 'domain') return `- domain:\n    is: ${yamlScalar(allow.domain)}`;
  if (allow.kind === 'emails') return allow.emails.map((email) => `- email:\n    is: ${yamlScalar(email)}`).join('\n');
  // `groups` would need Pomerium's directory sync (Zero, Enterprise); the claim is what the identity provider sends.
  return (
    '# The claim `groups` of the identity provider. The criterion `groups` is another thing:\n' +
    `# it needs directory sync, which Pomerium Core does not have.\n- claim/groups:\n    has: ${yamlScalar(allow.group)}`
  );
}

/** What a policy's allow rule says, where it is one that `allowCriteria` could have written; deny rules are another matter. */
export function readAllow(rules: readonly PolicyRule[]): Allow | undefined {
  const allowing = rules.filter(({ action }) => action === 'allow');
  const [condition, ...others] = allowing.flatMap(({ conditions }) => conditions);
  if (!condition || others.length > 0 || condition.conditional !== 'or') return undefined;
  const found = condition.criteria.map(({ name, subPath, data }): Allow | undefined => {
    if (name === 'authenticated_user') return data === true || data === 1 ? { kind: 'anyone' } : undefined;
    if (name === 'domain') return fromText(data, 'is', (domain) => ({ kind: 'domain', domain }));
    if (name === 'email') return fromText(data, 'is', (email) => ({ kind: 'emails', emails: [email] }));
    if (name !== 'claim' || subPath !== 'groups') return undefined;
    return fromText(data, 'has', (group) => ({ kind: 'group', group }));
  });
  const [first] = found;
  if (found.length === 1) return first;
  const emails = found.map((one) => (one?.kind === 'emails' ? one.emails[0] : undefined));
  return emails.every((email) => email !== undefined) && emails.length > 0 ? { kind: 'emails', emails } : undefined;
}

function fromText(data: unknown, operator: string, make: (value: string) => Allow): Allow | undefined {
  if (typeof data !== 'object' || data === null || Object.keys(data).join() !== operator) return undefined;
  const value: unknown = Object.values(data)[0];
  return typeof value === 'string' ? make(value) : undefined;
}

/** A string as a YAML value: bare when nothing in it can be misread, else double-quoted. */
export function yamlScalar(text: string): string {
  const isPlain =
    /^[a-z][\w.@+/-]*( [\w.@+/(-][\w.@+/()-]*)*$/i.test(text) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(text);
  return isPlain ? text : JSON.stringify(text);
}
