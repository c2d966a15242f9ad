import { describe, expect, test } from 'vitest';
import { showProgress } from '../../../src/stack/show-progress.ts';
import { testContext } from '../../helpers/context.ts';

describe('progress of parts that start side by side', () => {
  test('is told in the order in which they were begun', () => {
    const ctx = testContext();
    const view = showProgress(ctx.progress);
    view.report({ part: 'certificate', state: 'working', text: '' });
    view.report({ part: 'gateway', state: 'working', text: '' });
    view.report({ part: 'mine', state: 'ready', text: 'port 1' });
    expect(ctx.steps).toEqual([]);
    view.report({ part: 'certificate', state: 'ready', text: '*.localhost' });
    expect(ctx.steps).toEqual(['certificate: ✓ *.localhost']);
    view.report({ part: 'gateway', state: 'ready', text: 'up' });
    view.report({ part: 'gateway', state: 'ready', text: 'up again' });
    expect(ctx.steps.slice(1)).toEqual(['gateway: ✓ up', 'mine: ✓ port 1']);
  });

  test('tells failures and what was still running when the waiting ended', () => {
    const ctx = testContext();
    const view = showProgress(ctx.progress);
    view.report({ part: 'gateway', state: 'working', text: '' });
    view.abandon('not ready');
    expect(ctx.steps).toEqual(['gateway: ✗ not ready']);

    const other = testContext();
    const failing = showProgress(other.progress);
    failing.report({ part: 'gateway', state: 'working', text: '' });
    failing.report({ part: 'idp', state: 'working', text: '' });
    failing.report({ part: 'gateway', state: 'failed', text: 'not started' });
    failing.abandon('not ready');
    expect(other.steps).toEqual(['gateway: ✗ not started']);
  });
});
