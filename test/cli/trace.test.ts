import { readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { exitOf, run, screen } from '../../src/commands/trace.ts';
import { styleFor } from '../../src/ui/colour.ts';
import { testContext } from '../helpers/context.ts';
import { json } from '../unit/oauth/world.ts';
import { startProject, type TestProject } from './project.ts';

let project: TestProject;
beforeEach(async () => void (project = await startProject()));
afterEach(async () => project.close());

const context = (): ReturnType<typeof testContext> =>
  testContext({ cwd: project.folder, env: { MCPGW_STATE_DIR: project.state } });

test('walks the whole conversation, keeps nothing of it, and shows no secret', async () => {
  const before = (await readdir(tmpdir())).filter((name) => name.startsWith('mcpgw-trace-'));
  const har = join(project.folder, 'trace.har');
  const ctx = context();
  const result = await run(ctx, { route: 'whoami', as: 'member', har });
  expect(exitOf(result)).toBe(0);
  const titles = result.steps.map(({ title }) => title);
  expect(titles[0]).toBe('asks without a token');
  expect(titles).toEqual(expect.arrayContaining(['registers this client', 'asks for a code', 'exchanges for a token']));
  expect(titles.at(-1)).toBe('calls with the token');
  expect(result.steps.filter(({ wrong }) => wrong !== undefined)).toEqual([]);
  const shown =
    screen({ ...result, verbose: true }, styleFor(ctx.stdout, { NO_COLOR: '1' })) + (await readFile(har, 'utf8'));
  expect(shown).toContain('"access_token":"…"');
  expect(shown).not.toMatch(/"(access|refresh)_token":"(?!…)/);
  expect(shown).not.toMatch(/Bearer (?!resource_metadata|…)\S/);
  expect((await readdir(tmpdir())).filter((name) => name.startsWith('mcpgw-trace-'))).toEqual(before);
  // A second walk registers anew.
  const again = await run(context(), { route: 'whoami', as: 'member' });
  expect(again.steps.map(({ title }) => title)).toContain('registers this client');
});

test('says where it stopped, and what was expected there', async () => {
  project.gateway.knobs.token = () => json(400, { error: 'invalid_grant', error_description: 'too late' });
  const result = await run(context(), { route: 'whoami', as: 'member' });
  expect(exitOf(result)).toBe(3);
  expect(result.error?.code).toMatch(/^[A-Z_]+$/);
  expect(result.steps.at(-1)).toMatchObject({
    title: 'exchanges for a token',
    rule: 'RFC 6749 §5.1',
    wrong: '400 invalid_grant: too late',
  });
});
