import { describe, expect, test } from 'vitest';
import { codeFrame } from '../../../src/project/code-frame.ts';
import { maskSecrets } from '../../../src/project/mask-secrets.ts';

const TEXT = `address: :8443
shared_secret: c2VjcmV0
signing_key: |
  -----BEGIN EC PRIVATE KEY-----

  MHcCAQEE
routes: []
form: x
`;

describe('a text that is shown', () => {
  test('keeps its lines and everything that is no secret', () => {
    const masked = maskSecrets(TEXT);
    expect(masked.split('\n')).toHaveLength(TEXT.split('\n').length);
    for (const secret of ['c2VjcmV0', 'BEGIN EC', 'MHcCAQEE']) expect(masked).not.toContain(secret);
    expect(masked).toContain('address: :8443');
    expect(masked).toContain('routes: []\nform: x');
  });

  test.each([
    ['        client_secret: "a b"', '        client_secret: ********'],
    ['- "IDP_CLIENT_SECRET": x', '- "IDP_CLIENT_SECRET": ********'],
    ['idp: { client_id: a, client_secret: hunter2, x: y }', 'idp: { client_id: a, client_secret: ********, x: y }'],
    ['      - POSTGRES_PASSWORD=hunter2', '      - POSTGRES_PASSWORD=********'],
    ['  DATABASE_URL: postgres://me:hunter2@db/x', '  DATABASE_URL: postgres://me:********@db/x'],
    ['to: https://mcp.example.com:8443/a@b', 'to: https://mcp.example.com:8443/a@b'],
    ['password: "hunter2\n  hunter3"\nroutes: []', 'password: ********\n  ********\nroutes: []'],
    ['password: "hunter2\nhunter3', 'password: ********\n********'],
  ])('%j', (text, masked) => {
    expect(maskSecrets(text)).toBe(masked);
  });

  test('the frame around a fault shows no secret, and no character that a terminal obeys', () => {
    const frame = codeFrame(`a: \u001B[2J\u009Bx\ncookie_secret: hunter2\nform: x`, { line: 3, column: 1 });
    expect(frame.split('\n')).toEqual(['  1 | a: ·[2J·x', '  2 | cookie_secret: ********', '> 3 | form: x', '    | ^']);
  });
});
