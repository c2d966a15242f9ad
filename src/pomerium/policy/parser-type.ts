import { isRecord } from '../../json.ts';

/** The name of a value's Go type, which stands in Pomerium's messages (pkg/policy/parser/json.go). */
export function parserType(value: unknown): string {
  if (Array.isArray(value)) return 'parser.Array';
  if (isRecord(value)) return 'parser.Object';
  if (value === null || value === undefined) return 'parser.Null';
  return (
    { string: 'parser.String', boolean: 'parser.Boolean' }[typeof value as 'string' | 'boolean'] ?? 'parser.Number'
  );
}
