import { parseConfig } from '../pomerium/index.ts';
import type { Position, Problem } from '../pomerium/model.ts';
import { DEFAULT_RELEASE, releaseOfTag } from '../pomerium/versions.ts';
import { findPlaceholders, parseYaml, readComposeModel, renderText, type Placeholder } from '../project/index.ts';
import type { ComposeFile, ConfigFile, Subject } from './rule.ts';
import { pomeriumService, tagOf } from './subject.ts';

export interface SubjectTexts {
  config: { file: string; text: string };
  compose?: { file: string; text: string; folder: string };
  /** What stands in .env and in the shell. */
  variables: Readonly<Record<string, string | undefined>>;
  exists: (path: string) => boolean;
  /** When left out: the one that the image's tag names, else v0.33.1. */
  release?: string;
}

/** Reads the texts. A compose file that is no YAML throws; what is wrong with the configuration is in its problems. */
export function createSubject({ config, compose, variables, exists, release }: SubjectTexts): Subject {
  const read = compose && readCompose(compose, variables);
  const base = { ...(read ? { compose: read } : {}), exists };
  const service = pomeriumService(base);
  const environment = service?.environment ?? {};
  return {
    ...base,
    release: release ?? releaseOfImage(service?.image),
    environment,
    config: readConfig(config, environment, variables),
  };
}

/** A tag that moves tells nothing of what it brings; the newest release that is understood stands in for it. */
function releaseOfImage(image = ''): string {
  return releaseOfTag(tagOf(image) ?? '') ?? DEFAULT_RELEASE;
}

const EMPTY: ConfigFile = { file: '', text: '', problems: [], data: {}, positionOf: () => undefined };

function readCompose(
  { file, text, folder }: NonNullable<SubjectTexts['compose']>,
  variables: SubjectTexts['variables'],
): ComposeFile {
  const yaml = parseYaml(text, file);
  const settings = (yaml.data as { 'x-mcpgw'?: { engine?: unknown } } | null)?.['x-mcpgw'];
  const engine = settings?.engine;
  return {
    ...(typeof engine === 'string' ? { engine } : {}),
    file,
    text,
    model: readComposeModel(yaml, folder, variables),
    positionOf: (path) => yaml.positionOf([...path], 'key'),
  };
}

function readConfig(
  { file, text }: SubjectTexts['config'],
  environment: Subject['environment'],
  variables: SubjectTexts['variables'],
): ConfigFile {
  const written = parseConfig(text, { file, env: environment });
  const { source } = written;
  if (!source) return { ...EMPTY, file, text, problems: written.problems };
  const { needed, missing, text: filledText } = renderText(text, file, variables);
  // Rules about secrets look at what is written, all others at what Pomerium gets.
  const filled = needed ? parseConfig(filledText, { file, env: environment }) : written;
  return {
    file,
    text,
    problems: [...filled.problems, ...missing.map(variableMissing), ...findPlaceholders(text).map(leftToFill)],
    ...(filled.options ? { options: filled.options } : {}),
    data: source.data,
    positionOf: (path) => source.positionOf(path),
  };
}

function variableMissing({ name, position }: { name: string; position: Position }): Problem {
  const fix = `echo '${name}=...' >> .env`;
  return {
    code: 'VARIABLE_MISSING',
    severity: 'error',
    path: '',
    message: `\${${name}} has no value in .env`,
    fix,
    position,
  };
}

function leftToFill({ name, position }: Placeholder): Problem {
  const fix = `edit it at line ${position.line}`;
  return {
    code: 'PLACEHOLDER',
    severity: 'warning',
    path: '',
    message: `${name} is still to be filled in`,
    fix,
    position,
  };
}
