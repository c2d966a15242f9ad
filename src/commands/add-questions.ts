import type { Question } from '../ask.ts';
import { formatAllow, parseAllow, validateRouteName, type Allow } from '../scaffold/index.ts';
import type { Source } from './add-source.ts';

export const WHAT: Question = {
  name: 'what',
  flag: '<what>',
  env: 'MCPGW_ADD',
  question: 'What: a preset such as github, the URL of an MCP server, or app',
  kind: 'input',
};
export const TO: Question = {
  name: 'to',
  flag: '--to <url>',
  env: 'MCPGW_TO',
  question: 'URL of the MCP server',
  kind: 'input',
};
export const PORT: Question = {
  name: 'port',
  flag: '--port <number>',
  env: 'MCPGW_SERVER_PORT',
  question: 'Port that the command listens on; it is told in PORT',
  kind: 'input',
  validate: (text) => (/^[1-9]\d{0,4}$/.test(text) && Number(text) < 65_536 ? true : `\`${text}\` is no port`),
};
export const CLIENT_ID: Question = {
  name: 'clientId',
  flag: '--client-id <id>',
  env: 'MCPGW_CLIENT_ID',
  question: 'Client id of the application',
  kind: 'input',
  validate: (text) => (text.trim() === '' ? 'the client id is empty' : true),
};
export const CLIENT_SECRET: Question = {
  name: 'clientSecret',
  flag: '--secret-stdin',
  env: 'MCPGW_CLIENT_SECRET',
  question: 'Its client secret',
  kind: 'secret',
  validate: (text) => (text.trim() === '' ? 'the client secret is empty' : true),
};

export const DATABASE_URL: Question = {
  name: 'databaseUrl',
  flag: '--secret-stdin',
  env: 'MCPGW_POSTGRES_URL',
  question: 'Connection string of the database: postgresql://reader:password@localhost:5432/shop',
  kind: 'secret',
  // The value may hold a password, so it is not repeated.
  validate: (text) =>
    /^postgres(ql)?:\/\/./.test(text) ? true : 'it is no connection string, which begins with postgresql://',
};

export function nameQuestion(source: Source): Question {
  const names = { preset: source.kind === 'preset' ? source.preset.name : '', app: 'app' };
  const name = source.kind === 'preset' || source.kind === 'app' ? names[source.kind] : undefined;
  return {
    name: 'name',
    flag: '--name <name>',
    env: 'MCPGW_NAME',
    question: 'Name of the route',
    kind: 'input',
    prompt: name === undefined,
    ...(name === undefined ? {} : { default: name }),
    validate: validateRouteName,
  };
}

export function allowQuestion(usual: Allow | undefined): Question {
  return {
    name: 'allow',
    flag: '--allow <who>',
    env: 'MCPGW_ALLOW',
    question: 'Who may use it: anyone, @example.com, e-mails or group:staff',
    kind: 'input',
    prompt: usual === undefined,
    ...(usual ? { default: formatAllow(usual) } : {}),
    validate: (text) => {
      const parsed = parseAllow(text);
      return typeof parsed === 'string' ? parsed : true;
    },
  };
}
