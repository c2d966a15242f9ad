import { isRecord } from '../json.ts';

/** All keys in lower case, at any depth, as viper hands them to Pomerium (viper util.go, insensitiviseMap). */
export function lowerKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerKeys);
  if (!isRecord(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key.toLowerCase(), lowerKeys(item)]));
}
