import { describe, expect, test } from 'vitest';
import { CLIENTS, predict, type GatewayTraits, type McpClient } from '../../../src/clients/index.ts';

const PUBLIC: GatewayTraits = {
  server: new URL('https://mcp.corp.test/'),
  isLocal: false,
  hasPrivateAuthority: false,
  registers: true,
  takesDocuments: true,
  takesDocumentsOf: () => true,
  resource: 'https://mcp.corp.test',
  ignoresLoopbackPort: true,
  takesKeyJwt: false,
};

function client(id: string): McpClient {
  const found = CLIENTS.find((one) => one.id === id);
  if (!found) throw new Error(`no client ${id}`);
  return found;
}

const none = (): boolean => false;
const claudeAlone = (host: string): boolean => host === 'claude.ai';

/** Names of those that fail, with the reason. */
function failing(traits: Partial<GatewayTraits>): Record<string, string> {
  const predictions = CLIENTS.map((one) => [one.id, predict(one, { ...PUBLIC, ...traits })] as const);
  return Object.fromEntries(predictions.flatMap(([id, { kind, reason }]) => (kind === 'fails' ? [[id, reason]] : [])));
}

describe('clients', () => {
  test('every entry has its source and date, and a name of its own', () => {
    expect(new Set(CLIENTS.map(({ id }) => id)).size).toBe(CLIENTS.length);
    for (const { source, verified } of CLIENTS) {
      expect(source).toMatch(/\w/);
      expect(verified).toMatch(/^20\d\d-\d\d$/);
    }
  });

  test('all of them work with a public gateway on 443 that takes documents and registrations', () => {
    expect(failing({})).toEqual({});
  });

  test('on another port claude.ai alone fails', () => {
    const server = new URL('https://mcp.corp.test:8443/');
    expect(failing({ server, resource: 'https://mcp.corp.test:8443' })).toEqual({
      'claude-ai': 'it reaches port 443 only, and this gateway is on 8443',
    });
  });

  test('on one machine whoever calls from elsewhere fails, and the others are told of the authority', () => {
    const server = new URL('https://whoami.localhost:8443/');
    const traits = { server, isLocal: true, hasPrivateAuthority: true, resource: 'https://whoami.localhost:8443' };
    expect(Object.keys(failing(traits))).toEqual(['claude-ai', 'chatgpt', 'copilot-studio']);
    expect(predict(client('claude-code'), { ...PUBLIC, ...traits }).mend).toContain('NODE_EXTRA_CA_CERTS');
  });

  test('without a registration endpoint those fail that know no documents', () => {
    expect(Object.keys(failing({ registers: false }))).toEqual([
      'cursor',
      'windsurf',
      'gemini-cli',
      'chatgpt',
      'inspector',
      'copilot-studio',
    ]);
    expect(failing({ registers: false, takesKeyJwt: true })).not.toHaveProperty('chatgpt');
  });

  test('a document from a host that is not allowed: some register in its place, Claude does not', () => {
    expect(Object.keys(failing({ takesDocumentsOf: none }))).toEqual(['claude-code', 'claude-ai']);
    expect(predict(client('claude-ai'), { ...PUBLIC, takesDocumentsOf: none }).mend).toContain('claude.ai');
    const failed = failing({ takesDocumentsOf: claudeAlone, registers: false });
    expect(failed).toHaveProperty('vscode');
    expect(failed).not.toHaveProperty('claude-code');
    expect(predict(client('vscode'), { ...PUBLIC, takesDocumentsOf: none, registers: false }).mend).toContain(
      '[vscode.dev]',
    );
  });

  test('before v0.33.0 a redirect with a port of its own fails', () => {
    expect(Object.keys(failing({ ignoresLoopbackPort: false }))).toEqual(['claude-code', 'zed', 'codex', 'goose']);
  });

  test('a resource that is another address fails those that compare', () => {
    expect(Object.keys(failing({ resource: 'https://mcp.corp.test/mcp' }))).toEqual([
      'claude-code',
      'claude-ai',
      'vscode',
    ]);
  });

  test('every failure says what mends it', () => {
    const bad = { registers: false, takesDocumentsOf: none, isLocal: true, hasPrivateAuthority: true };
    for (const one of CLIENTS) expect(predict(one, { ...PUBLIC, ...bad }).mend).toBeTruthy();
  });
});
