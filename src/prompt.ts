import { checkbox, confirm, input, password, select } from '@inquirer/prompts';
import type { Prompt } from './context.ts';
import type { World } from './context-node.ts';
import { CliError, EXIT, interrupted } from './errors.ts';

/**
 * The prompt library behind one door. On its own it hangs on a silent pipe and prints a stack on Ctrl+C, so it is never
 * called without a terminal, gets our signal, writes to stderr, and its ways of ending become ours.
 */
export function createPrompt({ stdin, stderr, signal }: World, interactive: boolean): Prompt {
  const context = { input: stdin, output: stderr, signal };
  const guarded = async <T>(question: () => Promise<T>, limit?: AbortSignal): Promise<T> => {
    if (!interactive) throw noTerminal();
    try {
      return await question();
    } catch (error) {
      if (limit?.aborted && limit.reason instanceof CliError) throw limit.reason;
      if (error instanceof Error && ['ExitPromptError', 'AbortPromptError'].includes(error.name)) throw interrupted();
      throw error;
    }
  };
  return {
    input: (question, limit) => {
      const signals = limit ? { signal: AbortSignal.any([signal, limit]) } : {};
      return guarded(() => input(question, { ...context, ...signals }), limit);
    },
    password: (question) => guarded(() => password({ ...question, mask: true }, context)),
    select: (question) => guarded(() => select(question, context)),
    checkbox: (question) => guarded(() => checkbox(question, context)),
    confirm: (question) => guarded(() => confirm(question, context)),
  };
}

function noTerminal(): CliError {
  return new CliError({
    code: 'NO_TERMINAL',
    message: 'a question has to be answered, but there is no terminal to ask it in',
    fix: 'answer it with a flag; --help lists them',
    exit: EXIT.usage,
  });
}
