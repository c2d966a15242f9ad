const UNITS: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};
const PART = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/** Milliseconds of a duration in Go's notation (time.ParseDuration): `14h`, `1m30s`, `-1.5s`, `0`. Undefined: not one. */
export function parseDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const digits = text.replace(/^[+-]/, '');
  if (digits === '0') return 0;
  let total = 0;
  PART.lastIndex = 0;
  while (PART.lastIndex < digits.length) {
    const part = PART.exec(digits);
    if (!part) return undefined;
    total += Number(part[1]) * (UNITS[part[2] ?? ''] ?? 0);
  }
  return digits === '' ? undefined : sign * total;
}
