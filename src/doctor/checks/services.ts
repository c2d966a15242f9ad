import { failure, ok, skipped, warning, type Check } from '../check.ts';

/** What stands in the files is in force only after `up`; a crashed server takes nothing else down, so nothing else tells. */
export const services: Check = {
  id: 'GTW-03',
  area: 'gateway',
  title: 'services are well, the files are in force',
  on: ['running'],
  needs: ['GTW-01'],
  async run({ running }) {
    const state = await running();
    if (!state) return skipped('the gateway was not started by mcpgw up');
    const [first] = state.ill;
    const evidence = [...state.ill.map(({ name, detail }) => `${name}: ${detail}`), ...state.pending];
    // What is not well may be so because of the old files.
    const fix = state.pending.length > 0 ? 'mcpgw up' : `mcpgw logs ${first?.name ?? ''}`;
    if (first) return failure(`${first.name}: ${first.detail}`, fix, evidence);
    if (state.pending.length > 0) return warning(`not in force: ${state.pending.join('; ')}`, 'mcpgw up', evidence);
    return ok('all of them');
  },
};
