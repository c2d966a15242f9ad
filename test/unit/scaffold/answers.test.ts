import { createPrivateKey } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { allowCriteria, yamlScalar } from '../../../src/scaffold/allow.ts';
import {
  describeAllow,
  formatAllow,
  generateSecrets,
  isLocalDomain,
  normaliseDomain,
  parseAllow,
  validateDomain,
  validateFolder,
  validatePublicDomain,
} from '../../../src/scaffold/index.ts';
import { developmentUsers } from '../../../src/scaffold/users.ts';

describe('who may use the servers', () => {
  test.each([
    ['anyone', { kind: 'anyone' }],
    ['@Example.com', { kind: 'domain', domain: 'example.com' }],
    ['example.com', { kind: 'domain', domain: 'example.com' }],
    ['ann@example.com', { kind: 'emails', emails: ['ann@example.com'] }],
    ['ann@example.com, bob@example.org', { kind: 'emails', emails: ['ann@example.com', 'bob@example.org'] }],
    ['group:staff', { kind: 'group', group: 'staff' }],
    ['group: on call', { kind: 'group', group: 'on call' }],
  ])('reads %s', (text, allow) => {
    expect(parseAllow(text)).toEqual(allow);
  });

  test.each([
    '',
    'everybody',
    '@',
    '@nodot',
    'group:',
    'ann@',
    'ann@example.com,bob',
    'a b@example.com',
    'ann@example.com:8443',
  ])('refuses `%s` and names what it takes', (text) => {
    expect(parseAllow(text)).toMatch(/is not anyone, a domain/);
  });

  test.each(['anyone', '@example.com', 'ann@example.com,bob@example.org', 'group:staff'])(
    '%s survives a round trip',
    (text) => {
      const allow = parseAllow(text);
      if (typeof allow === 'string') throw new Error(allow);
      expect(formatAllow(allow)).toBe(text);
      expect(describeAllow(allow)).not.toBe('');
    },
  );

  test('a group is asked for as a claim: Pomerium Core has no directory sync', () => {
    expect(allowCriteria({ kind: 'group', group: 'staff' })).toContain('- claim/groups:\n    has: staff');
  });

  test.each(['true', 'No', '1.5', 'a: b', 'x #y', '"', '@example.com', ''])('quotes %j in YAML', (text) => {
    expect(yamlScalar(text)).toBe(JSON.stringify(text));
  });
});

describe('development users', () => {
  test.each([{ kind: 'domain', domain: 'acme.com' } as const, { kind: 'group', group: 'ops' } as const])(
    'member passes and guest fails a policy by $kind',
    (allow) => {
      const { member, guest } = developmentUsers(allow);
      const passes = (user: typeof member): boolean =>
        allow.kind === 'domain' ? user.email.endsWith(`@${allow.domain}`) : user.groups.includes(allow.group);
      expect([passes(member), passes(guest)]).toEqual([true, false]);
    },
  );

  test('listed addresses belong to member and admin', () => {
    const { admin, member, guest } = developmentUsers({ kind: 'emails', emails: ['a@acme.com', 'b@acme.com'] });
    expect([member.email, admin.email]).toEqual(['a@acme.com', 'b@acme.com']);
    expect(guest.email).toBe('guest@example.com');
  });
});

describe('folder names', () => {
  test.each(['my-gateway', '.', '../x', 'Ümlaut und 網關', "it's"])('takes %s', (name) => {
    expect(validateFolder(name)).toBe(true);
  });
  test.each(['', '  ', 'a\nb', 'a\0b', '-rf', 'x'.repeat(201)])('refuses %j', (name) => {
    expect(validateFolder(name)).not.toBe(true);
  });
});

describe('domains', () => {
  test.each(['localhost', 'mcp.example.com', 'bücher.example.com', 'a-b.c'])('takes %s', (name) => {
    expect(validateDomain(name)).toBe(true);
  });
  test.each([
    '',
    'https://x.com',
    'x.com/y',
    'x.com:8443',
    '*.x.com',
    '10.0.0.1',
    'a..b',
    '-a.com',
    'a_b.com',
    'a b.com',
    'user@x.com',
    'a#b.com',
  ])('refuses `%s`', (name) => {
    expect(validateDomain(name)).not.toBe(true);
  });
  test.each(['localhost', 'gw.test', 'box.local', 'intranet'])('%s is no public domain', (name) => {
    expect(validatePublicDomain(name)).not.toBe(true);
  });
  test('writes international names as certificates have them', () => {
    expect(normaliseDomain('Bücher.Example.com')).toBe('xn--bcher-kva.example.com');
  });
  test('knows names that lead to this machine', () => {
    expect(['localhost', 'a.localhost', 'localhost.pomerium.io', 'x.com'].map(isLocalDomain)).toEqual([
      true,
      true,
      true,
      false,
    ]);
  });
});

test('secrets have the form that Pomerium takes, and differ each time', () => {
  const [one, two] = [generateSecrets(), generateSecrets()];
  for (const name of ['SHARED_SECRET', 'COOKIE_SECRET'] as const) {
    expect(Buffer.from(one[name], 'base64')).toHaveLength(32);
    expect(one[name]).not.toBe(two[name]);
  }
  const key = createPrivateKey(Buffer.from(one.SIGNING_KEY, 'base64').toString('utf8'));
  expect(key.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
  expect(one.SIGNING_KEY).not.toMatch(/\s/);
  expect(one.POSTGRES_PASSWORD).toMatch(/^[0-9a-f]{32}$/);
});
