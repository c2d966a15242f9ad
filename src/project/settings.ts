import { z } from 'zod';
import { CliError } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { IDENTITY_PROVIDERS } from '../scaffold/presets/identity-providers.ts';
import { fileError, type YamlFile } from './yaml.ts';

/** The version of `x-mcpgw` that this program reads and writes. */
export const SETTINGS_VERSION = 1;
export const ENGINES = ['docker', 'embedded', 'native'] as const;

const port = z.int().min(1).max(65_535);

const user = z.strictObject({
  email: z.string().min(3),
  name: z.string().min(1),
  groups: z.array(z.string()).default([]),
  /** Further claims of the identity provider. */
  claims: z.record(z.string(), z.unknown()).optional(),
});

const created = z.strictObject({
  version: z.string(),
  servers: z.array(z.string()),
  allow: z.string(),
  /** Absent: an identity provider of one's own that no preset is for. */
  signIn: z.enum(['hosted', ...IDENTITY_PROVIDERS.map(({ name }) => name)]).optional(),
  idpClientId: z.string().optional(),
  idpUrl: z.string().optional(),
});

const settings = z.strictObject({
  version: z.literal(SETTINGS_VERSION),
  engine: z.enum(ENGINES),
  address: z.enum(['local', 'public']),
  domain: z.string().min(1),
  port,
  /** The development identity provider; absent when the project uses one of its own. */
  idp: z.strictObject({ port }).optional(),
  users: z.record(z.string(), user).default({}),
  /** The development gateway holds what Pomerium lets pass: docs/security.md. */
  strict: z.boolean().optional(),
  /** What `mcpgw create` was told, so that it can show the difference when it is run again. */
  created: created.optional(),
});

const service = z.strictObject({
  /** The command that runs the service without Docker: words, or one line. */
  run: z.union([z.string().min(1), z.array(z.string()).min(1)]).optional(),
  /** The port it listens on then; it is told in PORT. */
  port: port.optional(),
  /** Where it runs, relative to the project. */
  folder: z.string().optional(),
  /** Beats the service's own `environment` when it runs without Docker. */
  environment: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
});

export type ProjectSettings = z.infer<typeof settings>;
export type ServiceSettings = z.infer<typeof service>;

/** Reads `x-mcpgw` at the top of the compose file. */
export function readSettings(file: YamlFile): ProjectSettings {
  const data = (file.data as Record<string, unknown> | null)?.['x-mcpgw'];
  if (data === undefined || data === null) {
    throw fileError(
      file,
      { line: 1, column: 1 },
      {
        code: 'NO_SETTINGS',
        message: 'there is no `x-mcpgw`, so this is no project of mcpgw',
        fix: 'mcpgw adopt --dry-run    # what would make it one; then mcpgw adopt',
      },
    );
  }
  assertVersion(file, data);
  return check(settings, data, file, ['x-mcpgw']);
}

/** Reads `x-mcpgw` of one service. */
export function readServiceSettings(file: YamlFile, name: string, data: unknown): ServiceSettings {
  return check(service, data ?? {}, file, ['services', name, 'x-mcpgw']);
}

function assertVersion(file: YamlFile, data: unknown): void {
  const version = typeof data === 'object' && data !== null ? (data as Record<string, unknown>)['version'] : undefined;
  if (typeof version !== 'number' || version <= SETTINGS_VERSION) return;
  throw fileError(file, file.positionOf(['x-mcpgw', 'version']), {
    code: 'PROJECT_TOO_NEW',
    message: `x-mcpgw version ${version} was written by a newer mcpgw; this one reads version ${SETTINGS_VERSION}`,
    fix: 'npm install -g create-mcp-gateway@latest',
  });
}

function check<T>(schema: z.ZodType<T>, data: unknown, file: YamlFile, base: string[]): T {
  const result = schema.safeParse(data);
  if (result.success) return result.data;
  const { issues } = result.error;
  // A mistyped key shows up as a missing one too; the slip is the better news.
  const issue = issues.find((one) => one.code === 'unrecognized_keys') ?? issues[0];
  if (!issue)
    throw new CliError({ code: 'BAD_SETTINGS', message: `${file.name} has a bad x-mcpgw`, fix: `edit ${file.name}` });
  throw issueError(file, base, issue, schema);
}

function issueError(file: YamlFile, base: string[], issue: z.core.$ZodIssue, schema: z.ZodType): CliError {
  const path = [...base, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))];
  if (issue.code === 'unrecognized_keys') {
    const [key = ''] = issue.keys;
    const close = nearest(key, keysAt(schema, issue.path));
    const position = file.positionOf([...path, key], 'key');
    return fileError(file, position, {
      code: 'UNKNOWN_KEY',
      message: `unknown key \`${key}\` in ${dotted(path)}${close ? `; did you mean \`${close}\`?` : ''}`,
      ...(close ? { fix: `write \`${close}:\` there` } : { fix: `remove \`${key}\`` }),
    });
  }
  return fileError(file, file.positionOf(path), { code: 'BAD_SETTINGS', message: `${dotted(path)}: ${issue.message}` });
}

function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): string[] {
  let at: unknown = schema;
  for (const step of path) {
    if (at instanceof z.ZodDefault || at instanceof z.ZodOptional) at = at.unwrap();
    if (at instanceof z.ZodObject) at = at.shape[String(step)];
    else if (at instanceof z.ZodRecord) at = at.valueType;
  }
  if (at instanceof z.ZodDefault || at instanceof z.ZodOptional) at = at.unwrap();
  return at instanceof z.ZodObject ? Object.keys(at.shape) : [];
}

function dotted(path: readonly (string | number)[]): string {
  return path.map((step, i) => (typeof step === 'number' ? `[${step}]` : i === 0 ? step : `.${step}`)).join('');
}
