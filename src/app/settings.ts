import { usage } from '../errors.ts';
import type { LlmSettings } from './chat/model.ts';

/** The flags of `mcpgw app`; each is also an environment variable, as containers want it. */
export interface AppFlags {
  url?: string;
  host?: string;
  port?: number;
  gatewayCa?: string;
}

export interface AppSettings {
  /** The application's own address at the gateway, without a path. */
  url: URL;
  listen: { host: string; port: number };
  /** PEM file of an authority to trust beside the well-known ones. */
  gatewayCa?: string;
  llm?: LlmSettings;
}

type Env = Readonly<Record<string, string | undefined>>;

const PORT = 8090;

/** What to run, from flags and environment; throws a CliError for what is missing or wrong in them. */
export function appSettings(flags: AppFlags, env: Env): AppSettings {
  const gatewayCa = flags.gatewayCa ?? (env['GATEWAY_CA'] || undefined);
  return {
    url: ownAddress(flags.url ?? (env['APP_URL'] || undefined)),
    listen: { host: flags.host ?? (env['HOST'] || '127.0.0.1'), port: flags.port ?? portFrom(env['PORT']) },
    ...(gatewayCa === undefined ? {} : { gatewayCa }),
    ...llmFrom(env),
  };
}

/** It says whose assertions are believed, so no header of a request can take its place. */
function ownAddress(text: string | undefined): URL {
  const fix = 'mcpgw app --url https://app.localhost:8443';
  if (text === undefined) {
    throw usage('the application has to know its own address at the gateway: --url or APP_URL is missing', fix);
  }
  const url = URL.parse(text);
  if (url?.protocol !== 'https:') throw usage(`\`${text}\` is no https URL of a client route`, fix);
  return new URL(url.origin);
}

function portFrom(text: string | undefined): number {
  if (!text) return PORT;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 0 && port <= 65_535) return port;
  throw usage(`PORT is \`${text}\`, which is no port`, 'unset PORT, or set it to a number');
}

/** Anthropic's key comes first when both are set. */
function llmFrom(env: Env): { llm?: LlmSettings } {
  const anthropic = env['ANTHROPIC_API_KEY'];
  const openai = env['OPENAI_API_KEY'];
  const model = env['LLM_MODEL'] || undefined;
  if (anthropic) {
    const baseUrl = baseFrom(env, 'ANTHROPIC_BASE_URL', 'https://api.anthropic.com');
    return { llm: { api: 'anthropic', key: anthropic, baseUrl, model } };
  }
  if (!openai) return {};
  return {
    llm: { api: 'openai', key: openai, baseUrl: baseFrom(env, 'OPENAI_BASE_URL', 'https://api.openai.com/v1'), model },
  };
}

function baseFrom(env: Env, name: string, standard: string): string {
  const text = env[name] || standard;
  if (/^https?:$/.test(URL.parse(text)?.protocol ?? '')) return text.replace(/\/+$/, '');
  throw usage(`${name} is \`${text}\`, which is no URL`, `unset ${name}, or set it to such as ${standard}`);
}
