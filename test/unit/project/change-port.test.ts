import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { changePort, loadProject, planPortChange, readTemplates } from '../../../src/project/index.ts';
import { generateSecrets, scaffoldFiles } from '../../../src/scaffold/index.ts';
import { LOCAL, temporaryProject } from './helpers.ts';

const secrets = generateSecrets();
const templates = await readTemplates();

function textsOf(port: number): Map<string, string> {
  const files = scaffoldFiles({ ...LOCAL, port }, secrets, templates);
  const moved = ['pomerium-config.yaml', 'README.md', 'docker-compose.yaml'];
  return new Map(files.filter((file) => moved.includes(file.path)).map((file) => [file.path, file.content]));
}

const settings = { domain: 'localhost', port: 8443, idp: { port: 9080 } };

describe('moving a project to another port', () => {
  test.each([9443, 443, 80, 65_535])('%i: the files are those that create would have written', (port) => {
    const { texts, lines } = planPortChange(textsOf(8443), settings, port);
    expect(Object.fromEntries(texts)).toEqual(Object.fromEntries(textsOf(port)));
    expect(lines.find((line) => line.after.startsWith('address:'))).toMatchObject({
      file: 'pomerium-config.yaml',
      before: 'address: ":8443"',
      after: `address: ":${port}"`,
    });
  });

  test('back from 443, where URLs name no port', () => {
    const { texts } = planPortChange(textsOf(443), { ...settings, port: 443 }, 8443);
    expect(Object.fromEntries(texts)).toEqual(Object.fromEntries(textsOf(8443)));
  });

  test('comments, quotes, order and everything that only looks alike stay', () => {
    const config = [
      "address:   ':8443'   # the port",
      'routes:',
      '- {to: "http://up:8443/x",   from: "https://a.localhost:8443"}',
      '- from: https://b.notlocalhost:8443',
      '  to: http://c.localhost:84430',
      '  description: 8443 is a number, https://a.localhost:8443/ is a URL',
      '',
    ].join('\n');
    const { texts } = planPortChange(new Map([['pomerium-config.yaml', config]]), settings, 9443);
    expect(texts.get('pomerium-config.yaml')).toBe(
      config
        .replace("':8443'", "':9443'")
        .replace('"https://a.localhost:8443"', '"https://a.localhost:9443"')
        .replace('https://a.localhost:8443/', 'https://a.localhost:9443/'),
    );
  });

  test('long form of published ports', () => {
    const compose =
      'services:\n  p:\n    ports:\n      - {target: 8443, published: 8443}\n      - 8443:8443/tcp\n      - 18443:8443\n';
    const { texts } = planPortChange(new Map([['docker-compose.yaml', compose]]), settings, 9443);
    expect(texts.get('docker-compose.yaml')).toBe(
      'services:\n  p:\n    ports:\n      - {target: 9443, published: 9443}\n      - 9443:9443/tcp\n      - 18443:8443\n',
    );
  });

  test('the same port changes nothing', () => {
    expect(planPortChange(textsOf(8443), settings, 8443)).toMatchObject({ texts: new Map(), lines: [] });
  });

  test.each([0, 65_536, 1.5, 9080])('refuses %d', (port) => {
    expect(() => planPortChange(textsOf(8443), settings, port)).toThrow(/port/);
  });

  test('on disk: the project loads with the new port, and secrets are untouched', async () => {
    const folder = await temporaryProject();
    const before = await loadProject(folder, {});
    await changePort(before, 9443);
    const after = await loadProject(folder, {});
    expect(after.settings.port).toBe(9443);
    expect(after.parsed.options?.routes.every((route) => route.from.endsWith('.localhost:9443'))).toBe(true);
    expect(after.secrets).toEqual(before.secrets);
    expect(await readFile(join(folder, 'README.md'), 'utf8')).not.toContain('8443');
  });
});
