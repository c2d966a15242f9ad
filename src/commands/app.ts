import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { appSettings, startApp, type AppFlags, type AppOptions } from '../app/index.ts';
import type { Ctx } from '../context.ts';
import { CliError } from '../errors.ts';
import { systemFirst } from '../net/system-first.ts';
import { untilAborted } from '../until-aborted.ts';
import { jsonLog, startListening } from './foreground.ts';

/** Milliseconds until an LLM begins to answer, or a tool does. */
const SLOW = 120_000;

/** Runs the demo application in the foreground until the context's signal. */
export async function run(ctx: Ctx, options: AppFlags): Promise<void> {
  const settings = appSettings(options, ctx.env);
  const ca = await readAuthority(ctx, settings.gatewayCa);
  const fetch = systemFirst({ ca, timeout: SLOW });
  const parts: AppOptions = { ...settings, fetch, llmFetch: systemFirst({ timeout: SLOW }), log: jsonLog(ctx) };
  const running = await startListening('mcpgw app', parts.listen, async () => startApp(parts));
  const { host, port } = running.address;
  ctx.note(`listening on ${host.includes(':') ? `[${host}]` : host}:${port}; open ${settings.url.href}`);
  if (!settings.llm) ctx.note('no chat: neither ANTHROPIC_API_KEY nor OPENAI_API_KEY is set');
  await untilAborted(ctx.signal);
  await running.close();
}

async function readAuthority(ctx: Ctx, file: string | undefined): Promise<string[]> {
  if (file === undefined) return [];
  try {
    return [await readFile(resolve(ctx.cwd, file), 'utf8')];
  } catch (cause) {
    throw new CliError({
      code: 'CA_UNREADABLE',
      message: `the gateway’s authority cannot be read: ${file}`,
      why: cause instanceof Error ? cause.message : undefined,
      fix: 'mcpgw app --gateway-ca .mcpgw/certs/ca.pem',
      cause,
    });
  }
}
