import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { launchBrowser, openWindow, publicKeyDigest } from '../helpers/browser.ts';
import { dockerProject } from '../helpers/docker-project.ts';

/** The service as a user would write it by hand; `mcpgw up` adds the route's host to the gateway's aliases. */
const SERVICE = (port: number, image: string): string => `
  app:
    image: ${image}
    command: [app]
    environment:
      APP_URL: https://app.localhost:${port}
      HOST: 0.0.0.0
      NODE_EXTRA_CA_CERTS: /certs/ca.pem
    volumes:
      - type: bind
        source: ./.mcpgw/certs/ca.pem
        target: /certs/ca.pem
        read_only: true

volumes:`;

const ROUTE = (port: number): string => `
  - name: app
    from: https://app.localhost:${port}
    to: http://app:8090
    pass_identity_headers: true
    mcp: {client: {}}
    policy: [{allow: {or: [{authenticated_user: true}]}}]
`;

test('the demo application runs in a container, and reaches the gateway under its public name', async ({ skip }) => {
  const probe = await launchBrowser();
  await probe.browser?.close();
  if (probe.reason) skip(probe.reason);
  const project = await dockerProject(skip, 'app');
  await project.edit('pomerium-config.yaml', (text) => text + ROUTE(project.port));
  await project.edit('docker-compose.yaml', (text) =>
    text
      .replace('\nvolumes:', () => SERVICE(project.port, /image: (.*mcpgw:.*)$/m.exec(text)?.[1] ?? ''))
      .replace(/^( +)- authenticate\.localhost$/m, '$&\n$1- app.localhost'),
  );
  const up = await project.run('up');
  expect(up.code, up.stderr).toBe(0);
  const digest = publicKeyDigest(await readFile(join(project.folder, '.mcpgw/certs/gateway.crt'), 'utf8'));
  const { browser } = await launchBrowser({ hosts: { '*.localhost': '127.0.0.1' }, trustedKeys: [digest] });
  onTestFinished(async () => browser?.close());
  if (!browser) throw new Error('no browser');
  const page = await (await openWindow(browser)).newPage();
  await page.goto(`https://app.localhost:${project.port}/`);
  await page.getByRole('button', { name: /Max Member/ }).click();
  await page.waitForURL(`https://app.localhost:${project.port}/`);
  const text = await page.innerText('main');
  expect(text).toContain('You are Max Member');
  expect(text).toMatch(/whoami.*✓ 1 tool/s);
});
