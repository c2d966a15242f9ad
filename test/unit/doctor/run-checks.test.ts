import { describe, expect, test } from 'vitest';
import { failure, ok, skipped, warning, type Check } from '../../../src/doctor/check.ts';
import { runChecks } from '../../../src/doctor/run-checks.ts';
import { CliError } from '../../../src/errors.ts';
import { patientAt } from './world.ts';

const patient = patientAt('/');

function check(id: string, run: Check['run'], needs: string[] = []): Check {
  return { id, area: 'machine', title: id, needs, run };
}

function thrower(id: string, error: unknown): Check {
  return check(id, async () => {
    throw error;
  });
}

async function findings(checks: readonly Check[], limit?: number): Promise<unknown[]> {
  const { signal } = new AbortController();
  const reports = await runChecks(checks, patient, { signal, ...(limit === undefined ? {} : { limit }) });
  return reports.map((report) => report.finding);
}

describe('the run of the checks', () => {
  test('checks run side by side, and the reports keep the order of the list', async () => {
    const meeting = Promise.withResolvers<void>();
    const reports = await runChecks(
      [
        check('A-01', async () => {
          await meeting.promise;
          return ok('met');
        }),
        check('A-02', async () => {
          meeting.resolve();
          return ok('came');
        }),
      ],
      patient,
      { signal: new AbortController().signal },
    );
    expect(reports.map(({ id, finding }) => [id, finding])).toEqual([
      ['A-01', { kind: 'ok', text: 'met' }],
      ['A-02', { kind: 'ok', text: 'came' }],
    ]);
  });

  test('what is needed runs first, a warning does not stand in the way, and nothing runs twice', async () => {
    const ran: string[] = [];
    const note = (id: string, needs: string[]): Check =>
      check(id, async () => (ran.push(id), id === 'A-02' ? warning('w', 'f') : ok(id)), needs);
    await findings([note('A-03', ['A-01', 'A-02']), note('A-02', ['A-01']), note('A-01', [])]);
    expect(ran).toEqual(['A-01', 'A-02', 'A-03']);
  });

  test('a need that failed skips what comes after it, and names where it began', async () => {
    expect(
      await findings([
        check('A-01', async () => failure('bad', 'mend')),
        check('A-02', async () => ok('never'), ['A-01']),
        check('A-03', async () => ok('never'), ['A-02']),
        check('B-01', async () => skipped('not here')),
        check('B-02', async () => ok('never'), ['B-01']),
        check('B-03', async () => ok('never'), ['B-02']),
      ]),
    ).toMatchObject([
      { kind: 'failure' },
      skipped('needs A-01, which failed'),
      skipped('needs A-01, which failed'),
      skipped('not here'),
      skipped('needs B-01: not here'),
      skipped('needs B-01: not here'),
    ]);
  });

  test('a need that was left out does not stand in the way', async () => {
    expect(await findings([check('A-02', async () => ok('ran'), ['A-01'])])).toEqual([ok('ran')]);
  });

  test('a check that hangs fails by its limit and its signal is aborted', async () => {
    let aborted = false;
    const hanging = check('A-01', async (_, signal) => {
      signal.addEventListener('abort', () => (aborted = true));
      return new Promise<never>(() => undefined);
    });
    expect(await findings([hanging, check('A-02', async () => ok('fine'))], 20)).toEqual([
      failure('no answer within 0.02 s', 'mcpgw logs    # what the slow part says'),
      ok('fine'),
    ]);
    expect(aborted).toBe(true);
  });

  test('a check that hangs before it looks at its signal ends the same way', async () => {
    const late = check('A-01', async (_, signal) => {
      await new Promise((resolve) => setTimeout(resolve, 60));
      signal.throwIfAborted();
      return ok('late');
    });
    expect(await findings([late], 10)).toMatchObject([{ kind: 'failure', text: 'no answer within 0.01 s' }]);
  });

  test('what a check throws becomes its failure', async () => {
    const cli = new CliError({ code: 'X', message: 'wrong', why: 'since\nthen', fix: 'mend it' });
    const system = Object.assign(new Error('EACCES: permission denied'), {
      code: 'EACCES',
      path: import.meta.filename,
    });
    expect(
      await findings([
        thrower('A-01', cli),
        thrower('A-02', system),
        thrower('A-03', new TypeError('a bug')),
        thrower('A-04', 'text'),
      ]),
    ).toEqual([
      failure('wrong', 'mend it', ['since', 'then']),
      {
        kind: 'failure',
        text: `no permission for ${import.meta.filename}`,
        fix: expect.stringMatching(/^ls -ld /) as unknown,
      },
      failure('a bug', 'mcpgw logs    # may say more'),
      failure('text', 'mcpgw logs    # may say more'),
    ]);
  });

  test('a check that throws at once, without a promise, is no crash either', async () => {
    const sudden = check('A-01', () => {
      throw new Error('sudden');
    });
    expect(await findings([sudden])).toMatchObject([{ kind: 'failure', text: 'sudden' }]);
  });

  test('Ctrl+C ends the run at once, whatever hangs', async () => {
    const abort = new AbortController();
    const hanging = check('A-01', async () => {
      abort.abort(new Error('SIGINT'));
      return new Promise<never>(() => undefined);
    });
    const after = check('A-02', async () => ok('never'), ['A-01']);
    await expect(runChecks([hanging, after], patient, { signal: abort.signal })).rejects.toThrow('SIGINT');
  });

  test('a run that was stopped before it began runs nothing', async () => {
    let ran = false;
    const one = check('A-01', async () => ((ran = true), ok('ran')));
    await expect(runChecks([one], patient, { signal: AbortSignal.abort(new Error('SIGINT')) })).rejects.toThrow(
      'SIGINT',
    );
    expect(ran).toBe(false);
  });

  test('control characters that a server sent do not reach the terminal', async () => {
    const found = await findings([
      check('A-01', async () => failure('\u001b[2Jgone', 'mend', ['\u0007bell', 'x'.repeat(9_000)])),
      check('A-02', async () => skipped('\u001b]0;title\u0007')),
    ]);
    expect(found).toEqual([failure(' [2Jgone', 'mend', [' bell', 'x'.repeat(500)]), skipped(' ]0;title ')]);
  });
});
