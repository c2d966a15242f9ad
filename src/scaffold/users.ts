import { yamlScalar, type Allow } from './allow.ts';

/** A user of the development identity provider. */
export interface DevelopmentUser {
  email: string;
  name: string;
  groups: string[];
}

/** An administrator and a member whom the policy lets in, and a guest whom it does not (unless it lets everybody in). */
export function developmentUsers(allow: Allow): Record<'admin' | 'member' | 'guest', DevelopmentUser> {
  const domain = allow.kind === 'domain' ? allow.domain : 'example.com';
  const [first = `member@${domain}`, second = `admin@${first.split('@')[1] ?? domain}`] =
    allow.kind === 'emails' ? allow.emails : [];
  const group = allow.kind === 'group' ? allow.group : 'staff';
  const isListed = allow.kind === 'emails';
  return {
    admin: { email: isListed ? second : `admin@${domain}`, name: 'Ada Admin', groups: [...new Set(['admins', group])] },
    member: { email: isListed ? first : `member@${domain}`, name: 'Max Member', groups: [group] },
    guest: {
      email: allow.kind === 'domain' ? 'guest@elsewhere.example' : `guest@${domain}`,
      name: 'Gil Guest',
      groups: [],
    },
  };
}

/** Users as the YAML of `x-mcpgw.users`. */
export function usersYaml(users: Readonly<Record<string, DevelopmentUser>>): string {
  return Object.entries(users)
    .map(([key, { email, name, groups }]) =>
      [
        `${key}:`,
        `  email: ${yamlScalar(email)}`,
        `  name: ${name}`,
        `  groups: [${groups.map((group) => yamlScalar(group)).join(', ')}]`,
      ].join('\n'),
    )
    .join('\n');
}

/** One user a line, short enough to read in the compose file. `$` is doubled: Compose would read a variable. */
export function usersJson(users: Readonly<Record<string, DevelopmentUser>>): string {
  const entries = Object.entries(users).map(([key, user]) => `${JSON.stringify(key)}: ${JSON.stringify(user)}`);
  return `{${entries.join(',\n')}}`.replaceAll('$', '$$$$');
}
