/** The Bearer challenge of a `WWW-Authenticate` header (RFC 6750 §3, RFC 9728 §5.1). */
export interface Challenge {
  resourceMetadata?: string;
  scope?: string;
  error?: string;
  errorDescription?: string;
}

/** Reads the first Bearer challenge; undefined when the header holds none. */
export function parseChallenge(header: string | null | undefined): Challenge | undefined {
  const start = /(?:^|[\s,])bearer(?=\s|,|$)/i.exec(header ?? '');
  if (!header || !start) return undefined;
  const parameters = parametersOf(header.slice(start.index + start[0].length));
  const challenge: Challenge = {};
  const take = (name: string): string | undefined => parameters.get(name) || undefined;
  const [resourceMetadata, scope, error, errorDescription] = [
    'resource_metadata',
    'scope',
    'error',
    'error_description',
  ].map(take);
  if (resourceMetadata) challenge.resourceMetadata = resourceMetadata;
  if (scope) challenge.scope = scope;
  if (error) challenge.error = error;
  if (errorDescription) challenge.errorDescription = errorDescription;
  return challenge;
}

/** auth-params up to the next scheme: `name=token` or `name="quoted \" string"`, separated by commas (RFC 9110 §11.2). */
function parametersOf(text: string): Map<string, string> {
  const found = new Map<string, string>();
  const pattern = /[\s,]*([!#$%&'*+.^_`|~\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]*))/y;
  for (;;) {
    const match = pattern.exec(text);
    if (!match) return found;
    const [, name = '', quoted, token = ''] = match;
    const key = name.toLowerCase();
    if (!found.has(key)) found.set(key, quoted === undefined ? token : quoted.replace(/\\(.)/g, '$1'));
  }
}
