import { recordOf } from '../../json.ts';
import { CONFIG_FILE } from '../../project/paths.ts';
import { replaceScalar, writtenRoutes } from '../../project/index.ts';
import { changed, dataOf, leftByHand, type Draft, type Scene, type Step } from '../draft.ts';
import { isPlaceholder, keepsInEnv, nameInEnv, upper } from '../secret-names.ts';

const WHY = 'what belongs to one route has no variable of Pomerium’s; `mcpgw up` fills it in, from .env';
const SECRET_HEADER = /^(authorization|cookie|.*(api-?key|token|secret|password).*)$/i;

interface Held {
  path: (string | number)[];
  value: string;
  /** In .env. */
  name: string;
}

/** Secrets of routes are named in Pomerium's file, with their values in .env. */
export const routeSecrets: Step = (draft, scene) =>
  heldBy(draft.config).reduce((next, held) => moved(next, scene, held), draft);

function moved(draft: Draft, scene: Scene, { path, value, name }: Held): Draft {
  const own = nameInEnv(name, scene.gateway, value, draft, scene);
  const config = keepsInEnv(value) ? replaceScalar(draft.config, path, `\${${own}}`) : undefined;
  const place = path.slice(2).join('.');
  if (config === undefined)
    return leftByHand(draft, `${CONFIG_FILE}: write \${${own}} for ${place}, with its value in .env`, WHY);
  return changed(
    draft,
    { config, env: { ...draft.env, [own]: value } },
    {
      file: CONFIG_FILE,
      what: `${place} of ${name.replace(/_[A-Z]+_[A-Z]+$/, '').toLowerCase()} is in .env, as ${own}`,
      why: WHY,
    },
  );
}

function heldBy(config: string): Held[] {
  const { routes } = dataOf(config);
  return writtenRoutes(config).flatMap(({ index, name }) => {
    const route = recordOf(Array.isArray(routes) ? (routes[index] as unknown) : undefined);
    const upstream = recordOf(recordOf(recordOf(route['mcp'])['server'])['upstream_oauth2']);
    const headers = Object.entries(recordOf(route['set_request_headers'])).filter(([header]) =>
      SECRET_HEADER.test(header),
    );
    const own = upper(name);
    return [
      {
        path: ['mcp', 'server', 'upstream_oauth2', 'client_secret'],
        value: upstream['client_secret'],
        name: `${own}_CLIENT_SECRET`,
      },
      { path: ['idp_client_secret'], value: route['idp_client_secret'], name: `${own}_IDP_CLIENT_SECRET` },
      ...headers.map(([header, value]) => ({
        path: ['set_request_headers', header],
        value,
        name: `${own}_${upper(header)}`,
      })),
    ].flatMap(({ path, value, ...rest }): Held[] =>
      typeof value === 'string' && value !== '' && !value.includes('${') && !isPlaceholder(value)
        ? [{ path: ['routes', index, ...path], value, ...rest }]
        : [],
    );
  });
}
