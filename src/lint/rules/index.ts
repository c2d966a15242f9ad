import type { Rule } from '../rule.ts';
import { authenticateHostTaken } from './authenticate-host-taken.ts';
import { authorizationLost } from './authorization-lost.ts';
import { autocertCaIgnored } from './autocert-ca-ignored.ts';
import { autocertDirIgnored } from './autocert-dir-ignored.ts';
import { autocertNoRedirect } from './autocert-no-redirect.ts';
import { autocertPort } from './autocert-port.ts';
import { autocertStaging } from './autocert-staging.ts';
import { autocertVolume } from './autocert-volume.ts';
import { clientDomainPattern } from './client-domain-pattern.ts';
import { clientStreamTimeout } from './client-stream-timeout.ts';
import { databaseNotAwaited } from './database-not-awaited.ts';
import { databaseVolume } from './database-volume.ts';
import { deadPort80 } from './dead-port-80.ts';
import { domainsRequired } from './domains-required.ts';
import { environmentBeatsFile } from './environment-beats-file.ts';
import { floatingTag } from './floating-tag.ts';
import { fromPort } from './from-port.ts';
import { hostedAuthenticate } from './hosted-authenticate.ts';
import { imageLicence } from './image-licence.ts';
import { keyTooNew } from './key-too-new.ts';
import { mcpFlagOff } from './mcp-flag-off.ts';
import { memoryStore } from './memory-store.ts';
import { missingAlias } from './missing-alias.ts';
import { mountSourceMissing } from './mount-source-missing.ts';
import { noClientCanConnect } from './no-client-can-connect.ts';
import { noCookieSecret } from './no-cookie-secret.ts';
import { noRefreshGrant } from './no-refresh-grant.ts';
import { noRefresh } from './no-refresh.ts';
import { noSharedSecret } from './no-shared-secret.ts';
import { openDatabase } from './open-database.ts';
import { publicMcpRoute } from './public-mcp-route.ts';
import { publicServersImage } from './public-servers-image.ts';
import { publishedPort } from './published-port.ts';
import { releaseWithoutMcp } from './release-without-mcp.ts';
import { samplePolicy } from './sample-policy.ts';
import { secretInFile } from './secret-in-file.ts';
import { serversTag } from './servers-tag.ts';
import { streamTimeout } from './stream-timeout.ts';
import { tokenReachesUpstream } from './token-reaches-upstream.ts';
import { unknownUpstream } from './unknown-upstream.ts';
import { upstreamClientUnknown } from './upstream-client-unknown.ts';
import { upstreamDiscoveryPort } from './upstream-discovery-port.ts';
import { upstreamNamedLocalhost } from './upstream-named-localhost.ts';
import { upstreamOnLoopback } from './upstream-on-loopback.ts';
import { variableUnexpanded } from './variable-unexpanded.ts';
import { whoamiNoIdentity } from './whoami-no-identity.ts';
import { zeroToken } from './zero-token.ts';

/** Every rule; a new one is a file here and a line below. */
export const RULES: readonly Rule[] = [
  authenticateHostTaken,
  authorizationLost,
  autocertCaIgnored,
  autocertDirIgnored,
  autocertNoRedirect,
  autocertPort,
  autocertStaging,
  autocertVolume,
  clientDomainPattern,
  clientStreamTimeout,
  databaseNotAwaited,
  databaseVolume,
  deadPort80,
  domainsRequired,
  environmentBeatsFile,
  floatingTag,
  fromPort,
  hostedAuthenticate,
  imageLicence,
  keyTooNew,
  mcpFlagOff,
  memoryStore,
  missingAlias,
  mountSourceMissing,
  noClientCanConnect,
  noCookieSecret,
  noRefreshGrant,
  noRefresh,
  noSharedSecret,
  openDatabase,
  publicMcpRoute,
  publicServersImage,
  publishedPort,
  releaseWithoutMcp,
  samplePolicy,
  secretInFile,
  serversTag,
  streamTimeout,
  tokenReachesUpstream,
  unknownUpstream,
  upstreamClientUnknown,
  upstreamDiscoveryPort,
  upstreamNamedLocalhost,
  upstreamOnLoopback,
  variableUnexpanded,
  whoamiNoIdentity,
  zeroToken,
];
