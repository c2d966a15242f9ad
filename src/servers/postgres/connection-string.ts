/** Why a text is no connection string; undefined when it is one. The text itself may hold a password and is not repeated. */
export function connectionStringFault(text: string): string | undefined {
  if (!/^postgres(ql)?:\/\//.test(text)) return 'it does not begin with postgresql://';
  return URL.canParse(text)
    ? undefined
    : 'it is no URL; special characters of a password are written as %40 and the like';
}

/**
 * The connection string with libpq's meaning of `sslmode`: the library verifies certificates in every mode but `disable`, where libpq
 * does so for `verify-ca` and `verify-full` only, and is content without TLS for `allow` and `prefer`.
 */
export function withLibpqTls(text: string): string {
  const url = new URL(text);
  const mode = url.searchParams.get('sslmode');
  if (mode === 'allow' || mode === 'prefer') url.searchParams.set('sslmode', 'disable');
  else if (mode !== null) url.searchParams.set('uselibpqcompat', 'true');
  return url.href;
}
