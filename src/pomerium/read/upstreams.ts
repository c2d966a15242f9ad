import { isRecord } from '../../json.ts';
import { hostnameOf, isUnixScheme, parseUrl } from '../go/url.ts';
import type { Upstream } from '../model.ts';

/** All scalars below a value, in order: Pomerium takes the URLs of `to` from wherever they stand (config/custom.go, StringSlice). */
function scalarsOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(scalarsOf);
  if (isRecord(value)) return Object.values(value).flatMap(scalarsOf);
  return value === null || value === undefined ? [] : [typeof value === 'string' ? value : JSON.stringify(value)];
}

/** Reads `to`: `http://host`, `http://host,10` or a list. Throws an Error with Pomerium's message (config/custom.go, ParseWeightedUrls). */
export function parseUpstreams(value: unknown): Upstream[] {
  const upstreams = scalarsOf(value).map(parseUpstream);
  if (upstreams.length === 0) throw new Error('url list is empty');
  const weighted = upstreams.filter(({ weight }) => weight > 0).length;
  if (weighted > 0 && weighted < upstreams.length) {
    throw new Error('either no weights should be provided, or all endpoints must have non-zero weight specified');
  }
  return upstreams;
}

function parseUpstream(text: string): Upstream {
  const comma = text.indexOf(',');
  const address = comma < 0 ? text : text.slice(0, comma);
  const weight = comma < 0 ? 0 : parseWeight(text.slice(comma + 1));
  try {
    const url = parseUrl(address);
    if (hostnameOf(url) === '' && !isUnixScheme(url.scheme)) throw new Error('endpoint hostname must be specified');
  } catch (error) {
    throw new Error(`${address}: ${(error as Error).message}`, { cause: error });
  }
  return { url: address, weight };
}

function parseWeight(digits: string): number {
  const parsing = `strconv.ParseUint: parsing ${JSON.stringify(digits)}`;
  if (!/^\d+$/.test(digits)) throw new Error(`${parsing}: invalid syntax`);
  const weight = Number(digits);
  if (weight > 2 ** 32 - 1) throw new Error(`${parsing}: value out of range`);
  if (weight === 0) throw new Error('zero load balancing weight not permitted');
  return weight;
}
