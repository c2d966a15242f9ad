import { decodeBase64 } from '../go/base64.ts';
import type { Report } from '../report.ts';
import { readYaml } from './yaml-source.ts';

/** POLICY and ROUTES hold base64 of a YAML list of routes (Pomerium v0.33.1 config/custom.go, DecodePolicyBase64Hook). */
export function readEncodedRoutes(data: Record<string, unknown>, report: Report): Record<string, unknown> {
  const result = { ...data };
  for (const key of ['policy', 'routes'] as const) {
    const value = data[key];
    if (typeof value !== 'string') continue;
    delete result[key];
    try {
      result[key] = decodeRoutes(value);
    } catch (error) {
      const { message } = error as Error;
      const fix = 'encode a YAML list of routes: `base64 -w0 routes.yaml`';
      report.add({
        code: 'BAD_VALUE',
        path: [key],
        message: `\`${key}\`: ${message}`,
        fix,
        pomerium: report.decodeFailure(`'${key}' ${message}`),
      });
    }
  }
  return result;
}

function decodeRoutes(value: string): unknown {
  let text: string;
  try {
    text = decodeBase64(value).toString();
  } catch (error) {
    throw new Error(`base64 decoding policy data: ${(error as Error).message}`, { cause: error });
  }
  const { data, errors } = readYaml(text);
  const wrong = errors[0]?.message ?? (Array.isArray(data) ? undefined : 'no list of routes');
  if (wrong !== undefined) throw new Error(`parsing base64-encoded policy data as yaml: ${wrong}`);
  return data;
}
