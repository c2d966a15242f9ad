import { removeAt } from '../../project/index.ts';
import { recordOf } from '../../json.ts';
import { firstOf, type Step } from '../step.ts';

export const authStyle: Step = {
  id: 'auth-style',
  why: 'since v0.33.0 `auth_style` is read and never used: the secret always goes into the form body',
  apply({ text, routes }) {
    return firstOf(routes, ({ name, path, mcp }) => {
      const upstream = recordOf(recordOf(mcp?.['server'])['upstream_oauth2']);
      if (!('auth_style' in recordOf(upstream['endpoint']))) return undefined;
      const place = [...path, 'mcp', 'server', 'upstream_oauth2', 'endpoint', 'auth_style'];
      const afterwards = `check that the provider of ${name} takes the secret in the form body`;
      return { text: removeAt(text, place), what: `${name}: \`auth_style\` is deleted`, afterwards };
    });
  },
};
