import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { failure, ok, type Check, type Finding } from '../check.ts';
import { runGit } from '../git.ts';
import { shellPath } from '../words.ts';

const SECRET = ['.env', '.mcpgw'];

/** Git itself is asked where it can: it knows rules elsewhere, and files that it keeps in spite of the rules. */
export const gitIgnored: Check = {
  id: 'SEC-03',
  area: 'secrets',
  title: 'secrets stay out of git',
  on: ['project'],
  needs: ['FIL-01'],
  async run({ cwd, env, folder }, signal) {
    const place = (await folder()) ?? cwd;
    const git = async (...args: string[]): ReturnType<typeof runGit> => runGit(place, args, { env, signal });
    const tracked = await git('ls-files', '--', ...SECRET);
    // Exit code 128: no repository, or one that belongs to another user.
    if (tracked?.code !== 0) return fromRules(place, cwd);
    const files = tracked.stdout.split('\n').filter((line) => line !== '');
    if (files.length > 0) return kept(files, place, cwd);
    // With the slash, since the rule for a folder does not hold for a name that is not there yet.
    const answers = await Promise.all([git('check-ignore', '-q', '.env'), git('check-ignore', '-q', '.mcpgw/')]);
    const missing = SECRET.filter((_, i) => answers[i]?.code !== 0);
    return missing.length === 0 ? ok('git ignores .env and .mcpgw') : lacking(missing, place, cwd);
  },
};

async function fromRules(place: string, cwd: string): Promise<Finding> {
  const text = await readFile(join(place, '.gitignore'), 'utf8').catch(() => '');
  const lines = text.split('\n').map((line) => line.trim().replace(/^\/|\/$/g, ''));
  const missing = SECRET.filter((name) => !lines.includes(name));
  return missing.length === 0 ? ok('.gitignore names .env and .mcpgw') : lacking(missing, place, cwd);
}

function lacking(missing: readonly string[], place: string, cwd: string): Finding {
  const file = shellPath(join(place, '.gitignore'), cwd);
  // The first line break: the file may end without one.
  return failure(
    `.gitignore does not name ${missing.join(' and ')}`,
    `printf '\\n${missing.join('\\n')}\\n' >> ${file}`,
  );
}

function kept(files: readonly string[], place: string, cwd: string): Finding {
  const names = SECRET.filter((name) => files.some((file) => file === name || file.startsWith(`${name}/`)));
  return failure(
    `git keeps ${names.join(' and ')}: whoever has the repository has the secrets`,
    `git -C ${shellPath(place, cwd)} rm -r --cached ${names.join(' ')}\n# then make new secrets: the old ones stay in the history`,
    files.slice(0, 10),
  );
}
