import type { Log } from '../../net/log.ts';
import type { Options } from '../../pomerium/model.ts';
import type { Faults } from './faults.ts';
import type { DocumentFetchOptions } from './metadata-document.ts';
import type { IdentityProviders } from './identity-providers.ts';
import type { Secret } from './secret.ts';
import type { Sessions } from './sessions.ts';
import type { StateStore } from './state-store.ts';

/** What the endpoints of the identity half share. */
export interface Gate {
  /** The configuration in force. */
  options(): Options;
  log: Log;
  store: StateStore;
  secret: Secret;
  sessions: Sessions;
  providers: IdentityProviders;
  /** How client ID metadata documents are fetched. */
  documents: DocumentFetchOptions;
  faults: Faults;
}
