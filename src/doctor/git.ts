import { execFile } from 'node:child_process';

export interface GitAnswer {
  /** Exit code. */
  code: number;
  stdout: string;
}

/** Runs git in a folder; undefined when there is no git on this machine. */
export function runGit(
  folder: string,
  args: readonly string[],
  options: { env: Readonly<Record<string, string | undefined>>; signal: AbortSignal },
): Promise<GitAnswer | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<GitAnswer | undefined>();
  execFile('git', ['-C', folder, ...args], { ...options, encoding: 'utf8' }, (error, stdout) => {
    if (options.signal.aborted) reject(options.signal.reason as Error);
    else if (typeof error?.code === 'string') resolve(undefined);
    else resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout });
  });
  return promise;
}
