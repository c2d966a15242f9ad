import { describe, expect, test } from 'vitest';
import {
  behaviourOf,
  EMULATED,
  emulatedBehaviour,
  releaseOfTag,
  RELEASES,
  sourceOf,
  type Topic,
} from '../../../src/pomerium/versions.ts';
import { optionsOf } from './helpers.ts';

describe('what a release of Pomerium does', () => {
  test.each([
    ['v0.30.0', { mcpFlag: false, challenge: 'none', notIn: false, leaksClientToken: true, refreshGrant: false }],
    ['v0.31.0', { challenge: 'host', challengeWord: 'Unauthenticated', notIn: true, disconnect: true }],
    ['v0.32.0', { clientIdDomains: 'required', refreshGrant: true, scopesSupported: [], registration: 'always' }],
    ['v0.32.1', { clientIdDomains: 'optional', upstreamCallback: '/.pomerium/mcp/oauth/callback' }],
    ['v0.33.0', { mcpFlag: true, challenge: 'path', authStyle: 'ignored', serverTimeout: 0 }],
    ['v0.33.1', { issuerInResponse: false, tokenPrefixes: { access: '', refresh: '' }, jwtBearers: false }],
    ['next', { issuerInResponse: true, tokenPrefixes: { access: 'pom_mat_', refresh: 'pom_mrt_' } }],
  ])('%s', (release, expected) => {
    expect(behaviourOf(release)).toMatchObject(expected);
  });

  test('patches that are not listed do as the one before, and there is none before v0.30', () => {
    expect(behaviourOf('v0.32.5')).toEqual(behaviourOf('v0.32.1'));
    expect(behaviourOf('v0.33.7')).toEqual(behaviourOf('v0.33.1'));
    expect(behaviourOf('v0.34.2')).toEqual(behaviourOf('next'));
    expect(behaviourOf('v0.29.4')).toBeUndefined();
    expect(behaviourOf('newest')).toBeUndefined();
  });

  test('each value has a release that is listed, and a source', () => {
    const names = RELEASES.map(({ name }) => name);
    for (const release of names) {
      for (const topic of Object.keys(behaviourOf(release) ?? {}) as Topic[]) {
        const { since, source } = sourceOf(topic, release);
        expect(names).toContain(since);
        expect(source).not.toBe('');
      }
    }
  });

  test('images under another licence are known', () => {
    const licences = RELEASES.map(({ name, licence }) => [name, licence]);
    expect(Object.fromEntries(licences)).toMatchObject({
      'v0.33.1': 'Apache-2.0',
      'v0.34.0': 'Pomerium Community Edition License',
      next: 'Pomerium Community Edition License',
    });
  });

  test('agrees with the defaults that this program reads configurations with', () => {
    const { runtime_flags: flags } = optionsOf('routes: []');
    expect(flags['mcp']).toBe(emulatedBehaviour('v0.33.1').mcpFlag);
    expect(flags['mcp_dynamic_client_registration']).toBe(false);
  });
});

test.each([
  ['v0.33.1', 'v0.33.1'],
  ['0.33.1', 'v0.33.1'],
  ['v0.33.1-rootless', 'v0.33.1'],
  ['main', 'next'],
  ['latest', undefined],
  ['v0.33', undefined],
  ['git-1234567', undefined],
])('the tag %s means %s', (tag, release) => {
  expect(releaseOfTag(tag)).toBe(release);
});

test('what can be emulated is in the table', () => {
  expect(EMULATED.map((release) => emulatedBehaviour(release).challenge)).toEqual(['path', 'path']);
});
