export { describeAllow, formatAllow, parseAllow, type Allow } from './allow.ts';
export { authorityOf, SERVERS, type Answers, type ServerName } from './answers.ts';
export { hostNames, SAMPLE_DATABASE, scaffoldFiles, type ScaffoldFile, type Templates } from './files.ts';
export { generateSecrets, type Secrets } from './secrets.ts';
export { unifiedDiff } from './diff.ts';
export { isLocalDomain, normaliseDomain, validateDomain, validateFolder, validatePublicDomain } from './names.ts';
