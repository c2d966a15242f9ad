import type { Ctx } from '../context.ts';
import { runGit } from '../doctor/git.ts';

/** What is to be known of a folder under git before its files are changed; nothing where there is no git. */
export async function gitNotes(
  ctx: Pick<Ctx, 'env' | 'signal'>,
  folder: string,
  { files, movesSecrets }: { files: readonly string[]; movesSecrets: boolean },
): Promise<string[]> {
  const git = async (...args: string[]): Promise<string> => (await runGit(folder, args, ctx))?.stdout ?? '';
  const [edited, tracked] = await Promise.all([
    git('status', '--porcelain', '--untracked-files=no', '--', ...files),
    git('ls-files', '--', ...files, '.env'),
  ]);
  const names = edited.split('\n').flatMap((line) => (line === '' ? [] : [line.slice(3)]));
  const known = tracked.split('\n').filter((line) => line !== '');
  return [
    ...(names.length > 0
      ? [
          `${names.join(', ')} ${names.length === 1 ? 'has changes that are' : 'have changes that are'} not committed: they stay, and stand beside those of adopt`,
        ]
      : []),
    ...(known.includes('.env') ? ['.env is committed: take it out with `git rm --cached .env`'] : []),
    ...(movesSecrets && known.some((name) => name !== '.env')
      ? ['secrets that were committed stay in the history: give them new values']
      : []),
  ];
}
