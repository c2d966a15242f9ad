import { isRecord } from '../json.ts';
import type { Tool } from './types.ts';

/** Revisions with the initialize handshake, newest first. */
export const LEGACY_VERSIONS = ['2025-11-25', '2025-06-18', '2025-03-26', '2024-11-05'] as const;

const TOKEN = /^[!#$%&'*+.^_`|~\w-]+$/;

/** `Mcp-Name` names what is acted on (MCP 2026-07-28, Streamable HTTP, standard headers). */
export function nameHeader(params: Record<string, unknown>): Record<string, string> {
  const name = params['name'] ?? params['uri'];
  return typeof name === 'string' ? { 'mcp-name': headerValue(name) } : {};
}

/** Plain ASCII goes as it is; everything else, and what looks like an encoded value, as base64 of its UTF-8. */
export function headerValue(text: string): string {
  const isPlain =
    /^[\x20-\x7e]*$/.test(text) && text === text.trim() && !(text.startsWith('=?') && text.endsWith('?='));
  return isPlain && text !== '' ? text : `=?base64?${Buffer.from(text, 'utf8').toString('base64')}?=`;
}

/** The header that each annotated argument goes into as well; undefined when an annotation is not valid. */
export function parameterHeaders({ inputSchema }: Pick<Tool, 'inputSchema'>): Map<string[], string> | undefined {
  const found = new Map<string[], string>();
  const names = new Set<string>();
  const isValid = collect(inputSchema, [], (path, name, schema) => {
    const isPrimitive = ['string', 'integer', 'boolean'].includes(String(schema['type']));
    if (typeof name !== 'string' || !TOKEN.test(name) || !isPrimitive || names.has(name.toLowerCase())) return false;
    names.add(name.toLowerCase());
    found.set(path, `mcp-param-${name.toLowerCase()}`);
    return true;
  });
  return isValid ? found : undefined;
}

type Visit = (path: string[], name: unknown, schema: Record<string, unknown>) => boolean;

/** Only chains of `properties` may hold annotations; one anywhere else makes the tool unusable. */
function collect(schema: Record<string, unknown>, path: string[], visit: Visit): boolean {
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'properties' && isRecord(value)) {
      for (const [name, member] of Object.entries(value)) {
        if (!isRecord(member)) continue;
        const at = [...path, name];
        if ('x-mcp-header' in member && !visit(at, member['x-mcp-header'], member)) return false;
        const { 'x-mcp-header': _, ...rest } = member;
        if (!collect(rest, at, visit)) return false;
      }
    } else if (hidesAnnotation(value)) return false;
  }
  return true;
}

function hidesAnnotation(value: unknown): boolean {
  if (Array.isArray(value)) return value.some((one) => hidesAnnotation(one));
  if (!isRecord(value)) return false;
  return 'x-mcp-header' in value || Object.values(value).some((one) => hidesAnnotation(one));
}

/** `Mcp-Param-*` headers for one call; null and absent arguments have none. */
export function callHeaders(tool: Tool | undefined, args: Record<string, unknown>): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [path, header] of (tool && parameterHeaders(tool)) ?? []) {
    const value = path.reduce<unknown>((at, step) => (isRecord(at) ? at[step] : undefined), args);
    if (value !== undefined && value !== null) headers[header] = headerValue(textOf(value));
  }
  return headers;
}

/** Annotated parameters are primitives; what a caller passes may be something else, and then goes as JSON. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
