import { AREAS, type Check } from '../check.ts';
import { ISSUANCE_CHECKS } from '../issuance/index.ts';
import { answerCors } from './answer-cors.ts';
import { authority } from './authority.ts';
import { certificate } from './certificate.ts';
import { clientChecks } from './clients.ts';
import { clock } from './clock.ts';
import { composeVersion } from './compose-version.ts';
import { configuration } from './configuration.ts';
import { configurationMode } from './configuration-mode.ts';
import { containerHealth } from './container-health.ts';
import { containerNames } from './container-names.ts';
import { containerRestarts } from './container-restarts.ts';
import { containerStates } from './container-states.ts';
import { databasePassword } from './database-password.ts';
import { diskSpace } from './disk-space.ts';
import { dockerEngine } from './docker-engine.ts';
import { envPrivate } from './env-private.ts';
import { gatewayAnswers } from './gateway-answers.ts';
import { gatewayPort } from './gateway-port.ts';
import { gitIgnored } from './git-ignored.ts';
import { grantTypes } from './grant-types.ts';
import { handshakeLegacy } from './handshake-legacy.ts';
import { handshakeModern } from './handshake-modern.ts';
import { identityProvider } from './identity-provider.ts';
import { imageArchitecture } from './image-architecture.ts';
import { imagesThere } from './images-there.ts';
import { keyModes } from './key-modes.ts';
import { keySet } from './key-set.ts';
import { leftovers } from './leftovers.ts';
import { listeningAddress } from './listening-address.ts';
import { logGroups } from './log-groups.ts';
import { lowPort } from './low-port.ts';
import { memory } from './memory.ts';
import { metadataCors } from './metadata-cors.ts';
import { metadataDocuments } from './metadata-documents.ts';
import { metadataPlaces } from './metadata-places.ts';
import { metadataType } from './metadata-type.ts';
import { mountKinds } from './mount-kinds.ts';
import { mountsReplaced } from './mounts-replaced.ts';
import { networkAliases } from './network-aliases.ts';
import { noBuffering } from './no-buffering.ts';
import { nodeVersion } from './node-version.ts';
import { openFiles } from './open-files.ts';
import { openStream } from './open-stream.ts';
import { platform } from './platform.ts';
import { policyAnonymous } from './policy-anonymous.ts';
import { policyLimit } from './policy-limit.ts';
import { policyNobody } from './policy-nobody.ts';
import { policyTools } from './policy-tools.ts';
import { policyUsers } from './policy-users.ts';
import { portShared } from './port-shared.ts';
import { preflight } from './preflight.ts';
import { projectFiles } from './project-files.ts';
import { projectFolder } from './project-folder.ts';
import { providerEndpoints } from './provider-endpoints.ts';
import { providerKeys } from './provider-keys.ts';
import { providerRefresh } from './provider-refresh.ts';
import { providerScopes } from './provider-scopes.ts';
import { proxyVariables } from './proxy-variables.ts';
import { redirectUri } from './redirect-uri.ts';
import { registration } from './registration.ts';
import { registrationEndpoint } from './registration-endpoint.ts';
import { resourceMetadata } from './resource-metadata.ts';
import { routeChallenge } from './route-challenge.ts';
import { ruleClasses } from './rule-classes.ts';
import { secondComposeFile } from './second-compose-file.ts';
import { secretAge } from './secret-age.ts';
import { secretCopied } from './secret-copied.ts';
import { secretReused } from './secret-reused.ts';
import { secretsPresent } from './secrets-present.ts';
import { servedChain } from './served-chain.ts';
import { servedExpiry } from './served-expiry.ts';
import { servedNames } from './served-names.ts';
import { servedProtocol } from './served-protocol.ts';
import { servedStored } from './served-stored.ts';
import { serverMetadata } from './server-metadata.ts';
import { services } from './services.ts';
import { signIn } from './sign-in.ts';
import { stateFolder } from './state-folder.ts';
import { tokenLife } from './token-life.ts';
import { tokenRefresh } from './token-refresh.ts';
import { tokenRenewed } from './token-renewed.ts';
import { toolCall } from './tool-call.ts';
import { toolList } from './tool-list.ts';
import { toolShapes } from './tool-shapes.ts';
import { trustVariables } from './trust-variables.ts';
import { unknownHost } from './unknown-host.ts';
import { unknownToken } from './unknown-token.ts';
import { unsetVariables } from './unset-variables.ts';
import { upstreamCallback } from './upstream-callback.ts';
import { upstreamCredentials } from './upstream-credentials.ts';
import { upstreamDiscovery } from './upstream-discovery.ts';
import { upstreamEndpoints } from './upstream-endpoints.ts';
import { upstreamHost } from './upstream-host.ts';
import { upstreamMetadata } from './upstream-metadata.ts';
import { upstreamRegistered } from './upstream-registered.ts';
import { upstreamSecret } from './upstream-secret.ts';
import { volumesThere } from './volumes-there.ts';

/** A new check is a file here and a line in this list. */
const OWN: readonly Check[] = [
  nodeVersion,
  diskSpace,
  stateFolder,
  clock,
  openFiles,
  memory,
  proxyVariables,
  trustVariables,
  platform,
  projectFolder,
  projectFiles,
  configuration,
  ...ruleClasses,
  mountKinds,
  configurationMode,
  secondComposeFile,
  leftovers,
  secretsPresent,
  envPrivate,
  gitIgnored,
  unsetVariables,
  secretAge,
  secretCopied,
  secretReused,
  keyModes,
  dockerEngine,
  composeVersion,
  imagesThere,
  imageArchitecture,
  containerNames,
  containerStates,
  containerRestarts,
  containerHealth,
  mountsReplaced,
  volumesThere,
  networkAliases,
  databasePassword,
  gatewayPort,
  lowPort,
  listeningAddress,
  portShared,
  certificate,
  authority,
  servedChain,
  servedNames,
  servedExpiry,
  servedStored,
  servedProtocol,
  gatewayAnswers,
  routeChallenge,
  services,
  unknownHost,
  keySet,
  ...logGroups,
  resourceMetadata,
  serverMetadata,
  metadataPlaces,
  metadataCors,
  preflight,
  grantTypes,
  metadataType,
  registration,
  registrationEndpoint,
  metadataDocuments,
  identityProvider,
  signIn,
  redirectUri,
  providerScopes,
  providerRefresh,
  providerEndpoints,
  providerKeys,
  tokenRefresh,
  tokenLife,
  unknownToken,
  tokenRenewed,
  policyUsers,
  policyNobody,
  policyAnonymous,
  policyLimit,
  policyTools,
  toolList,
  toolCall,
  handshakeModern,
  handshakeLegacy,
  toolShapes,
  openStream,
  noBuffering,
  upstreamHost,
  answerCors,
  upstreamEndpoints,
  upstreamMetadata,
  upstreamSecret,
  upstreamCallback,
  upstreamDiscovery,
  upstreamCredentials,
  upstreamRegistered,
  ...clientChecks,
];

/** Every check, area by area in the order of the screen. */
export const CHECKS: readonly Check[] = [...OWN, ...ISSUANCE_CHECKS].toSorted(
  (a, b) => AREAS.indexOf(a.area) - AREAS.indexOf(b.area),
);
