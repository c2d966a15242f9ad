import { describe, expect, test } from 'vitest';
import { maskEnvironment, maskHeaders, scrub, secretValues } from '../../../src/doctor/scrub.ts';

describe('what a report must not hold', () => {
  test.each([
    ['a value that is known', 'the password is swordfish-9', ['swordfish-9']],
    ['a signed token', 'x eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl y', []],
    ['a bearer token', 'authorization: Bearer abcdef.ghijkl', []],
    ['a basic credential', 'Basic dXNlcjpwYXNzd29yZA==', []],
    ['a key in YAML', 'client_secret: hunter2hunter2', []],
    ['a password in a URL', 'postgres://u:hunter2@db/x', []],
    ['a random word', 'it said kJ8sK2mZ91pQx7Rt4Wv0 and went', []],
    ['a long hexadecimal', `id ${'0123456789abcdef'.repeat(3)}`, []],
  ])('%s', (_, text, secrets) => {
    expect(scrub(text, secrets)).toContain('********');
    expect(scrub(text, secrets)).not.toMatch(/swordfish|eyJ|abcdef\.g|dXNl|hunter2|kJ8s|0123456789abcdef/);
  });

  test.each([
    'https://whoami.localhost:8443 answered 401',
    'image postgres:17@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef',
    'mcp_dynamic_client_registration: true',
    'request-id: af547352-73ce-4008-9cda-f16ec4ca0811',
  ])('leaves %s', (text) => {
    expect(scrub(text, [])).toBe(text);
  });

  test('values are told by the names of variables, and by the passwords of URLs', () => {
    const found = secretValues({
      API_KEY: 'k-1234567',
      DATABASE_URL: 'postgres://u:p4ssw0rd@db/x',
      DOMAIN: 'a.example',
    });
    expect(found).toEqual(expect.arrayContaining(['k-1234567', 'p4ssw0rd']));
    expect(found).not.toContain('a.example');
  });

  test('headers for upstreams and the environment of containers are masked whatever they are called', () => {
    const headers = 'routes:\n  - set_request_headers:\n      X-Thing: plainword\n    from: https://a.example\n';
    expect(maskHeaders(headers)).toBe(headers.replace('plainword', '********'));
    const compose =
      'services:\n  a:\n    environment:\n      FOO: plainword\n      PORT: 80\n      K: ${K}\n      - B=plain\n    image: x\n';
    expect(maskEnvironment(compose)).not.toContain('plain');
    expect(maskEnvironment(compose)).toContain('PORT: 80');
    expect(maskEnvironment(compose)).toContain('K: ${K}');
    expect(maskEnvironment('    environment: {A: plainword}')).not.toContain('plainword');
  });
});
