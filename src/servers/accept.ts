/**
 * Whether an Accept header takes both kinds of answer. Wildcards and parameters count as RFC 9110 §12.5.1 has them; a client
 * that worked with the public servers by naming only a wildcard works here too.
 */
export function acceptsBoth(accept: string | undefined): boolean {
  const ranges = (accept ?? '').split(',').flatMap((part) => {
    const [range = '', ...parameters] = part.split(';').map((piece) => piece.trim().toLowerCase());
    const isRefused = parameters.some((parameter) => /^q=0(\.0*)?$/.test(parameter));
    return isRefused ? [] : [range];
  });
  const takes = (type: string, subtype: string): boolean =>
    ranges.some((range) => range === '*/*' || range === `${type}/*` || range === `${type}/${subtype}`);
  return takes('application', 'json') && takes('text', 'event-stream');
}
