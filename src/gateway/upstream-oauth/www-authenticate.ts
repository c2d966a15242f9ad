/** The parameters of a Bearer challenge (RFC 6750 §3, RFC 9728 §5.1) that matter here. */
export interface BearerChallenge {
  error?: string;
  scope?: string[];
  resourceMetadata?: string;
}

/** A dictionary member of RFC 8941 §3.2 whose value is a string, a token, a number or absent, perhaps with parameters. */
const KEY = /[a-z*][a-z0-9_\-.*]*/y;
const STRING = /"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y;
const OTHER = /\?[01]|-?\d{1,15}(?:\.\d{1,3})?|:[A-Za-z0-9+/=]*:|[A-Za-z*][\w!#$%&'*+\-.^`|~:/]*/y;
const PARAMETER = /; *[a-z*][a-z0-9_\-.*]*(?:=(?:"(?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\])*"|[^\s",;=()]+))?/y;
const SEPARATOR = /[ \t]*,[ \t]*(?!$)/y;

/**
 * Pomerium v0.33.1 internal/mcp/www_authenticate.go: the header is read as a dictionary of RFC 8941, and one that is none says nothing. So
 * a value without quotes does not count, and a missing comma loses everything.
 */
export function parseBearerChallenge(header: string | undefined): BearerChallenge | undefined {
  if (!header?.startsWith('Bearer ')) return undefined;
  const members = parseDictionary(header.slice('Bearer '.length).replace(/^ +| +$/g, ''));
  if (!members) return undefined;
  const challenge: BearerChallenge = {};
  const error = members.get('error');
  const scope = members.get('scope')?.split(/\s+/).filter(Boolean);
  const resourceMetadata = members.get('resource_metadata');
  if (error !== undefined) challenge.error = error;
  if (scope?.length) challenge.scope = scope;
  if (resourceMetadata) challenge.resourceMetadata = resourceMetadata;
  return challenge;
}

/** The members whose values are strings; undefined: not a dictionary. */
function parseDictionary(text: string): Map<string, string> | undefined {
  const members = new Map<string, string>();
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(text);
    if (match) at = pattern.lastIndex;
    return match;
  };
  while (at < text.length) {
    const key = take(KEY)?.[0];
    if (key === undefined) return undefined;
    members.delete(key);
    if (text[at] === '=') {
      at += 1;
      const string = take(STRING);
      if (string) members.set(key, (string[1] ?? '').replace(/\\(.)/g, '$1'));
      else if (!take(OTHER)) return undefined;
    }
    while (take(PARAMETER));
    if (at < text.length && !take(SEPARATOR)) return undefined;
  }
  return members;
}
