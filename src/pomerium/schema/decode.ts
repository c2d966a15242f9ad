import { isRecord } from '../../json.ts';
import { z } from 'zod';
import { goType } from './fields.ts';
import { formatPath, type Path } from '../path.ts';
import type { Report } from '../report.ts';
import { globalSchema, type GlobalKeys } from './global.ts';
import { explainUnknownKey } from './unknown-keys.ts';

const REMOVED_FAILURE = 'some configuration options are no longer supported, please check logs for details';

/** Keys that Pomerium keeps in a wrapper, whose member stands in its messages (pkg/nullable). */
const WRAPPED = new Set([
  'auth_style',
  'allow_upgrades',
  'bearer_token_format',
  'codec_type',
  'headers_with_underscores_action',
  'jwt_issuer_format',
  'load_balancing_policy',
  'merge_slashes',
  'normalize_path',
  'path_with_escaped_slashes_action',
]);

/**
 * Decodes the data by the schema. What does not fit is reported and left out, so that the rest can be checked all the same.
 * Undefined: what remains does not fit either.
 */
export function decode(data: Record<string, unknown>, report: Report): GlobalKeys | undefined {
  const first = globalSchema.safeParse(data);
  if (first.success) return first.data;
  const rest = structuredClone(data);
  for (const issue of first.error.issues) reportIssue(issue, rest, report);
  return globalSchema.safeParse(rest).data;
}

function reportIssue(issue: z.core.$ZodIssue, data: Record<string, unknown>, report: Report): void {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) {
      if (!report.isFull())
        report.add(explainUnknownKey([...path, key], keysAt(path), report.keyFailure(REMOVED_FAILURE)));
      remove(data, [...path, key]);
    }
    return;
  }
  const message =
    issue.code === 'invalid_type' ? `expected a map or struct, got "${goType(valueAt(data, path))}"` : issue.message;
  const entry = issue.code === 'custom' ? (issue.params?.['entry'] as string | undefined) : undefined;
  const last = entry ?? path.at(-1) ?? '';
  const key = typeof last === 'number' ? formatPath(path) : last;
  const goPath = formatPath(path) + (entry === undefined ? '' : `[${entry}]`) + (WRAPPED.has(key) ? '.Value' : '');
  report.add({
    code: 'BAD_VALUE',
    path: entry === undefined ? path : [...path, entry],
    message: `\`${key}\`: ${message}`,
    fix: `give \`${key}\` a value that Pomerium can read`,
    pomerium: report.decodeFailure(`'${goPath}' ${message}`),
  });
  remove(data, path);
}

/** The keys that the schema has in the mapping at a path. */
function keysAt(path: Path): string[] {
  let schema: unknown = globalSchema;
  for (const step of path) {
    const container = unwrap(schema);
    schema =
      container instanceof z.ZodArray
        ? container.element
        : container instanceof z.ZodObject
          ? container.shape[String(step)]
          : undefined;
  }
  const mapping = unwrap(schema);
  return mapping instanceof z.ZodObject ? Object.keys(mapping.shape) : [];
}

function unwrap(schema: unknown): unknown {
  let inner = schema;
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodPipe)
    inner = inner instanceof z.ZodOptional ? inner.unwrap() : inner.out;
  return inner;
}

function valueAt(data: unknown, path: Path): unknown {
  let value = data;
  for (const step of path) {
    // A single mapping stands for a list of one.
    const container: unknown = typeof step === 'number' && !Array.isArray(value) ? [value] : value;
    value = (container as Record<string | number, unknown> | undefined)?.[step];
  }
  return value;
}

/** Takes a value out without moving its neighbours. */
function remove(data: Record<string, unknown>, path: Path): void {
  const last = path.at(-1);
  const container = valueAt(data, path.slice(0, -1));
  if (Array.isArray(container) && typeof last === 'number') container[last] = null;
  else if (isRecord(container) && typeof last === 'string') delete container[last];
  // The single mapping that stood for a list.
  else if (path.length > 1 && typeof last === 'number') remove(data, path.slice(0, -1));
}
