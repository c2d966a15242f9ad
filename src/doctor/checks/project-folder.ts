import { failure, ok, skipped, type Check } from '../check.ts';

export const projectFolder: Check = {
  id: 'FIL-01',
  area: 'files',
  title: 'project folder',
  async run({ cwd, folder, target }) {
    if (target.kind === 'url') return skipped('only a URL was given');
    if (target.kind === 'configuration') return skipped('the configuration is no project of mcpgw');
    const found = await folder();
    if (found) return ok(found);
    return failure(
      `there is no project in ${cwd} or above it`,
      'npx create-mcp-gateway my-gateway    # or cd into the project folder',
    );
  },
};
