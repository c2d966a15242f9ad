import type { Question } from '../ask.ts';
import { ENGINES } from '../project/index.ts';
import {
  CLIENT_ID_PLACEHOLDER,
  IDENTITY_PROVIDERS,
  isLocalDomain,
  normaliseDomain,
  parseAllow,
  PROVIDER_URL_PLACEHOLDER,
  SERVERS,
  validateDomain,
  validateFolder,
  validatePublicDomain,
  type IdentityProvider,
} from '../scaffold/index.ts';

/** The first question; without a terminal or --yes it has no default, so that a script says where. */
export function folderQuestion(hasDefault: boolean): Question {
  return {
    name: 'folder',
    flag: '<folder>',
    env: 'MCPGW_FOLDER',
    question: 'Folder',
    kind: 'input',
    ...(hasDefault ? { default: 'my-gateway' } : {}),
    validate: validateFolder,
  };
}

/** One prompt for two flags: `local`, or a domain of one's own; with --address local any name that leads here will do. */
export function addressQuestions(asks: boolean, isLocal: boolean): Question[] {
  const validate = (text: string): true | string => {
    if (text.trim() === 'local' || isLocalDomain(normaliseDomain(text))) return true;
    return isLocal ? validateDomain(text) : validatePublicDomain(text);
  };
  return [
    { ...flagOnly('address', '--address <kind>'), kind: 'select', choices: choicesOf(['local', 'public']) },
    {
      name: 'domain',
      flag: '--domain <name>',
      env: 'MCPGW_DOMAIN',
      question: 'Address: local (this machine), or your public domain',
      kind: 'input',
      ...(asks ? { default: 'local' } : {}),
      validate,
      prompt: ({ address }) => address === 'public' || (asks && address === undefined),
    },
  ];
}

/** The rest, of which two are asked: servers and who may use them. */
export function otherQuestions(
  isPublic: boolean,
  savedEngine: unknown,
  foundEngine: 'docker' | 'embedded' = 'embedded',
): Question[] {
  const engine = isPublic ? 'docker' : foundEngine;
  const engines = isPublic ? ['docker'] : ENGINES;
  const allow: Question = {
    name: 'allow',
    flag: '--allow <who>',
    env: 'MCPGW_ALLOW',
    question: 'Who may use them: anyone, @example.com, e-mails or group:staff',
    kind: 'input',
    // On the internet `anyone` may be everybody with an account at a large provider: that has to be said by a person.
    ...(isPublic ? {} : { default: 'anyone' }),
    validate: (text) => {
      const parsed = parseAllow(text);
      return typeof parsed === 'string' ? parsed : true;
    },
  };
  return [
    { ...flagOnly('port', '--port <number>'), default: isPublic ? 443 : 8443, validate: validatePort },
    { ...flagOnly('idpPort', '--idp-port <number>'), env: 'MCPGW_IDP_PORT', default: 9080, validate: validatePort },
    {
      ...flagOnly('servers', '--servers <list>'),
      question: 'MCP servers',
      kind: 'checkbox',
      choices: [
        { value: 'whoami', name: 'whoami', description: 'who the gateway says you are' },
        { value: 'sqlite', name: 'sqlite', description: 'questions to a sample database, with a rule on one tool' },
      ],
      default: [...SERVERS],
      prompt: true,
    },
    allow,
    {
      ...flagOnly('signIn', '--sign-in <kind>'),
      env: 'MCPGW_SIGN_IN',
      choices: choicesOf(isPublic ? ['own', 'hosted', ...IDENTITY_PROVIDERS.map(({ name }) => name)] : ['own']),
      default: 'own',
    },
    {
      ...flagOnly('engine', '--engine <name>'),
      // What somebody wrote into the project stands.
      choices: choicesOf([...new Set([...engines, ...(typeof savedEngine === 'string' ? [savedEngine] : [])])]),
      default: engine,
    },
  ];
}

/** What a preset of an identity provider wants to know. What nobody says is left to be filled in. */
export function providerQuestions({ title, url }: IdentityProvider): Question[] {
  const later = 'Enter: fill it in later';
  return [
    ...(url
      ? [
          {
            ...flagOnly('idpUrl', '--idp-url <url>'),
            env: 'MCPGW_IDP_URL',
            question: `URL of ${title}, such as ${url.example} (${url.required ? later : 'Enter: none'})`,
            prompt: true,
            default: url.required ? PROVIDER_URL_PLACEHOLDER : '',
            validate: validateProviderUrl,
          },
        ]
      : []),
    {
      ...flagOnly('idpClientId', '--idp-client-id <id>'),
      env: 'MCPGW_IDP_CLIENT_ID',
      question: `Client id at ${title} (${later})`,
      prompt: true,
      default: CLIENT_ID_PLACEHOLDER,
    },
    {
      ...flagOnly('idpClientSecret', 'MCPGW_IDP_CLIENT_SECRET'),
      env: 'MCPGW_IDP_CLIENT_SECRET',
      question: `Its client secret (${later})`,
      kind: 'secret',
      prompt: true,
      default: '',
    },
  ];
}

function validateProviderUrl(text: string): true | string {
  if (text === '' || text === PROVIDER_URL_PLACEHOLDER) return true;
  return URL.parse(text)?.protocol === 'https:' ? true : `\`${text}\` is no https URL`;
}

function flagOnly(name: string, flag: string): Question {
  return { name, flag, env: `MCPGW_${name.toUpperCase()}`, question: name, kind: 'input', prompt: false };
}

function choicesOf(values: readonly string[]): { value: string; name: string }[] {
  return values.map((value) => ({ value, name: value }));
}

function validatePort(text: string): true | string {
  const port = Number(text);
  return Number.isInteger(port) && port >= 1 && port <= 65_535 ? true : `\`${text}\` is no port (1 to 65535)`;
}
