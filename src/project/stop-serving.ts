import { isRecord } from '../json.ts';
import { serverNeeds } from '../scaffold/services.ts';
import { dataAt, SERVERS_SERVICE } from './add-route.ts';
import { edited } from './edit/cannot-edit.ts';
import { removeAt } from './edit/remove.ts';
import { removeWord, wordsAt } from './edit/words.ts';
import { COMPOSE_FILE } from './paths.ts';

const SERVICE = ['services', SERVERS_SERVICE];

/** Starts one reference server less, and takes what it alone was told, as far as nobody changed it; the service goes on for the others. */
export function stopServing(compose: string, route: { host: string; from: string }, server: string): string {
  const without = [
    [...SERVICE, 'command'],
    [...SERVICE, 'x-mcpgw', 'run'],
  ].reduce((text, path) => withoutWord(text, path, server), compose);
  if (without === compose) return compose;
  const address = dataAt(compose, ['x-mcpgw', 'address']) === 'public' ? 'public' : 'local';
  const needs = serverNeeds(server, { address, host: route.host, origin: route.from });
  const withoutOwn = needs.ownEnvironment.reduce(
    (text, [name, value]) => withoutValue(text, [...SERVICE, 'x-mcpgw', 'environment'], name, value),
    without,
  );
  const withoutEnvironment = needs.environment.reduce(
    (text, [name, value]) => withoutValue(text, [...SERVICE, 'environment'], name, value),
    withoutOwn,
  );
  return needs.volumes.reduce(withoutVolume, withoutEnvironment);
}

function withoutWord(text: string, path: readonly string[], server: string): string {
  const words = wordsAt(text, path) ?? [];
  const served = words.slice(words.indexOf('serve') + 1);
  // The last name stays: without one, `serve` would start all.
  if (!words.includes('serve') || served.length < 2 || !served.includes(server)) return text;
  return edited(removeWord(text, path, server), COMPOSE_FILE, path, `remove ${server}`);
}

function withoutValue(text: string, path: readonly string[], name: string, value: string): string {
  const known: unknown = dataAt(text, path);
  if (!isRecord(known) || known[name] !== value) return text;
  const at = Object.keys(known).length === 1 ? path : [...path, name];
  return removeAt(text, at) ?? text;
}

function withoutVolume(text: string, lines: readonly string[]): string {
  const path = [...SERVICE, 'volumes'];
  const known: unknown = dataAt(text, path);
  if (!Array.isArray(known)) return text;
  const values = lines.map((line) => line.split(': ')[1] ?? '');
  const index = known.findIndex(
    (one) => isRecord(one) && values.includes(String(one['source'])) && values.includes(String(one['target'])),
  );
  if (index === -1) return text;
  return removeAt(text, known.length === 1 ? path : [...path, index]) ?? text;
}
