import type { Check } from '../check.ts';
import { authority } from './authority.ts';
import { certificate } from './certificate.ts';
import { configuration } from './configuration.ts';
import { diskSpace } from './disk-space.ts';
import { envPrivate } from './env-private.ts';
import { gatewayAnswers } from './gateway-answers.ts';
import { gatewayPort } from './gateway-port.ts';
import { gitIgnored } from './git-ignored.ts';
import { identityProvider } from './identity-provider.ts';
import { nodeVersion } from './node-version.ts';
import { projectFiles } from './project-files.ts';
import { projectFolder } from './project-folder.ts';
import { registration } from './registration.ts';
import { resourceMetadata } from './resource-metadata.ts';
import { routeChallenge } from './route-challenge.ts';
import { secretsPresent } from './secrets-present.ts';
import { serverMetadata } from './server-metadata.ts';
import { services } from './services.ts';
import { signIn } from './sign-in.ts';
import { stateFolder } from './state-folder.ts';
import { toolCall } from './tool-call.ts';
import { toolList } from './tool-list.ts';

/** Every check, in the order of the screen. A new one is a file here and a line in this list. */
export const CHECKS: readonly Check[] = [
  nodeVersion,
  diskSpace,
  stateFolder,
  projectFolder,
  projectFiles,
  configuration,
  secretsPresent,
  envPrivate,
  gitIgnored,
  gatewayPort,
  certificate,
  authority,
  gatewayAnswers,
  routeChallenge,
  services,
  resourceMetadata,
  serverMetadata,
  registration,
  identityProvider,
  signIn,
  toolList,
  toolCall,
];
