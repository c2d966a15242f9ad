import type { Rule } from '../rule.ts';

export const memoryStore: Rule = {
  id: 'MEMORY_STORE',
  severity: 'warning',
  title: 'Sessions and registered clients are kept on disk or in a database',
  why: 'The memory store forgets everything at a restart: users sign in anew, and clients are told `The MCP client is not registered.`',
  fix: 'write `databroker_storage_type: postgres` with its connection string, or `file`',
  source: 'Pomerium v0.33.1 databroker',
  *check({ config: { options, data } }) {
    if (options?.databroker_storage_type !== 'memory') return;
    const path = 'databroker_storage_type' in data ? ['databroker_storage_type'] : [];
    yield { path, message: 'the databroker keeps its data in memory' };
  },
};
