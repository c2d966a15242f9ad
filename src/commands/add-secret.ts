import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';

/** One line of stdin, so that the secret stands in no command line that others can list. */
export async function readSecret(ctx: Ctx): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of ctx.stdin) chunks.push(Buffer.from(chunk as Uint8Array));
  const [line = ''] = Buffer.concat(chunks).toString('utf8').split(/\r?\n/);
  if (line.trim() === '')
    throw usage('--secret-stdin: nothing came on stdin', 'mcpgw add ... --secret-stdin < secret.txt');
  return line.trim();
}
