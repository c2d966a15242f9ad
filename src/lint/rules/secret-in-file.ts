import type { Rule } from '../rule.ts';

const GLOBAL = [
  'shared_secret',
  'cookie_secret',
  'signing_key',
  'idp_client_secret',
  'databroker_storage_connection_string',
];

export const secretInFile: Rule = {
  id: 'SECRET_IN_FILE',
  severity: 'warning',
  title: 'Secrets do not stand in the configuration',
  why: 'The file is committed, shown and mounted; a secret in it goes along everywhere.',
  fix: 'global secrets: an environment variable of the same name; a route’s: `${NAME}`, with its value in .env',
  source: 'Pomerium v0.33.1 config/options.go: every key has its variable',
  *check({ config: { data } }) {
    for (const key of GLOBAL) {
      const value = data[key];
      if (typeof value !== 'string' || value === '' || isReference(value)) continue;
      if (key === 'databroker_storage_connection_string' && !/:[^/@]+@/.test(value)) continue;
      yield {
        path: [key],
        message: `\`${key}\` stands in the file`,
        fix: `move it to the variable ${key.toUpperCase()}`,
      };
    }
    for (const list of ['routes', 'policy']) {
      const routes = data[list];
      if (!Array.isArray(routes)) continue;
      for (const [i, route] of (routes as unknown[]).entries()) {
        const path = [list, i, 'mcp', 'server', 'upstream_oauth2', 'client_secret'];
        const value = at(route, path.slice(2));
        if (typeof value === 'string' && value !== '' && !isReference(value))
          yield { path, message: '`client_secret` stands in the file' };
      }
    }
  },
};

function isReference(value: string): boolean {
  return /^\$\{[A-Z_][A-Z0-9_]*\}$/.test(value) || /YOUR-|<.*>/.test(value);
}

function at(value: unknown, path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>(
    (found, step) =>
      typeof found === 'object' && found !== null ? (found as Record<string, unknown>)[step] : undefined,
    value,
  );
}
