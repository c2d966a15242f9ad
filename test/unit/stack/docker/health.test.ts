import { describe, expect, test } from 'vitest';
import type { Container } from '../../../../src/stack/docker/container.ts';
import { judge, settle, type Watch } from '../../../../src/stack/docker/health.ts';
import { container } from './helpers.ts';

describe('what a container says of itself', () => {
  test.each<[string, Partial<Container>, number, string]>([
    ['runs without a health check', {}, 0, 'ready'],
    ['is healthy', { health: 'healthy' }, 0, 'ready'],
    ['is starting', { health: 'starting' }, 0, 'waiting'],
    ['waits for what it depends on', { state: 'created' }, 0, 'waiting'],
    ['has done its work', { state: 'exited', exitCode: 0 }, 0, 'ready'],
    ['was stopped though it is meant to last', { state: 'exited', exitCode: 0, isLasting: true }, 0, 'failed'],
    ['was restarted before the wait began', { restarts: 2 }, 2, 'ready'],
    ['was restarted while it was waited for', { restarts: 3 }, 2, 'failed'],
    ['ended', { state: 'exited', exitCode: 1 }, 0, 'failed'],
    ['is restarting', { state: 'restarting', exitCode: 1 }, 0, 'failed'],
    ['fails its health check', { health: 'unhealthy' }, 0, 'failed'],
    ['could not be started', { state: 'created', error: 'no such file' }, 0, 'failed'],
  ])('%s', (_what, fields, before, kind) => {
    expect(judge(container(fields), before).kind).toBe(kind);
  });

  test('tells how it ended', () => {
    expect(judge(container({ state: 'exited', exitCode: 137 }), 0).text).toBe('ended with exit code 137 (signal 9)');
    expect(judge(container({ state: 'exited', exitCode: 137, outOfMemory: true }), 0).text).toContain('memory limit');
    expect(judge(container({ state: 'exited', exitCode: 127, error: 'no such file' }), 0).text).toBe(
      'could not be started: no such file',
    );
  });
});

const watch = (change: Partial<Watch>): Watch => ({
  services: ['pomerium'],
  look: async () => [container()],
  probe: async () => undefined,
  isPassing: () => false,
  before: new Map(),
  suspect: async () => undefined,
  report: () => undefined,
  signal: new AbortController().signal,
  ...change,
});

async function oneStartingOneEnded(): Promise<Container[]> {
  return [container({ service: 'a', health: 'starting' }), container({ service: 'b', state: 'exited', exitCode: 3 })];
}

describe('waiting', () => {
  test('ends when every probe is content', async () => {
    const answers = ['refused', 'refused', undefined];
    const told: string[] = [];
    const probe: Watch['probe'] = async () => {
      const fault = answers.shift();
      return fault === undefined ? { kind: 'ready', text: 'up' } : { kind: 'waiting', text: fault };
    };
    const report: Watch['report'] = ({ state, text }) => void told.push(`${state} ${text}`);
    expect(await settle(watch({ probe, report }))).toBeUndefined();
    expect(told).toEqual(['working ', 'working refused', 'working refused', 'ready up']);
  });

  test('ends with the first service that fails, though others are still on their way', async () => {
    expect(await settle(watch({ services: ['a', 'b'], look: oneStartingOneEnded }))).toMatchObject({
      service: 'b',
      text: 'ended with exit code 3',
    });
  });

  test('a container that is being replaced fails nothing', async () => {
    const seen = [container({ id: 'old', state: 'exited', exitCode: 1 }), container({ id: 'new' })];
    const look = async (): Promise<Container[]> => seen.splice(0, 1);
    expect(await settle(watch({ look, isPassing: ({ id }) => id === 'old' }))).toBeUndefined();
  });

  test('ends by its signal', async () => {
    const abort = new AbortController();
    const look = async (): Promise<Container[]> => {
      abort.abort(new Error('late'));
      return [];
    };
    await expect(settle(watch({ look, signal: abort.signal }))).rejects.toThrow('late');
  });
});
