import { expect, test } from 'vitest';
import { CliError, EXIT } from '../../src/errors.ts';

test('an error without an exit code of its own counts as failed', () => {
  expect(new CliError({ code: 'X', message: 'm', fix: 'f' }).exit).toBe(EXIT.failed);
});
