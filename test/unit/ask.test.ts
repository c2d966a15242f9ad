import { describe, expect, test } from 'vitest';
import { ask, type Question } from '../../src/ask.ts';
import { testContext } from '../helpers/context.ts';

const DOMAIN: Question = {
  name: 'domain',
  flag: '--domain <name>',
  env: 'MCPGW_DOMAIN',
  question: 'Domain?',
  kind: 'input',
};
const PORT: Question = {
  name: 'port',
  flag: '--port <number>',
  env: 'MCPGW_PORT',
  question: 'Port?',
  kind: 'input',
  default: '8443',
  validate: (value) => /^\d+$/.test(value) || `\`${value}\` is no port`,
};
const SERVERS: Question = {
  name: 'servers',
  flag: '--servers <list>',
  env: 'MCPGW_SERVERS',
  question: 'Servers?',
  kind: 'checkbox',
  choices: [
    { value: 'whoami', name: 'whoami' },
    { value: 'sqlite', name: 'sqlite' },
  ],
  default: ['whoami'],
};

describe('ask', () => {
  test('takes flag before environment before saved answer before default', async () => {
    const ctx = testContext({ env: { MCPGW_PORT: '2' } });
    expect(await ask(ctx, [PORT], { port: '1' }, { port: '3' })).toEqual({ port: '1' });
    expect(await ask(ctx, [PORT], {}, { port: '3' })).toEqual({ port: '2' });
    expect(await ask(testContext(), [PORT], {}, { port: '3' })).toEqual({ port: '3' });
    expect(await ask(testContext(), [PORT], {})).toEqual({ port: '8443' });
  });

  test('lists every missing flag at once when there is no terminal', async () => {
    const other = { ...DOMAIN, name: 'folder', flag: '<folder>', env: 'MCPGW_FOLDER' };
    await expect(ask(testContext(), [other, DOMAIN, PORT], {}, {}, { command: 'mcpgw create' })).rejects.toMatchObject({
      code: 'USAGE',
      exit: 2,
      message: '2 values are missing: <folder>, --domain <name>',
      fix: 'mcpgw create <folder> --domain <name>',
    });
  });

  test('the line to paste keeps what was given', async () => {
    const other = { ...DOMAIN, name: 'folder', flag: '<folder>', env: 'MCPGW_FOLDER' };
    const given = { folder: 'my gateway', servers: ['whoami', 'sqlite'] };
    const questions = [other, DOMAIN, PORT, SERVERS];
    await expect(ask(testContext(), questions, given, {}, { command: 'mcpgw create' })).rejects.toMatchObject({
      fix: "mcpgw create 'my gateway' --servers whoami,sqlite --domain <name>",
    });
    const wrong = { ...given, domain: 'example.org', port: 'x' };
    await expect(ask(testContext(), questions, wrong, {}, { command: 'mcpgw create' })).rejects.toMatchObject({
      message: '--port <number>: `x` is no port',
      fix: "mcpgw create 'my gateway' --domain example.org --servers whoami,sqlite --port 8443",
    });
  });

  test('prompts in a terminal, but not for what is known and not with --yes', async () => {
    const ctx = testContext({ interactive: true, answers: ['example.org'] });
    expect(await ask(ctx, [DOMAIN, PORT], { port: '1' })).toEqual({ domain: 'example.org', port: '1' });
    const silent = testContext({ interactive: true });
    expect(await ask(silent, [PORT, SERVERS], {}, {}, { yes: true })).toEqual({ port: '8443', servers: ['whoami'] });
  });

  test('refuses a wrong value and names where it came from', async () => {
    await expect(ask(testContext({ env: { MCPGW_PORT: 'x' } }), [PORT], {})).rejects.toThrow(
      'MCPGW_PORT: `x` is no port',
    );
    await expect(ask(testContext(), [SERVERS], { servers: 'whoami,nope' })).rejects.toThrow(
      '--servers <list>: `nope` is not one of whoami, sqlite',
    );
  });

  test('splits a list at commas wherever it comes from', async () => {
    expect(await ask(testContext({ env: { MCPGW_SERVERS: 'whoami, sqlite' } }), [SERVERS], {})).toEqual({
      servers: ['whoami', 'sqlite'],
    });
  });
});
