import { expect, test } from 'vitest';
import { createTokenStore } from '../../../src/oauth/index.ts';

test('a state folder that cannot be made is told with another place to keep tokens', async ({ skip }) => {
  skip(process.platform !== 'linux', 'a folder that even root cannot write is known on Linux only: /sys');
  const store = createTokenStore({ folder: '/sys/mcpgw', note: () => undefined });
  await expect(store.lockFile('https://mcp.example.com', '')).rejects.toMatchObject({
    code: expect.stringMatching(/^(NO_PERMISSION|READ_ONLY)$/) as unknown,
    message: 'tokens cannot be kept in /sys/mcpgw/tokens',
    fix: expect.stringMatching(/^export MCPGW_STATE_DIR=/) as unknown,
  });
});
