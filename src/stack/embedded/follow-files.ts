import { resolve } from 'node:path';
import type { Log } from '../../net/log.ts';
import { namedFiles } from '../../pomerium/index.ts';
import type { Options } from '../../pomerium/model.ts';
import { loadProject, type Project } from '../../project/index.ts';
import { optionsOrThrow } from '../config-error.ts';
import { errorFailure, hotReload, problemFailure, type Attempt, type HotReload } from '../hot-reload.ts';

export interface FollowOptions {
  folder: string;
  env: Readonly<Record<string, string | undefined>>;
  log: Log;
  /** Puts a changed configuration in force as a whole, or throws. */
  apply(project: Project, options: Options): Promise<void>;
}

const CONFIG = 'pomerium-config.yaml';

/** Keeps a project's gateway in step with pomerium-config.yaml, .env and the files that the configuration names. */
export function followFiles(project: Project, o: FollowOptions): HotReload {
  return hotReload(o.log, attemptOf(project), async () => {
    let read: Project;
    try {
      read = await loadProject(o.folder, o.env);
    } catch (error) {
      return { ...attemptOf(project), isHot: undefined, failure: errorFailure(error) };
    }
    const attempt = attemptOf(read);
    const failure = problemFailure(read.parsed.problems, CONFIG);
    if (failure) return { ...attempt, failure };
    try {
      await o.apply(read, optionsOrThrow(read.parsed, read.configText, CONFIG));
      return attempt;
    } catch (error) {
      return { ...attempt, failure: errorFailure(error) };
    }
  });
}

function attemptOf({ folder, paths, configText, parsed }: Project): Attempt {
  const files = new Map<string, string | undefined>([
    [paths.config, configText],
    [paths.env, undefined],
  ]);
  const certificates = parsed.options ? namedFiles(parsed.options) : [];
  for (const file of [...parsed.namedFiles, ...certificates]) files.set(resolve(folder, file), undefined);
  return { files, isHot: parsed.options?.runtime_flags['config_hot_reload'] };
}
