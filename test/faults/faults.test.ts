import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { CHECKS } from '../../src/doctor/checks/index.ts';
import { CLIENTS } from '../../src/clients/index.ts';
import { PROBLEM_TEXTS, RULES } from '../../src/lint/index.ts';
import { ROOT } from '../helpers/program.ts';
import { diagnose } from './diagnose.ts';
import { faultsDocument } from './document.ts';
import type { Planting } from './fault.ts';
import { FAULTS } from './faults.ts';

type Live = Exclude<Planting, { in: 'test' }>;

const isLive = (one: Planting): one is Live => one.in !== 'test';

/** Rules, checks, codes of errors and clients: whatever can name a fault. */
const NAMES = new Set([
  ...RULES.map(({ id }) => id),
  ...Object.keys(PROBLEM_TEXTS),
  ...CHECKS.map(({ id }) => id),
  ...CLIENTS.map(({ id }) => id),
  ...[...read('docs/errors.md').matchAll(/^### ([A-Z_]+)$/gm)].map(([, code = '']) => code),
]);

describe('the corpus', () => {
  test('has every known fault, once and in order', () => {
    expect(FAULTS.map(({ number }) => number)).toEqual(Array.from({ length: 89 }, (_, i) => i + 1));
  });

  test('names nothing that does not exist', () => {
    const named = FAULTS.flatMap(({ planted }) =>
      planted.flatMap(({ finds = [], along = [] }) => [finds, along].flat()),
    );
    expect(named.filter((id) => !NAMES.has(id))).toEqual([]);
  });

  test('is what docs/faults.md says: node scripts/faults-doc.ts', () => {
    expect(read('docs/faults.md')).toBe(faultsDocument());
  });

  test.each(FAULTS.filter(({ planted }) => planted.length > 0))(
    'the fix of $number is one that a planting shows',
    (fault) => {
      const withOwn = fault.planted.filter((one) => one.fix === undefined);
      expect(withOwn.length).toBeGreaterThan(0);
    },
  );
});

const LIVE = FAULTS.flatMap((fault) =>
  fault.planted
    .filter(isLive)
    .map((planting, i) => ({ fault, planting, name: `${fault.number}.${i + 1} ${fault.symptom}` })),
);

describe('a fault that is planted', () => {
  test.each(LIVE.filter(({ planting }) => planting.finds !== undefined))('$name', async ({ fault, planting }) => {
    const complaints = await diagnose(planting);
    const { finds = '', along = [] } = planting;
    const others = complaints.filter(({ id }) => id !== finds && !along.includes(id));
    expect(others).toEqual([]);
    const named = complaints.filter(({ id }) => id === finds);
    expect(named).not.toEqual([]);
    expect(named.map(({ fix }) => fix).join('\n')).toContain(planting.fix ?? fault.fix);
  });
});

describe('what is no fault', () => {
  test.each(LIVE.filter(({ planting }) => planting.finds === undefined))('$name', async ({ planting }) => {
    expect(await diagnose(planting)).toEqual([]);
  });
});

// A project that runs and has none: test/cli/doctor.test.ts, `finds all well`.
describe('a healthy world', () => {
  test.each<[string, Live]>([
    ['files', { in: 'files' }],
    ['public gateway', { in: 'public world' }],
    ['project', { in: 'project', look: ['files', 'secrets', 'port', 'policy', 'REG-01', 'REG-03', 'CRT-01'] }],
    ['project on Docker', { in: 'project', engine: {}, look: ['docker', 'files', 'secrets'] }],
    ...CLIENTS.map(({ id }): [string, Live] => [id, { in: 'client', client: id, traits: {} }]),
  ])('%s yields none', async (_, planting) => {
    expect(await diagnose(planting)).toEqual([]);
  });
});

describe('a fault that another test plants', () => {
  const references = FAULTS.flatMap(({ number, planted }) =>
    planted.flatMap((one) => (one.in === 'test' ? [{ ...one, number }] : [])),
  );

  test.each(references)('$number: $title', ({ file, title }) => {
    expect(read(file)).toContain(`'${title}'`);
  });
});

function read(file: string): string {
  return readFileSync(join(ROOT, file), 'utf8');
}
