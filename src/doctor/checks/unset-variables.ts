import { failure, ok, type Check } from '../check.ts';
import { count, shellPath } from '../words.ts';

/** `${NAME}`, `${NAME:?text}`, `${NAME?text}`: without a default Compose fills in nothing, and warns at most. */
const PLAIN = /(?<!\$)\$\{([A-Z_][A-Z0-9_]*)(?:\}|:?\?)/g;

export const unsetVariables: Check = {
  id: 'SEC-04',
  area: 'secrets',
  title: 'every variable of the compose file has a value',
  on: ['project'],
  needs: ['FIL-02'],
  async run({ project, env, cwd }) {
    const { composeText, secrets, paths } = await project();
    const text = composeText.replace(/^\s*#.*$/gm, '');
    const names = [...new Set([...text.matchAll(PLAIN)].map(([, name = '']) => name))];
    const unset = names.filter((name) => !(name in secrets) && env[name] === undefined);
    if (unset.length === 0) return ok(count(names.length, 'variable'));
    const [first = ''] = unset;
    return failure(
      `${unset.join(', ')} of docker-compose.yaml ${unset.length === 1 ? 'has' : 'have'} no value`,
      `echo '${first}=...' >> ${shellPath(paths.env, cwd)}`,
    );
  },
};
