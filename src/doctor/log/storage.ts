import type { LogGroup } from './pattern.ts';

const ANSWERS_AGAIN =
  /storage\/sync-querier: synced latest records|mcp\/token\/\S+: .*issued|mcp\/register: client registered/;

export const storage: LogGroup = {
  id: 'LOG-04',
  title: 'the databroker reaches its storage',
  patterns: [
    {
      match: /password authentication failed for user|28P01/,
      kind: 'failure',
      text: 'Postgres refuses the password: its volume keeps the one it was first started with',
      fix: 'put the old POSTGRES_PASSWORD back into .env\nmcpgw up',
      over: ANSWERS_AGAIN,
    },
    {
      match: /FATAL: database "?\S+"? does not exist|3D000/,
      kind: 'failure',
      text: 'the database of the connection string does not exist',
      fix: 'edit the connection string in docker-compose.yaml\nmcpgw up',
      over: ANSWERS_AGAIN,
    },
    {
      match: /unknown databroker storage backend type|missing databroker storage backend dsn/,
      kind: 'failure',
      text: 'the databroker’s storage is not set up',
      fix: 'mcpgw lint    # databroker_storage_type',
    },
    {
      match: /(storage\/postgres|leaser: error acquiring lease) .*failed to connect to|hostname resolving error/,
      kind: 'warning',
      text: 'Postgres was out of reach; a Pomerium that started meanwhile refuses good tokens until it is restarted',
      fix: 'mcpgw restart pomerium    # once the database runs',
      over: ANSWERS_AGAIN,
    },
  ],
};
