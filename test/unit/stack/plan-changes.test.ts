import { describe, expect, test } from 'vitest';
import type { Running } from '../../../src/stack/embedded/control-protocol.ts';
import { planChanges } from '../../../src/stack/embedded/plan-changes.ts';

const RUNNING: Running = {
  version: '1.0.0',
  engine: 'embedded',
  gateway: { listener: 'l1', configuration: 'c1' },
  idp: 'i1',
  users: 'u1',
  services: [
    { name: 'mcp-servers', hash: 's1' },
    { name: 'mine', hash: 's2' },
  ],
};

const texts = (wanted: Running, running: Running | undefined): string[] =>
  planChanges(wanted, running).map((step) => step.text);

describe('plan', () => {
  test('has no step when what runs is what the files want', () => {
    expect(planChanges(RUNNING, structuredClone(RUNNING))).toEqual([]);
  });

  test('starts everything when nothing runs', () => {
    expect(texts(RUNNING, undefined)).toEqual(['start gateway, idp, mcp-servers, mine']);
    expect(texts({ ...RUNNING, idp: '', services: [] }, undefined)).toEqual(['start gateway']);
  });

  test('replaces an engine of another version, whatever else is different', () => {
    const wanted = { ...RUNNING, version: '1.1.0', services: [] };
    expect(planChanges(wanted, RUNNING)).toEqual([
      { kind: 'restart-engine', text: 'restart everything: it runs mcpgw 1.0.0, this is 1.1.0' },
    ]);
  });

  test('replaces the engine when the files name the other one', () => {
    expect(texts({ ...RUNNING, engine: 'native', services: [] }, RUNNING)).toEqual([
      'restart everything: it runs the embedded engine, the files want native',
    ]);
  });

  test('reloads the gateway for a changed configuration, and starts its listener anew for a changed address', () => {
    const policy = { ...RUNNING, gateway: { listener: 'l1', configuration: 'c2' } };
    expect(planChanges(policy, RUNNING).map((step) => step.kind)).toEqual(['reload-gateway']);
    const moved = { ...RUNNING, gateway: { listener: 'l2', configuration: 'c2' } };
    expect(planChanges(moved, RUNNING)).toMatchObject([{ kind: 'restart-service', service: 'gateway' }]);
  });

  test('ends services that are gone before it starts others, and leaves the same ones alone', () => {
    const wanted = {
      ...RUNNING,
      services: [
        { name: 'mcp-servers', hash: 's1' },
        { name: 'new', hash: 's3' },
      ],
    };
    expect(texts(wanted, RUNNING)).toEqual(['stop mine: it is not in the files', 'start new']);
    const changed = { ...RUNNING, services: [{ name: 'mcp-servers', hash: 's9' }, ...RUNNING.services.slice(1)] };
    expect(texts(changed, RUNNING)).toEqual(['restart mcp-servers: its settings changed']);
  });

  test('starts, restarts and stops the identity provider, and hands new users to a running one', () => {
    expect(texts({ ...RUNNING, users: 'u2' }, RUNNING)).toEqual(['update the development users']);
    expect(texts({ ...RUNNING, idp: 'i2', users: 'u2' }, RUNNING)).toEqual([
      'restart idp: its address or client changed',
    ]);
    expect(texts({ ...RUNNING, idp: '' }, RUNNING)).toEqual(['stop idp: it is not in the files']);
    expect(texts(RUNNING, { ...RUNNING, idp: '' })).toEqual(['start idp']);
  });
});
