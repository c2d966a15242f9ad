import { isDeepStrictEqual } from 'node:util';
import { lint } from '../lint/index.ts';
import { migrate } from '../migrate/index.ts';
import { parseYaml, readComposeModel } from '../project/index.ts';
import { COMPOSE_FILE, CONFIG_FILE, ENV_FILE } from '../project/paths.ts';
import type { Templates } from '../scaffold/template.ts';
import { adviceFor } from './advice.ts';
import { envExampleText, envText, gitignoreText, readmeText } from './around.ts';
import type { Change, Draft, Scene, Settings } from './draft.ts';
import { describeFound, type Found } from './found.ts';
import type { HandWritten, Wishes } from './hand-written.ts';
import { findGateway, settingsOf } from './scene.ts';
import { STEPS } from './steps/index.ts';
import { subjectOf } from './subject.ts';

/** A text before and after; names are relative to the folder. Undefined: it is not there. */
export interface PlannedText {
  name: string;
  before: string | undefined;
  after: string | undefined;
  /** Nobody else is to read it. */
  isPrivate: boolean;
}

/** Everything that makes a project of the folder; nothing of it is done yet. */
export interface Adoption {
  found: Found;
  settings: Settings;
  /** From, to: files that get another name. */
  renamed: { from: string; to: string }[];
  changes: readonly Change[];
  byHand: Draft['byHand'];
  advice: readonly string[];
  afterwards: readonly string[];
  texts: PlannedText[];
  /** Services whose containers Compose will make anew, if they run. */
  remade: string[];
  /** What `mcpgw lint` has to say beside errors. */
  warnings: number;
}

/** Plans the adoption of a folder. Pure. Throws when there is not exactly one gateway, or no domain. */
export function planAdoption(
  found: HandWritten,
  wishes: Wishes,
  secrets: Scene['secrets'],
  templates: Templates,
): Adoption {
  const gateway = findGateway(found);
  const today = migrate(found.config.text, found.config.name).text;
  const settings = settingsOf(found, today, gateway, wishes);
  const scene: Scene = { found, wishes, gateway, settings, secrets };
  const start: Draft = {
    config: found.config.text,
    compose: found.compose.text,
    env: {},
    changes: [],
    byHand: [],
    advice: [],
    afterwards: [],
  };
  const draft = STEPS.reduce((next, step) => step(next, scene), start);
  const about = describeFound(found, today, gateway);
  const findings = lint(subjectOf(draft, scene));
  return {
    found: about,
    settings,
    renamed: [
      { from: found.config.name, to: CONFIG_FILE },
      { from: found.compose.name, to: COMPOSE_FILE },
    ].filter(({ from, to }) => from !== to),
    changes: draft.changes,
    byHand: draft.byHand,
    advice: [...draft.advice, ...adviceFor(draft, scene, about)],
    afterwards: draft.afterwards,
    texts: textsOf(draft, scene, templates),
    remade: remadeServices(draft, scene),
    warnings: findings.filter(({ severity }) => severity === 'warning').length,
  };
}

function textsOf(draft: Draft, scene: Scene, templates: Templates): PlannedText[] {
  const { found } = scene;
  const { options } = subjectOf(draft, scene).config;
  const texts = [
    text(ENV_FILE, found.env, envText(found.env, draft.env), true),
    text('.env.example', found.envExample, envExampleText(found.envExample, draft.env)),
    text('.gitignore', found.gitignore, gitignoreText(found.gitignore)),
    ...(found.hasReadme ? [] : [text('README.md', undefined, readmeText(scene, options, templates))]),
    ...renamedText(found.config, CONFIG_FILE, draft.config),
    // Last: it is what makes the folder a project.
    ...renamedText(found.compose, COMPOSE_FILE, draft.compose),
  ];
  return texts.filter(({ before, after }) => before !== after);
}

function text(name: string, before: string | undefined, after: string | undefined, isPrivate = false): PlannedText {
  return { name, before, after, isPrivate };
}

function renamedText(old: HandWritten['config'], name: string, after: string): PlannedText[] {
  if (old.name === name) return [text(name, old.text, after)];
  return [text(name, undefined, after), text(old.name, old.text, undefined)];
}

/** Those that Compose would start with other settings; a value that moved to .env is the same one. */
function remadeServices({ compose, env }: Draft, { found }: Scene): string[] {
  const { folder, variables } = found;
  const before = readComposeModel(parseYaml(found.compose.text, found.compose.name), folder, variables);
  const after = readComposeModel(parseYaml(compose, COMPOSE_FILE), folder, { ...variables, ...env });
  return after.services
    .filter(
      (service) =>
        !isDeepStrictEqual(
          service,
          before.services.find(({ name }) => name === service.name),
        ),
    )
    .map(({ name }) => name);
}
