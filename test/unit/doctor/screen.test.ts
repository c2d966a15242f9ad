import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { DoctorResult } from '../../../src/commands/doctor.ts';
import { failure, ok, skipped, warning, type CheckReport, type Finding } from '../../../src/doctor/check.ts';
import { CHECKS } from '../../../src/doctor/checks/index.ts';
import { styleFor } from '../../../src/ui/colour.ts';
import { doctorScreen } from '../../../src/ui/screens/doctor.ts';
import type { Style } from '../../../src/ui/style.ts';
import { widthOf as columnsOf } from '../../../src/ui/table.ts';
import { testContext } from '../../helpers/context.ts';
import { checkOf } from './world.ts';

function style(columns: number, colour = false): Style {
  return styleFor(testContext().stdout, {
    COLUMNS: String(columns),
    ...(colour ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
  });
}

const FINDINGS: Record<string, Finding> = {
  'FIL-03': failure(
    'pomerium-config.yaml:95:1 unknown key `routs`; did you mean `routes`? (and 1 more: mcpgw doctor -v)',
    'edit pomerium-config.yaml at line 95',
    ['  94 |', '> 95 | routs: []', '     | ^'],
  ),
  'SEC-03': warning(
    'git keeps .env: whoever has the repository has the secrets',
    'git -C . rm -r --cached .env\n# then make new secrets: the old ones stay in the history',
    ['.env'],
  ),
  'GTW-01': skipped('needs FIL-03, which failed'),
};

function resultOf(ids: readonly string[], changes: Partial<DoctorResult> = {}): DoctorResult {
  const checks = ids.map((id): CheckReport => {
    const { area, title } = checkOf(id);
    return { id, area, title, finding: FINDINGS[id] ?? ok(`${id} is well`), took: 1 };
  });
  const count = (kind: string): number => checks.filter(({ finding }) => finding.kind === kind).length;
  const summary = {
    passed: count('ok'),
    warnings: count('warning'),
    failed: count('failure'),
    skipped: count('skipped'),
  };
  return { checks, summary, took: 1_234, strict: false, listed: false, verbose: false, ...changes };
}

const SOME = ['MAC-01', 'FIL-01', 'FIL-03', 'SEC-03', 'GTW-01'];

function widthOf(screen: string): number {
  return Math.max(...screen.split('\n').map((line) => columnsOf(line)));
}

describe('doctor’s screen', () => {
  test('shows what is wrong, each with its fix', () => {
    expect(doctorScreen(resultOf(SOME), style(80))).toMatchInlineSnapshot(`
      "Machine ✓ 1   Files ✓ 1 ✗ 1   Secrets ! 1   Gateway - 1
      ✗ FIL-03  pomerium-config.yaml:95:1 unknown key \`routs\`; did you mean \`routes\`?
                (and 1 more: mcpgw doctor -v)
                → edit pomerium-config.yaml at line 95
      ! SEC-03  git keeps .env: whoever has the repository has the secrets
                → git -C . rm -r --cached .env
                  # then make new secrets: the old ones stay in the history
      5 checks in 1.2 s: 2 passed, 1 warning, 1 failed, 1 skipped.
      Details: mcpgw doctor -v
      "
    `);
  });

  test('with -v shows every check and what was seen', () => {
    expect(doctorScreen(resultOf(SOME, { verbose: true }), style(80))).toMatchInlineSnapshot(`
      "Machine ✓ 1   Files ✓ 1 ✗ 1   Secrets ! 1   Gateway - 1
      ✓ MAC-01  Node version: MAC-01 is well
      ✓ FIL-01  project folder: FIL-01 is well
      ✗ FIL-03  the configuration is one that Pomerium takes:
                pomerium-config.yaml:95:1 unknown key \`routs\`; did you mean \`routes\`?
                (and 1 more: mcpgw doctor -v)
                → edit pomerium-config.yaml at line 95
                  94 |
                > 95 | routs: []
                     | ^
      ! SEC-03  secrets stay out of git: git keeps .env: whoever has the repository
                has the secrets
                → git -C . rm -r --cached .env
                  # then make new secrets: the old ones stay in the history
                .env
      - GTW-01  the gateway answers with a trusted certificate: needs FIL-03, which
                failed
      5 checks in 1.2 s: 2 passed, 1 warning, 1 failed, 1 skipped.
      "
    `);
  });

  test('on 40 columns wraps all but what is to be pasted', () => {
    expect(doctorScreen(resultOf(SOME), style(40))).toMatchInlineSnapshot(`
      "Machine ✓ 1   Files ✓ 1 ✗ 1
      Secrets ! 1   Gateway - 1
      ✗ FIL-03  pomerium-config.yaml:95:1
                unknown key \`routs\`; did you
                mean \`routes\`? (and 1 more:
                mcpgw doctor -v)
                → edit pomerium-config.yaml at line 95
      ! SEC-03  git keeps .env: whoever has
                the repository has the secrets
                → git -C . rm -r --cached .env
                  # then make new secrets: the old ones stay in the history
      5 checks in 1.2 s: 2 passed, 1 warning,
      1 failed, 1 skipped.
      Details: mcpgw doctor -v
      "
    `);
  });

  test('colour changes nothing but the colour', () => {
    for (const columns of [40, 80]) {
      const plain = doctorScreen(resultOf(SOME, { verbose: true }), style(columns));
      const coloured = doctorScreen(resultOf(SOME, { verbose: true }), style(columns, true));
      expect(coloured).not.toBe(plain);
      expect(stripVTControlCharacters(coloured)).toBe(plain);
    }
  });

  test('when all is well is two lines', () => {
    expect(doctorScreen(resultOf(['MAC-01', 'MAC-02']), style(80))).toMatchInlineSnapshot(`
      "Machine ✓ 2
      2 checks in 1.2 s: 2 passed. Details: mcpgw doctor -v
      "
    `);
    expect(doctorScreen(resultOf(['MAC-01']), style(80))).toContain('1 check in 1.2 s: 1 passed.');
  });

  test('--list names every check in full: one line each on 80 columns, wrapped on 40', () => {
    const listed = resultOf(
      CHECKS.map(({ id }) => id),
      { listed: true },
    );
    const wide = doctorScreen(listed, style(80));
    expect(wide.trimEnd().split('\n')).toHaveLength(CHECKS.length);
    expect(widthOf(wide)).toBeLessThanOrEqual(80);
    for (const { title } of CHECKS) expect(wide).toContain(`   ${title}\n`);
    const narrow = doctorScreen(listed, style(40));
    expect(widthOf(narrow)).toBeLessThanOrEqual(40);
    expect(narrow).not.toContain('…');
    expect(narrow.split('\n').slice(0, 5).join('\n')).toMatchInlineSnapshot(`
      "MAC-01   machine        Node version
      MAC-02   machine        free disk space
      MAC-03   machine        folder for
                              tokens is
                              private"
    `);
  });

  test('every line fits its terminal, long texts too', () => {
    const long = resultOf(SOME, { verbose: true });
    for (const check of long.checks) check.finding = ok('word '.repeat(60).trim(), ['more '.repeat(60).trim()]);
    for (const columns of [40, 80, 120])
      expect(widthOf(doctorScreen(long, style(columns)))).toBeLessThanOrEqual(columns);
  });
});
