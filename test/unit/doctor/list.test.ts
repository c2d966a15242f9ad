import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { AREAS } from '../../../src/doctor/check.ts';
import { checksTable } from '../../../src/doctor/document.ts';
import { CHECKS } from '../../../src/doctor/checks/index.ts';
import { ROOT } from '../../helpers/program.ts';

const ids = CHECKS.map(({ id }) => id);

describe('the list of checks', () => {
  test('every id is there once and has the form of one', () => {
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    expect(ids.filter((id) => !/^[A-Z]{2,3}-\d\d$/.test(id))).toEqual([]);
  });

  test('every file of the folder is listed', () => {
    const folder = join(ROOT, 'src/doctor/checks');
    const files = readdirSync(folder).filter((file) => file !== 'index.ts');
    const index = readFileSync(join(folder, 'index.ts'), 'utf8');
    expect(files.filter((file) => !index.includes(`from './${file}'`))).toEqual([]);
    expect(CHECKS.length).toBeGreaterThanOrEqual(80);
  });

  test('a check needs only what stands above it, so no need is unknown and none goes in a circle', () => {
    const wrong = CHECKS.flatMap(({ id, needs = [] }, i) =>
      needs.filter((need) => !ids.slice(0, i).includes(need)).map((need) => `${id} needs ${need}`),
    );
    expect(wrong).toEqual([]);
  });

  test('every area has a check, and areas stand together in their order', () => {
    expect([...new Set(CHECKS.map(({ area }) => area))]).toEqual([...AREAS]);
  });

  test('titles fit the list on 80 columns', () => {
    expect(CHECKS.map(({ title }) => title).filter((title) => title.length > 56)).toEqual([]);
  });

  test('docs/doctor.md has them all: node scripts/doctor-doc.ts', () => {
    expect(readFileSync(join(ROOT, 'docs/doctor.md'), 'utf8')).toContain(checksTable());
  });
});
