import { describe, expect, test } from 'vitest';
import { connectionFailure, queryFailure } from '../../../src/gateway/identity/postgres/failure.ts';
import { parseTarget } from '../../../src/gateway/identity/postgres/target.ts';
import { StoreUnavailable } from '../../../src/gateway/identity/state-store.ts';

const nowhere = (): undefined => undefined;

function refused(port: number): Error {
  return Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED', address: '10.0.0.2', port });
}

describe('a connection string', () => {
  test.each([
    ['postgresql://pomerium:pw@postgres:5432/pomerium?sslmode=disable', ['postgres', 5432, 'pomerium', 'pomerium']],
    ['postgres://u@db/d', ['db', 5432, 'u', 'd']],
    ['postgresql://us%40er:p%2Fw@[::1]:6000/da%20ta', ['::1', 6000, 'us@er', 'da ta']],
    ["host=db port=6543 user=u password='p w\\'s' dbname=d sslmode=disable", ['db', 6543, 'u', 'd']],
  ])('%s', (text, [host, port, user, database]) => {
    expect(parseTarget(text, nowhere)).toMatchObject({ host, port, user, database });
  });

  test('key=value pairs keep the password and the other settings', () => {
    const { url } = parseTarget("host=db user=u password='p w' dbname=d sslmode=disable", nowhere);
    expect(decodeURIComponent(new URL(url).password)).toBe('p w');
    expect(new URL(url).searchParams.get('sslmode')).toBe('disable');
  });

  test.each([
    ['disable', 'disable'],
    ['prefer', 'disable'],
    ['require', 'require'],
    ['verify-full', 'verify-full'],
  ])('sslmode=%s asks for what it does in libpq', (given, asked) => {
    const { searchParams } = new URL(parseTarget(`postgresql://u@db/d?sslmode=${given}`, nowhere).url);
    expect(searchParams.get('sslmode')).toBe(asked);
    if (asked !== 'disable') expect(searchParams.get('uselibpqcompat')).toBe('true');
  });

  test('a name that leads elsewhere on this machine is connected to there and told by its own name', () => {
    const target = parseTarget('postgresql://u:p@postgres:5432/d', (host, port) =>
      host === 'postgres' && port === 5432 ? { host: '127.0.0.1', port: 15432 } : undefined,
    );
    expect(target).toMatchObject({ host: 'postgres', port: 5432, url: 'postgresql://u:p@127.0.0.1:15432/d' });
  });

  test.each(['postgresql://u:p/w@db:5432/d', 'postgresql://u:p@x@db:99999/d', 'nonsense', ''])(
    '%s is refused without its password',
    (text) => {
      expect(() => parseTarget(text, nowhere)).toThrow(StoreUnavailable);
      expect(() => parseTarget(text, nowhere)).toThrow(/^cannot parse/);
      expect(() => parseTarget(text, nowhere)).not.toThrow(/p\/w|p@x/);
    },
  );
});

describe('a failure', () => {
  const target = parseTarget('postgresql://u:p@db:5432/d', nowhere);

  test('to connect is told in the words of pgx', () => {
    expect(connectionFailure(refused(5432), target).message).toBe(
      'failed to connect to `user=u database=d`: 10.0.0.2:5432 (db): dial error: dial tcp 10.0.0.2:5432: connect: connection refused',
    );
    expect(connectionFailure(new AggregateError([refused(1), refused(5432)]), target).message).toContain(
      '10.0.0.2:5432',
    );
    expect(connectionFailure(new Error('timeout expired'), target).message).toContain('db:5432 (db): timeout expired');
  });

  test.each([
    ['57P01', true],
    ['53300', true],
    ['23505', false],
    ['42P01', false],
    ['22021', false],
    ['54000', false],
  ])('with SQLSTATE %s may pass: %s', (code, passes) => {
    const failure = queryFailure(Object.assign(new Error('why'), { code, severity: 'ERROR' }));
    expect(failure.message).toBe(`ERROR: why (SQLSTATE ${code})`);
    expect(failure instanceof StoreUnavailable).toBe(passes);
  });

  test('of the connection itself may pass', () => {
    expect(queryFailure(Object.assign(new Error('read ECONNRESET'), { code: 'ECONNRESET' }))).toBeInstanceOf(
      StoreUnavailable,
    );
  });
});
