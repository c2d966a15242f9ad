/** The token that the gateway put into Authorization; undefined when there is none. Nowhere else is looked for one (RFC 6750 §2.2, §2.3). */
export function bearerOf(headers: Headers): string | undefined {
  return /^bearer +([\w.~+/-]+=*) *$/i.exec(headers.get('authorization') ?? '')?.[1];
}
