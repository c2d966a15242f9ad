import { createHash, randomBytes } from 'node:crypto';
import { mkdtempSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startIdp, type DevUsers, type Idp } from '../../src/idp/index.ts';
import { launchBrowser, openWindow } from '../helpers/browser.ts';
import { MEASURE_CONTRAST } from '../helpers/contrast.ts';
import { freePorts } from '../helpers/program.ts';

const LONG = 'Maximiliane-Wilhelmine von und zu Hohenschwangau-Oberlichtenstein-Großkirchen';
const USERS: DevUsers = {
  admin: { email: 'admin@example.com', name: 'Ada Admin', groups: ['staff', 'admins'] },
  member: { email: 'member@example.com', name: 'Max Member', groups: ['staff'] },
  guest: { email: 'guest@elsewhere.test', name: 'Gus Guest', groups: [] },
  long: {
    email: `${'x'.repeat(60)}@example.com`,
    name: LONG,
    groups: Array.from({ length: 12 }, (_, i) => `department-${i}`),
  },
  hostile: { email: 'evil@example.com', name: '<script>document.title="owned"</script>', groups: ['<b>bold</b>'] },
};
const SECRET = 'secret';

const launched = await launchBrowser();
const shots = mkdtempSync(join(tmpdir(), 'mcpgw-sign-in-'));

