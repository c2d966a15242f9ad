import { expect, test } from 'vitest';
import { CliError } from '../../../src/errors.ts';
import { styleFor } from '../../../src/ui/colour.ts';
import { errorScreen } from '../../../src/ui/error-screen.ts';
import { testContext } from '../../helpers/context.ts';

test('a long reason is broken at blanks, and a code frame stays as it is', () => {
  const frame = `> 12 | ${'x '.repeat(45)}`;
  const why = `${'because of this '.repeat(8).trim()}\n${frame}`;
  const text = errorScreen(
    new CliError({ code: 'X', message: 'm', why, fix: 'f' }),
    styleFor(testContext().stdout, {}),
  );
  const lines = text.split('\n');
  expect(lines).toContain(`  ${frame}`);
  expect(lines.filter((line) => line.length > 80)).toEqual([`  ${frame}`]);
  expect(lines.filter((line) => line.includes('because')).length).toBe(2);
});
