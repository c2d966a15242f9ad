import { expect, test } from 'vitest';
import { checkFaults } from '../../src/commands/gateway-faults.ts';

test('faults are taken by name, one of them with milliseconds', () => {
  expect(checkFaults(['503', 'slow-token=200', 'slow-token'])).toEqual(['503', 'slow-token=200', 'slow-token']);
});

test.each([
  ['expird-token', 'mcpgw gateway --fault expired-token'],
  ['zzzzzzzzzz', 'mcpgw gateway --fault expired-token'],
  ['503=1', 'mcpgw gateway --fault 503'],
  ['slow-token=soon', 'mcpgw gateway --fault slow-token=200'],
])('%s is refused with one that would do', (fault, fix) => {
  expect(() => checkFaults([fault])).toThrow(expect.objectContaining({ code: 'USAGE', exit: 2, fix }) as Error);
});
