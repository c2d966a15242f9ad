const PASSWORD = 'POSTGRES_PASSWORD';

/** A connection string that names the database's password in place of holding it, where .env has that same one: it is to be changed in one place. */
export function withPassword(connection: string, env: Readonly<Record<string, string>>): string | undefined {
  const password = env[PASSWORD];
  const [, before, held, after] = /^(\w+:\/\/[^/\s:@]*:)([^/\s@]+)(@.*)$/.exec(connection) ?? [];
  // What a URL has to encode is not the same text in both places.
  if (password === undefined || held !== password || !/^[\w.~-]+$/.test(password)) return undefined;
  return `${before?.replaceAll('$', '$$$$')}\${${PASSWORD}}${after?.replaceAll('$', '$$$$')}`;
}
