import type { CurlResult } from '../../commands/curl.ts';

export function curlScreen({ line }: CurlResult): string {
  return `${line}\n`;
}
