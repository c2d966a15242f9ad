import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { rulesDocument } from '../../../src/lint/document.ts';
import { createSubject, lint, mendText, PROBLEM_TEXTS, RULES, type LintFinding } from '../../../src/lint/index.ts';
import { BROKEN, HEALTHY_COMPOSE, HEALTHY_CONFIG, type Broken } from './corpus.ts';

const ROOT = join(import.meta.dirname, '../../..');

function lintOf({ config, compose, release = 'v0.33.1', gone = [] }: Broken, text?: string): LintFinding[] {
  return lint(
    createSubject({
      config: { file: 'pomerium-config.yaml', text: text ?? (config ?? String)(HEALTHY_CONFIG) },
      compose: { file: 'compose.yaml', text: (compose ?? String)(HEALTHY_COMPOSE), folder: '/project' },
      variables: { ID: 'gateway' },
      exists: (path) => !gone.includes(path),
      release,
    }),
  );
}

describe('lint', () => {
  test('has nothing to say about a healthy project', () => expect(lintOf({})).toEqual([]));

  test('every rule has its fault in the corpus', () => {
    expect(RULES.map(({ id }) => id).toSorted()).toEqual(Object.keys(BROKEN).toSorted());
  });

  test.each(Object.entries(BROKEN))('names exactly %s', (id, broken) => {
    const found = lintOf(broken);
    expect(
      [...new Set(found.map(({ rule }) => rule))].filter((rule) => !broken.along?.includes(rule) || rule === id),
    ).toEqual([id]);
    for (const { fix, message } of found) {
      expect(fix).toBeTruthy();
      expect(message).toBeTruthy();
    }
  });

  test.each(Object.entries(BROKEN))('what can be mended of %s is gone after it', (_id, broken) => {
    const text = (broken.config ?? String)(HEALTHY_CONFIG);
    const findings = lintOf(broken).filter(({ mendable }) => mendable);
    const { text: mended, left } = mendText(text, findings);
    expect(left).toEqual([]);
    const rest = lintOf(broken, mended);
    expect(rest.filter(({ rule }) => findings.some((one) => one.rule === rule))).toEqual([]);
  });

  test('the text of Pomerium stands beside what it refuses to start with', () => {
    const [finding] = lintOf({ config: (text) => text.replace('mcp: {server: {}}', 'mcp: {}') });
    expect(finding).toMatchObject({
      rule: 'MCP_NEITHER',
      severity: 'error',
      position: { line: 14 },
      pomerium: expect.stringContaining('mcp must have either server or client set') as unknown,
    });
  });

  test('a rule of one release is silent for the others', () => {
    const broken = {
      config: (text: string) =>
        text.replace(
          'server: {}',
          'server: {upstream_oauth2: {client_id: x, endpoint: {auth_url: https://a.test/a, token_url: https://a.test/t, auth_style: header}}}',
        ),
    };
    expect(lintOf(broken).map(({ rule }) => rule)).toContain('NO_EFFECT');
    expect(lintOf({ ...broken, release: 'v0.32.3' }).map(({ rule }) => rule)).not.toContain('NO_EFFECT');
  });
});

describe('docs/rules.md', () => {
  test('is what the rules say', () => {
    expect(readFileSync(join(ROOT, 'docs/rules.md'), 'utf8')).toBe(rulesDocument());
  });

  test('explains every problem that the reader of the configuration knows', () => {
    const folder = join(ROOT, 'src/pomerium');
    const sources = ['parse.ts', 'report.ts'].concat(
      ['checks', 'read', 'schema'].flatMap((name) => filesIn(join(folder, name)).map((file) => `${name}/${file}`)),
    );
    const codes = sources.flatMap((file) =>
      [...readFileSync(join(folder, file), 'utf8').matchAll(/code: '([A-Z_0-9]+)'/g)].map((match) => match[1] ?? ''),
    );
    expect(new Set(codes).size).toBeGreaterThan(40);
    const texts = { ...PROBLEM_TEXTS };
    expect([...new Set(codes)].filter((code) => !(code in texts))).toEqual([]);
  });
});

function filesIn(folder: string): string[] {
  return readdirSync(folder).filter((file) => file.endsWith('.ts'));
}
