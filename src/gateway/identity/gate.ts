import type { Log } from '../../net/log.ts';
import type { RouteTable } from '../../pomerium/index.ts';
import type { Options } from '../../pomerium/model.ts';
import type { Behaviour } from '../../pomerium/versions.ts';
import type { Strict } from '../strict/index.ts';
import type { UpstreamConsent } from '../upstream-oauth/consent.ts';
import type { Faults } from './faults.ts';
import type { DocumentFetchOptions } from './metadata-document.ts';
import type { IdentityProviders } from './identity-providers.ts';
import type { Secret } from './secret.ts';
import type { Sessions } from './sessions.ts';
import type { StateStore } from './state-store.ts';

/** What the endpoints of the identity half share. */
export interface Gate {
  /** Of the release that the gateway behaves as. */
  behaviour: Behaviour;
  /** The configuration in force. */
  options(): Options;
  table(): RouteTable;
  log: Log;
  store: StateStore;
  secret: Secret;
  sessions: Sessions;
  providers: IdentityProviders;
  /** How client ID metadata documents are fetched. */
  documents: DocumentFetchOptions;
  faults: Faults;
  /** Whether and where a user has to consent to the use of an upstream. */
  upstream: UpstreamConsent;
  /** There in a gateway that holds what Pomerium lets pass. */
  strict: Strict | undefined;
}
