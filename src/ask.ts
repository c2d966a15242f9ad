import type { Choice, Ctx } from './context.ts';
import { usage } from './errors.ts';
import { shellWord } from './shell-word.ts';

/** One thing a command wants to know. The same row makes the flag's help and the prompt. */
export interface Question {
  name: string;
  /** As in the help: `--domain <name>`; positional answers are written `<folder>`. */
  flag: string;
  /** Environment variable that answers it: `MCPGW_DOMAIN`. */
  env: string;
  question: string;
  /** `secret` is typed unseen, and never shown in a command line to paste. */
  kind: 'input' | 'secret' | 'select' | 'checkbox';
  choices?: readonly Choice<string>[];
  /** Taken by `--yes`, and offered at the prompt. Undefined: there is no safe answer. */
  default?: unknown;
  /** Why the value cannot be taken; true when it can. Gets the text, or each chosen value. */
  validate?: (value: string) => true | string;
  /** Asked at the prompt? False: flag, environment or default only. */
  prompt?: boolean | ((answers: Readonly<Record<string, unknown>>) => boolean);
}

export interface AskOptions {
  /** `--yes`: take the defaults instead of asking. */
  yes?: boolean;
  /** The command as it would be typed, to show how to give what is missing. */
  command?: string;
}

/**
 * Answers each question by flag > environment > saved answer > prompt (terminal only) > default.
 * Throws one usage error that lists everything missing or wrong when it may not prompt.
 */
export async function ask(
  ctx: Ctx,
  questions: readonly Question[],
  given: Readonly<Record<string, unknown>>,
  saved: Readonly<Record<string, unknown>> = {},
  options: AskOptions = {},
): Promise<Record<string, unknown>> {
  const answers: Record<string, unknown> = {};
  const missing: Question[] = [];
  const lineWith = (wanted: readonly Question[]): string => {
    const kept = questions.filter((question) => !wanted.includes(question));
    return [options.command ?? 'mcpgw', ...givenWords(kept, given), ...wanted.map(exampleOf)].join(' ');
  };
  for (const question of questions) {
    const known = knownAnswer(ctx, question, given, saved, lineWith([question]));
    if (known !== undefined) answers[question.name] = known;
    else if (ctx.interactive && !options.yes && isPrompted(question, answers)) {
      answers[question.name] = await promptFor(ctx, question);
    } else if (question.default !== undefined) answers[question.name] = question.default;
    else if (isPrompted(question, answers)) missing.push(question);
  }
  if (missing.length > 0) throw missingAnswers(missing, lineWith(missing));
  return answers;
}

function knownAnswer(
  ctx: Ctx,
  question: Question,
  given: Readonly<Record<string, unknown>>,
  saved: Readonly<Record<string, unknown>>,
  fix: string,
): unknown {
  const fromEnv = ctx.env[question.env];
  const sources: [unknown, string][] = [
    [given[question.name], question.flag],
    [fromEnv === '' ? undefined : fromEnv, question.env],
    [saved[question.name], 'saved answer'],
  ];
  const found = sources.find(([value]) => value !== undefined);
  if (!found) return undefined;
  const [value, source] = found;
  return checkAnswer(question, value, source, fix);
}

function checkAnswer(question: Question, value: unknown, source: string, fix: string): unknown {
  const parts = splitAnswer(question, value);
  for (const part of parts) {
    const allowed = question.choices?.map((choice) => choice.value);
    if (allowed && !allowed.includes(part)) {
      throw usage(`${source}: \`${part}\` is not one of ${allowed.join(', ')}`, fix);
    }
    const verdict = question.validate?.(part) ?? true;
    if (verdict !== true) throw usage(`${source}: ${verdict}`, fix);
  }
  if (question.kind === 'checkbox') return parts;
  return typeof value === 'string' ? value.trim() : value;
}

function splitAnswer(question: Question, value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap((part) => splitAnswer(question, part));
  const text = String(value);
  if (question.kind !== 'checkbox') return [text.trim()];
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

function isPrompted(question: Question, answers: Readonly<Record<string, unknown>>): boolean {
  if (typeof question.prompt === 'function') return question.prompt(answers);
  return question.prompt ?? true;
}

async function promptFor(ctx: Ctx, question: Question): Promise<unknown> {
  const choices = question.choices ? [...question.choices] : [];
  const fallback = typeof question.default === 'string' ? question.default : undefined;
  if (question.kind === 'select') {
    return ctx.prompt.select({ message: question.question, choices, ...(fallback ? { default: fallback } : {}) });
  }
  if (question.kind === 'checkbox') {
    const checked = Array.isArray(question.default) ? question.default.map(String) : [];
    const offered = choices.map((choice) => ({ ...choice, checked: checked.includes(choice.value) }));
    return ctx.prompt.checkbox({ message: question.question, choices: offered });
  }
  const validate = question.validate;
  if (question.kind === 'secret')
    return ctx.prompt.password({ message: question.question, ...(validate ? { validate } : {}) });
  return ctx.prompt.input({
    message: question.question,
    ...(fallback === undefined ? {} : { default: fallback }),
    ...(validate ? { validate } : {}),
  });
}

/** The answers that were given already, as they are typed: the line to paste is not to lose them. */
function givenWords(questions: readonly Question[], given: Readonly<Record<string, unknown>>): string[] {
  return questions.flatMap((question) => {
    const { name, flag } = question;
    if (given[name] === undefined || question.kind === 'secret') return [];
    const word = shellWord(splitAnswer(question, given[name]).join(','));
    return flag.startsWith('<') ? [word] : [`${flag.split(' ')[0]} ${word}`];
  });
}

/** A flag with a value that would be taken, where one is known: `<domain>` alone cannot be pasted. */
function exampleOf({ flag, choices, default: fallback }: Question): string {
  const known = choices?.[0]?.value ?? (['string', 'number'].includes(typeof fallback) ? String(fallback) : undefined);
  if (known === undefined || flag.startsWith('<')) return flag;
  return `${flag.split(' ')[0]} ${shellWord(known)}`;
}

function missingAnswers(missing: readonly Question[], line: string): Error {
  const flags = missing.map((question) => question.flag);
  return usage(
    `${flags.length === 1 ? 'a value is' : `${flags.length} values are`} missing: ${flags.join(', ')}`,
    line,
  );
}