describe.skipIf(launched.reason)(
  `the sign-in page in Chromium${launched.reason ? ` (skipped: ${launched.reason})` : ''}`,
  () => {
    let idp: Idp;
    let application: Server;
    let issuer: string;
    let callback: string;

    beforeAll(async () => {
      application = createServer(
        (_request, response) => void response.end('<!DOCTYPE html><title>The application</title>'),
      ).listen(0, '127.0.0.1');
      const [[port = 0]] = await Promise.all([
        freePorts(1),
        new Promise((resolve) => application.once('listening', resolve)),
      ]);
      issuer = `http://idp.localhost:${port}`;
      callback = `http://127.0.0.1:${(application.address() as AddressInfo).port}/callback`;
      const client = { id: 'mcpgw', secret: SECRET, redirectUris: [callback] };
      idp = await startIdp({
        issuer,
        listen: { host: '127.0.0.1', port },
        stateFile: ':memory:',
        users: USERS,
        client,
        log: () => undefined,
      });
    });

    afterAll(async () => {
      await launched.browser?.close();
      await idp.close();
      application.close();
    });

    /** Sends a fresh window to the provider; `redeem` ends the flow and answers the claims of the ID token. */
    async function openSignIn(options: BrowserContextOptions = {}, query: Record<string, string> = {}) {
      const window = await openWindow(launched.browser as Browser, options);
      const page = await window.newPage();
      const problems: string[] = [];
      page.on('console', (message) => problems.push(message.text()));
      const verifier = randomBytes(32).toString('base64url');
      const parameters = new URLSearchParams({
        client_id: 'mcpgw',
        response_type: 'code',
        redirect_uri: callback,
        scope: 'openid profile email groups offline_access',
        state: 'state',
        code_challenge: createHash('sha256').update(verifier).digest('base64url'),
        code_challenge_method: 'S256',
        ...query,
      });
      await page.goto(`${issuer}/authorize?${parameters.toString()}`);
      return { page, problems, window, redeem: async () => redeem(page, verifier) };
    }

    async function redeem(page: Page, verifier: string): Promise<Record<string, unknown>> {
      await page.waitForURL(`${callback}?*`);
      const code = new URL(page.url()).searchParams.get('code') ?? '';
      const at = `http://127.0.0.1:${idp.address.port}`;
      const body = new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: callback,
        code_verifier: verifier,
      });
      const headers = { authorization: `Basic ${btoa(`mcpgw:${SECRET}`)}` };
      const tokens = (await (await fetch(`${at}/token`, { method: 'POST', body, headers })).json()) as {
        id_token: string;
      };
      const keys = (await (await fetch(`${at}/jwks`)).json()) as JSONWebKeySet;
      return (await jwtVerify(tokens.id_token, createLocalJWKSet(keys), { issuer, audience: 'mcpgw' })).payload;
    }

    test('signs in by a click, without JavaScript', async () => {
      const { page, problems, redeem } = await openSignIn();
      expect(await page.title()).toBe('Sign in – development identity provider');
      await page.screenshot({ path: join(shots, 'light.png'), fullPage: true });
      await page.getByRole('button', { name: /Max Member.*member@example\.com.*Groups: staff/ }).click();
      expect(await redeem()).toMatchObject({
        sub: 'member',
        email: 'member@example.com',
        email_verified: true,
        groups: ['staff'],
      });
      expect(problems).toEqual([]);
    });

    test('signs in by the keyboard alone, with the focus in sight', async () => {
      const { page, redeem } = await openSignIn();
      for (const name of [/Ada Admin/, /Max Member/]) {
        await page.keyboard.press('Tab');
        const focused = page.locator(':focus-visible');
        expect(await focused.getAttribute('name')).toBe('user');
        expect(await focused.textContent()).toMatch(name);
      }
      await page.screenshot({ path: join(shots, 'keyboard.png'), fullPage: true });
      await page.keyboard.press('Enter');
      expect(await redeem()).toMatchObject({ sub: 'member' });
    });

    test('needs one key when the browser is known', async () => {
      const { window, page, redeem } = await openSignIn();
      await page.getByRole('button', { name: /Gus Guest/ }).click();
      await redeem();
      await page.goto(
        `${issuer}/authorize?client_id=mcpgw&response_type=code&scope=openid&redirect_uri=${encodeURIComponent(callback)}`,
      );
      // The focus comes by itself, a moment after the page.
      await page.locator(':focus').waitFor();
      await page.keyboard.press('Enter');
      await page.waitForURL(`${callback}?code=*`);
      await window.close();
    });

    test('shows hostile names as text, also where scripts run', async () => {
      const { page } = await openSignIn({ javaScriptEnabled: true });
      expect(await page.title()).toMatch(/^Sign in/);
      expect(await page.getByText('<script>document.title="owned"</script>').count()).toBe(1);
      expect(await page.getByText('<b>bold</b>').count()).toBe(1);
    });

    test.each([
      ['dark.png', { colorScheme: 'dark' as const }],
      ['phone.png', { viewport: { width: 360, height: 740 }, isMobile: true, hasTouch: true }],
      ['phone-dark.png', { viewport: { width: 360, height: 740 }, isMobile: true, colorScheme: 'dark' as const }],
      ['zoomed.png', { viewport: { width: 320, height: 256 } }],
    ])('fits: %s', async (name, options) => {
      const { page } = await openSignIn({ ...options, javaScriptEnabled: true });
      await page.screenshot({ path: join(shots, name), fullPage: true });
      const wide = await page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');
      const background = String(await page.evaluate('getComputedStyle(document.body).backgroundColor'));
      expect(wide).toBe(0);
      const brightness = Number(/\d+/.exec(background)?.[0]);
      if ('colorScheme' in options) expect(brightness).toBeLessThan(64);
      else expect(brightness).toBeGreaterThan(192);
      await page.getByRole('button', { name: /Ada Admin/ }).click();
      await page.waitForURL(`${callback}?code=*`);
    });

    test('keeps enough contrast in both schemes', async () => {
      for (const colorScheme of ['light', 'dark'] as const) {
        const { page } = await openSignIn({ colorScheme, javaScriptEnabled: true });
        const ratios = await page.evaluate<{ text: string; ratio: number }[]>(MEASURE_CONTRAST);
        for (const { text, ratio } of ratios) expect(ratio, `${colorScheme}: ${text}`).toBeGreaterThanOrEqual(4.5);
        expect(ratios.length).toBeGreaterThan(10);
      }
    });

    test('tells errors in the same dress, with a way back', async () => {
      const { page } = await openSignIn({ colorScheme: 'dark' }, { redirect_uri: 'https://elsewhere.test/callback' });
      await page.screenshot({ path: join(shots, 'error.png'), fullPage: true });
      expect(await page.getByRole('heading').textContent()).toBe('The redirect URI is not registered');
      await page.getByRole('link', { name: /^Back to 127\.0\.0\.1/ }).click();
      expect(await page.title()).toBe('The application');
    });

    test('asks before it signs somebody out without an ID token', async () => {
      const { page, redeem } = await openSignIn();
      await page.getByRole('button', { name: /Ada Admin/ }).click();
      await redeem();
      await page.goto(`${issuer}/sign-out`);
      await page.screenshot({ path: join(shots, 'sign-out.png'), fullPage: true });
      await page.getByRole('button', { name: 'Sign out' }).click();
      expect(await page.getByRole('heading').textContent()).toBe('Signed out');
    });
  },
);
