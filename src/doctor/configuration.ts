import { existsSync } from 'node:fs';
import { createSubject, lint, type LintFinding, type Subject, type SubjectTexts } from '../lint/index.ts';
import type { Options, Problem } from '../pomerium/model.ts';

/** Release whose rules hold where nothing names another. */
const RELEASE = 'v0.33.1';

/** A Pomerium configuration with what stands beside it, as the static checks see it. */
export interface Configuration {
  /** As shown. */
  file: string;
  /** Absolute; of the folder and of the file. */
  folder: string;
  path: string;
  text: string;
  /** Undefined when Pomerium would not start with it. */
  options: Options | undefined;
  problems: readonly Problem[];
  /** What lint sees. */
  subject: Subject;
  findings: readonly LintFinding[];
}

export interface ConfigurationTexts extends Pick<SubjectTexts, 'config' | 'compose' | 'variables'> {
  folder: string;
  path: string;
}

/** Reads the texts once for every check. Throws when the compose file is no YAML. */
export function readConfiguration({ folder, path, config, compose, variables }: ConfigurationTexts): Configuration {
  const subject = createSubject({
    config,
    ...(compose ? { compose } : {}),
    variables,
    exists: (file) => existsSync(file),
    release: RELEASE,
  });
  const { options, problems } = subject.config;
  return { file: config.file, folder, path, text: config.text, options, problems, subject, findings: lint(subject) };
}
