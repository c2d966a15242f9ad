export { describeAllow, formatAllow, parseAllow, readAllow, type Allow } from './allow.ts';
export { authorityOf, SERVERS, type Answers, type ServerName } from './answers.ts';
export { hostNames, SAMPLE_DATABASE, scaffoldFiles, type ScaffoldFile } from './files.ts';
export type { Templates } from './template.ts';
export { generateSecrets, type Secrets } from './secrets.ts';
export { unifiedDiff } from './diff.ts';
export {
  isLocalDomain,
  normaliseDomain,
  validateDomain,
  validateFolder,
  validatePublicDomain,
  validateRouteName,
} from './names.ts';
export {
  CLIENT_ID_PLACEHOLDER,
  missingOf,
  PROVIDER_URL_PLACEHOLDER,
  type ChosenProvider,
} from './identity-provider.ts';
export * from './presets/index.ts';
export { routeText, sampleRoute, type NewRoute, type UpstreamOAuth } from './routes.ts';
export { appService, commandService, imageFor, mcpServersService, serverNeeds } from './services.ts';
