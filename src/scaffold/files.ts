import { describeAllow, formatAllow, yamlScalar } from './allow.ts';
import { authorityOf, composeName, type Answers } from './answers.ts';
import { identityProviderText } from './identity-provider.ts';
import { sampleRoute } from './routes.ts';
import type { Secrets } from './secrets.ts';
import { mcpServersService } from './services.ts';
import { fillTemplate, textOf, type Templates, type TemplateValues } from './template.ts';
import { developmentUsers, usersJson, usersYaml } from './users.ts';

export interface ScaffoldFile {
  /** Relative to the project. */
  path: string;
  content: string;
  mode: number;
}

/** Where the sample database of the sqlite server stands in a project. */
export const SAMPLE_DATABASE = 'data/library.sqlite';

/** The text files of a new project. */
export function scaffoldFiles(answers: Answers, secrets: Secrets, templates: Templates): ScaffoldFile[] {
  const values = templateValues(answers, templates);
  const fill = (name: string, more: TemplateValues = {}): string =>
    fillTemplate(textOf(templates, name), { ...values, ...more });
  return [
    { path: 'pomerium-config.yaml', content: fill('project/pomerium-config.yaml'), mode: 0o644 },
    { path: 'docker-compose.yaml', content: fill('project/docker-compose.yaml'), mode: 0o644 },
    { path: '.env', content: fill('project/env', { ...givenSecrets(answers, secrets) }), mode: 0o600 },
    { path: '.env.example', content: fill('project/env', blank(secrets)), mode: 0o644 },
    { path: '.gitignore', content: fill('project/gitignore'), mode: 0o644 },
    { path: 'README.md', content: fill('project/README.md'), mode: 0o644 },
  ];
}

/** Every host name of a project, the authenticate service's first. */
export function hostNames(answers: Pick<Answers, 'servers' | 'domain' | 'address' | 'signIn'>): string[] {
  const { servers, domain } = answers;
  return [...(isHosted(answers) ? [] : ['authenticate']), ...servers].map((name) => `${name}.${domain}`);
}

/** Whether people sign in at Pomerium's own service, so that the project has no authenticate service. */
function isHosted({ address, signIn }: Pick<Answers, 'address' | 'signIn'>): boolean {
  return address === 'public' && signIn === 'hosted';
}

function templateValues(answers: Answers, templates: Templates): TemplateValues {
  const { servers, address, domain, port, idpPort, allow } = answers;
  const authority = authorityOf(answers);
  const users = developmentUsers(allow);
  const local = address === 'local';
  const [firstServer = ''] = servers;
  const routes = servers.map((name) => sampleRoute({ server: name, name, authority, allow }, templates));
  return {
    local,
    public: !local,
    hosted: isHosted(answers),
    ...signInValues(answers),
    ownIdp: !isHosted(answers),
    sqlite: servers.includes('sqlite'),
    title: answers.title,
    name: yamlScalar(composeName(answers.title)),
    version: answers.version,
    engine: answers.engine,
    address,
    domain,
    authority,
    port: String(port),
    idpPort: String(idpPort),
    routes: routes.join('\n\n'),
    mcpServers: mcpServersService(answers, templates),
    firstServer,
    firstRoute: `https://${firstServer}.${authority}`,
    ...listValues(answers),
    allowText: yamlScalar(formatAllow(allow)),
    users: usersYaml(users),
    usersJson: usersJson(users),
    userTable: [
      '| `--as` | E-mail | Groups |',
      '| --- | --- | --- |',
      ...Object.entries(users).map(([key, user]) => `| ${key} | ${user.email} | ${user.groups.join(', ') || '-'} |`),
    ].join('\n'),
  };
}

/** Who signs people in at a public project, where a preset says how. */
function signInValues({ signIn, ...answers }: Answers): TemplateValues {
  const redirectUri = `https://authenticate.${authorityOf(answers)}/oauth2/callback`;
  const chosen = answers.address === 'public' && typeof signIn === 'object' ? signIn : undefined;
  if (!chosen) return { chosenIdp: false, idp: '', idpTitle: '', idpConsole: '', idpCreated: '' };
  const { preset, clientId, url } = chosen;
  return {
    chosenIdp: true,
    idp: identityProviderText(chosen, redirectUri),
    idpTitle: preset.title,
    idpConsole: preset.console,
    idpCreated: [
      `signIn: ${preset.name}`,
      `idpClientId: ${yamlScalar(clientId)}`,
      ...(url === undefined ? [] : [`idpUrl: ${url}`]),
    ].join('\n'),
  };
}

/** The servers and their hosts, in each form that a file wants them in. */
function listValues(answers: Answers): TemplateValues {
  const { servers, allow } = answers;
  const authority = authorityOf(answers);
  const rows = servers.map((name) => `| ${name} | https://${name}.${authority} | ${describeAllow(allow)} |`);
  return {
    serverList: servers.join(', '),
    serverTable: rows.join('\n'),
    aliases: hostNames(answers)
      .map((name) => `- ${name}`)
      .join('\n'),
    hostList: hostNames(answers).join(', '),
  };
}

/** With an identity provider of one's own, its client secret is not ours to invent. */
function givenSecrets({ address, signIn }: Answers, secrets: Secrets): TemplateValues {
  const isGiven = address === 'local' || (typeof signIn === 'object' && signIn.hasSecret);
  return { ...secrets, ...(isGiven ? {} : { IDP_CLIENT_SECRET: '' }) };
}

function blank(secrets: Secrets): TemplateValues {
  return Object.fromEntries(Object.keys(secrets).map((name) => [name, '']));
}
