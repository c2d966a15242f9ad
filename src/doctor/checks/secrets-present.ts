import { dirname, relative } from 'node:path';
import { failure, ok, warning, type Check } from '../check.ts';
import { isOfSecret } from '../problems.ts';
import { count, shellPath } from '../words.ts';

const NEEDED = ['SHARED_SECRET', 'COOKIE_SECRET', 'SIGNING_KEY'];

export const secretsPresent: Check = {
  id: 'SEC-01',
  area: 'secrets',
  title: 'fixed secrets',
  on: ['project'],
  needs: ['FIL-02'],
  async run({ project, env, cwd }) {
    const { secrets, settings, parsed, paths } = await project();
    const needed = settings.idp ? [...NEEDED, 'IDP_CLIENT_SECRET'] : NEEDED;
    const missing = needed.filter((name) => !secrets[name]);
    if (missing.length > 0) {
      return failure(
        `.env lacks ${missing.join(', ')}; without fixed secrets every restart ends all sessions`,
        `mcpgw create ${shellPath(dirname(paths.env), cwd)} --yes    # adds what is missing, keeps the rest`,
      );
    }
    const foreign = needed.filter((name) => env[name]);
    const [wrong] = parsed.problems.filter(isOfSecret);
    if (wrong) {
      const name = wrong.path.toUpperCase();
      const fix = foreign.includes(name) ? `unset ${name}` : renew(name, shellPath(paths.env, cwd));
      return failure(`${name} in ${foreign.includes(name) ? 'this shell' : '.env'}: ${wrong.message}`, fix);
    }
    if (foreign.length > 0) {
      const text = `${foreign.join(', ')} in this shell ${foreign.length === 1 ? 'beats' : 'beat'} .env`;
      return warning(text, `unset ${foreign.join(' ')}`);
    }
    return ok(`${count(needed.length, 'secret')} in ${relative(cwd, paths.env) || '.env'}`);
  },
};

/** A line to paste; the last of several values in .env counts. */
function renew(name: string, file: string): string {
  const make = name === 'SIGNING_KEY' ? 'openssl ecparam -genkey -name prime256v1 -noout' : 'head -c32 /dev/urandom';
  return `echo "${name}=$(${make} | base64 | tr -d '\\n')" >> ${file} && mcpgw up`;
}
