import { z } from 'zod';
import { EXIT, CliError } from '../errors.ts';
import type { IdpOptions } from './index.ts';

type Env = Readonly<Record<string, string | undefined>>;

const User = z.strictObject({
  email: z.email('must be an e-mail address'),
  name: z.string().min(1),
  groups: z.array(z.string()).default([]),
  claims: z.record(z.string(), z.unknown()).optional(),
});

const REQUIRED = {
  IDP_ISSUER: 'its own origin, e.g. http://idp.localhost:9080',
  IDP_CLIENT_SECRET: 'the application’s secret',
  IDP_REDIRECT_URIS: 'where the application is answered, e.g. https://authenticate.localhost:8443/oauth2/callback',
  IDP_USERS: 'who can sign in, e.g. {"admin":{"email":"admin@example.com","name":"Ada Admin","groups":["staff"]}}',
} as const;

/**
 * The settings of `mcpgw idp`. IDP_LISTEN is 127.0.0.1 and the issuer's port when it is left out, IDP_CLIENT_ID `mcpgw`, IDP_STATE
 * nothing that lasts, IDP_REFRESH_ROTATION on. Throws one usage error that names everything missing or wrong.
 */
export function idpOptionsFromEnv(env: Env): Omit<IdpOptions, 'log'> {
  // A compose file keeps users of its own for when nobody hands any over.
  const given = (name: string): string =>
    env[name]?.trim() || (name === 'IDP_USERS' ? (env['IDP_DEFAULT_USERS']?.trim() ?? '') : '');
  const problems: string[] = [];
  const missing = Object.entries(REQUIRED).filter(([name]) => given(name) === '');
  problems.push(...missing.map(([name, what]) => `${name} is missing: ${what}`));
  const take = <T>(read: (note: (problem: string) => void) => T): T => read((problem) => problems.push(problem));
  const options = {
    issuer: given('IDP_ISSUER'),
    listen: take((note) => readListen(given('IDP_LISTEN'), given('IDP_ISSUER'), note)),
    stateFile: given('IDP_STATE') || ':memory:',
    users: take((note) => readUsers(given('IDP_USERS'), note)),
    client: {
      id: given('IDP_CLIENT_ID') || 'mcpgw',
      secret: given('IDP_CLIENT_SECRET'),
      redirectUris: take((note) => readRedirectUris(given('IDP_REDIRECT_URIS'), note)),
    },
    rotateRefreshTokens: given('IDP_REFRESH_ROTATION') !== 'off',
  };
  if (problems.length > 0)
    throw wrongEnvironment(
      problems,
      missing.map(([name]) => name),
    );
  return options;
}

type Note = (problem: string) => void;

function readListen(text: string, issuer: string, note: Note): IdpOptions['listen'] {
  const issuerPort = Number(URL.parse(issuer)?.port || 80);
  if (text === '') return { host: '127.0.0.1', port: issuerPort };
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text);
  const port = Number(match?.[3]);
  if (!match || port > 65_535) note(`IDP_LISTEN is \`${text}\`, which is no host:port`);
  return { host: match?.[1] ?? (match?.[2] || '127.0.0.1'), port };
}

function readUsers(text: string, note: Note): IdpOptions['users'] {
  if (text === '') return {};
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    note(`IDP_USERS is no JSON: ${error instanceof Error ? error.message : String(error)}`);
    return {};
  }
  const result = z.record(z.string().min(1), User).safeParse(value);
  if (result.success) return result.data;
  for (const issue of result.error.issues) note(`IDP_USERS: ${issue.path.join('.') || 'the whole'}: ${issue.message}`);
  return {};
}

function readRedirectUris(text: string, note: Note): string[] {
  const uris = text.split(/[\s,]+/).filter((uri) => uri !== '');
  for (const uri of uris) {
    if (!URL.canParse(uri) || !/^https?:/.test(uri)) note(`IDP_REDIRECT_URIS: \`${uri}\` is no http or https URL`);
  }
  return uris;
}

function wrongEnvironment(problems: readonly string[], missing: readonly string[]): CliError {
  return new CliError({
    code: 'USAGE',
    message:
      missing.length > 0
        ? `the environment lacks ${missing.join(', ')}`
        : 'the environment has values that cannot be used',
    why: problems.join('\n'),
    fix: 'mcpgw help environment    # lists all variables of the identity provider',
    exit: EXIT.usage,
  });
}
