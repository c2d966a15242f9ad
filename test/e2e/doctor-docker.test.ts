import { expect, test } from 'vitest';
import { dockerProject } from '../helpers/docker-project.ts';

interface Result {
  checks: { id: string; finding: { kind: string } }[];
}

const badOf = ({ checks }: Result): unknown[] =>
  checks.filter(({ finding }) => ['warning', 'failure'].includes(finding.kind));

test('doctor finds nothing wrong with a healthy project on Docker, and names a password that does not fit', async ({
  skip,
}) => {
  const project = await dockerProject(skip, 'doctor');
  await project.json(0, 'up');
  // Twice: its own calls must not be taken for faults of the log.
  for (let i = 0; i < 2; i += 1)
    expect(badOf((await project.json(0, 'doctor', '--no-acme')) as unknown as Result)).toEqual([]);
  await project.edit('.env', (text) => text.replace(/^POSTGRES_PASSWORD=.*$/m, 'POSTGRES_PASSWORD=another-one-now'));
  const spoilt = (await project.json(3, 'doctor', '--only', 'DKR-12')) as unknown as Result;
  expect(spoilt.checks.find(({ id }) => id === 'DKR-12')?.finding).toMatchObject({ kind: 'failure' });
});
