import { removeAt, replaceValue, append } from '../../project/index.ts';
import { firstOf, type Step } from '../step.ts';

const KEY = 'pass_upstream_access_token';

/** Set below `mcp` and, by some, directly on the route. */
export const clientRoute: Step = {
  id: 'client-route',
  why: '`pass_upstream_access_token` marked an application before v0.30.0; since afterwards it is `mcp: {client: {}}`',
  apply({ text, routes }) {
    return firstOf(routes, ({ name, path, data, mcp }) => {
      const [below, beside] = [mcp?.[KEY], data[KEY]];
      if (below === undefined && beside === undefined) return undefined;
      const isClient = below === true || beside === true;
      if (!isClient) {
        const where = below === undefined ? [...path, KEY] : [...path, 'mcp', KEY];
        return { text: removeAt(text, where), what: `${name}: \`${KEY}: false\` says nothing` };
      }
      return {
        text: asClient(text, path, { below, beside, mcp }),
        what: `${name}: an application, \`mcp: {client: {}}\``,
      };
    });
  },
};

function asClient(
  text: string,
  path: readonly (string | number)[],
  { below, beside, mcp }: { below: unknown; beside: unknown; mcp: Readonly<Record<string, unknown>> | undefined },
): string | undefined {
  const without = beside === undefined ? text : removeAt(text, [...path, KEY]);
  if (without === undefined) return undefined;
  if (mcp === undefined) return append(without, path, ['mcp: {client: {}}']);
  if (below !== undefined && Object.keys(mcp).length === 1)
    return replaceValue(without, [...path, 'mcp'], '{client: {}}');
  // It is something else as well: which of the two a person has to say.
  return undefined;
}
