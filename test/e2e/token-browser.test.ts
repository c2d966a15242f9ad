import { spawn } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, describe, expect, onTestFinished, test } from 'vitest';
import { launchBrowser, openWindow, publicKeyDigest } from '../helpers/browser.ts';
import { freePorts, mcpgw, PROGRAM, temporaryFolder, type Ran } from '../helpers/program.ts';

interface SignIn {
  /** The URL that the program hands to the browser. */
  url: Promise<string>;
  done: Promise<Ran>;
  stop(): void;
}

/** `mcpgw token` with a browser that only writes down what it is asked to open, as a person's own would open it. */
async function startToken(project: string, env: Record<string, string>): Promise<SignIn> {
  const browser = join(project, '../browser');
  await writeFile(browser, '#!/bin/sh\nprintf %s "$1" > "$0.url"\n', { mode: 0o755 });
  await writeFile(`${browser}.url`, '');
  const child = spawn(process.execPath, [PROGRAM, 'token', 'whoami', '--timeout', '60'], {
    cwd: project,
    env: { ...process.env, ...env, BROWSER: browser },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const done = new Promise<Ran>((resolve) =>
    child.once('close', (code) => resolve({ code: code ?? -1, stdout, stderr })),
  );
  const opened = async (): Promise<string> => {
    for (;;) {
      const url = await readFile(`${browser}.url`, 'utf8');
      if (url.startsWith('http')) return url;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  return { url: opened(), done, stop: () => child.kill('SIGINT') };
}

async function startProject() {
  const home = await temporaryFolder('browser');
  const env = { MCPGW_STATE_DIR: join(home, 'state'), MCPGW_NO_UPDATE_NOTIFIER: '1', NO_COLOR: '1' };
  const [port, idpPort] = await freePorts(2);
  const project = join(home, 'gw');
  const created = await mcpgw(
    [
      'create',
      'gw',
      '--yes',
      '--engine',
      'embedded',
      '--domain',
      'localhost',
      '--port',
      String(port),
      '--idp-port',
      String(idpPort),
    ],
    { cwd: home, env },
  );
  expect(created.code, created.stderr).toBe(0);
  onTestFinished(async () => void (await mcpgw(['down'], { cwd: project, env })));
  const started = await mcpgw(['up'], { cwd: project, env });
  expect(started.code, started.stderr).toBe(0);
  const digest = publicKeyDigest(await readFile(join(project, '.mcpgw/certs/gateway.crt'), 'utf8'));
  return { project, env, port, digest };
}

const probe = await launchBrowser();
await probe.browser?.close();

describe.skipIf(probe.reason)(`token in Chromium${probe.reason ? ` (skipped: ${probe.reason})` : ''}`, () => {
  const browsers: Browser[] = [];
  afterAll(async () => {
    for (const browser of browsers) await browser.close();
  });

  async function openPage(digest: string, url: string): Promise<Page> {
    const { browser } = await launchBrowser({ hosts: { '*.localhost': '127.0.0.1' }, trustedKeys: [digest] });
    if (!browser) throw new Error('no browser');
    browsers.push(browser);
    const page = await (await openWindow(browser)).newPage();
    await page.goto(url);
    return page;
  }

  test('a person signs in by a click, and the program prints a token that the server takes', async () => {
    const { project, env, digest } = await startProject();
    const signIn = await startToken(project, env);
    const page = await openPage(digest, await signIn.url);
    expect(await page.title()).toContain('Sign in');
    await page.getByRole('button', { name: /Max Member/ }).click();
    await page.waitForURL(/^http:\/\/127\.0\.0\.1:\d+\//);
    expect(await page.textContent('body')).toMatch(/close this/i);

    const ran = await signIn.done;
    expect(ran.code, ran.stderr).toBe(0);
    expect(ran.stdout).toMatch(/^\S{20,}\n$/);
    const called = await mcpgw(['call', 'whoami', 'whoami'], { cwd: project, env });
    expect(called.stdout).toContain('member@example.com');
  });

  test('whom the policy refuses is told so, and gets no token', async () => {
    const { project, env, digest } = await startProject();
    const file = join(project, 'pomerium-config.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replaceAll('- authenticated_user: true', '- email: {is: admin@example.com}'));
    expect((await mcpgw(['up'], { cwd: project, env })).code).toBe(0);

    const signIn = await startToken(project, env);
    const page = await openPage(digest, await signIn.url);
    await page.getByRole('button', { name: /Gil Guest/ }).click();
    const ran = await signIn.done;
    expect(ran).toMatchObject({ code: 4, stdout: '' });
    expect(ran.stderr).toMatch(/POLICY_DENIED/);
    expect(ran.stderr).toMatch(/request [0-9a-f-]{36} in the gateway/);
  });

  test('a person who never signs in is not waited for after Ctrl+C', async () => {
    const { project, env } = await startProject();
    const signIn = await startToken(project, env);
    await signIn.url;
    signIn.stop();
    expect(await signIn.done).toMatchObject({ code: 130, stdout: '' });
  });
});
