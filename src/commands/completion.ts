import type { CommandSpec, OptionSpec } from '../command.ts';
import type { Ctx } from '../context.ts';
import { usage } from '../errors.ts';
import { nearest } from '../nearest.ts';
import { GLOBAL_OPTIONS } from '../ui/help-screen.ts';
import { TOPICS } from '../ui/help-topics.ts';

const SHELLS = ['bash', 'zsh', 'fish', 'powershell'] as const;

export interface CompletionOptions {
  shell?: string;
  /** The hidden form that the scripts call: the words typed so far, the last one unfinished. */
  words?: string[];
}

export interface CompletionResult {
  text: string;
}

/** Prints a completion script, or (called by that script) the words that may come next. */
export async function run(ctx: Ctx, options: CompletionOptions): Promise<CompletionResult> {
  const { COMMANDS } = await import('../cli.ts');
  if (options.words) return { text: (await candidates(ctx, COMMANDS, options.words)).join('\n') };
  const { shell } = options;
  if (shell === undefined) throw usage(`a shell is missing: ${SHELLS.join(', ')}`, 'mcpgw completion bash');
  const script = Object.hasOwn(SCRIPTS, shell) ? SCRIPTS[shell] : undefined;
  if (script === undefined) {
    const message = `\`${shell}\` is no shell that completion knows: ${SHELLS.join(', ')}`;
    throw usage(message, `mcpgw completion ${nearest(shell, SHELLS) ?? 'bash'}`);
  }
  return { text: script };
}

export function screen(result: CompletionResult): string {
  return result.text;
}

async function candidates(ctx: Ctx, commands: readonly CommandSpec[], typed: readonly string[]): Promise<string[]> {
  const unfinished = typed.at(-1) ?? '';
  const before = typed.slice(0, -1);
  const spec = commands.find((one) => before.some((word) => word === one.name || one.aliases?.includes(word)));
  if (unfinished.startsWith('-')) {
    const flags = [...(spec?.options ?? []), ...GLOBAL_OPTIONS].filter((option) => !option.hidden);
    return startingWith(
      unfinished,
      flags.map((option) => longFlag(option.flags)),
    );
  }
  if (!spec) return startingWith(unfinished, visibleNames(commands));
  const words = before.slice(before.findIndex((word) => word === spec.name || spec.aliases?.includes(word)) + 1);
  if (hasOperand(words, [...spec.options, ...GLOBAL_OPTIONS])) return [];
  return startingWith(unfinished, await argumentValues(ctx, spec, commands));
}

/** Is there a word that is neither a flag nor a flag's value? */
function hasOperand(words: readonly string[], options: readonly OptionSpec[]): boolean {
  const takesValue = (word: string | undefined): boolean =>
    options.some(({ flags }) => flags.includes('<') && word !== undefined && flags.split(/[ ,]+/).includes(word));
  return words.some((word, i) => !word.startsWith('-') && !takesValue(words[i - 1]));
}

function visibleNames(commands: readonly CommandSpec[]): string[] {
  return commands.filter((one) => !one.hidden).map((one) => one.name);
}

/** Names for the first argument: routes and services of the project here, shells, commands and topics. */
async function argumentValues(ctx: Ctx, spec: CommandSpec, commands: readonly CommandSpec[]): Promise<string[]> {
  const argument = spec.args?.[0]?.name ?? '';
  if (spec.name === 'completion') return [...SHELLS];
  if (spec.name === 'help') return [...visibleNames(commands), ...Object.keys(TOPICS)];
  if (!/route|service/.test(argument)) return [];
  const { findProject, loadProject } = await import('../project/index.ts');
  const folder = await findProject(ctx.cwd);
  if (!folder) return [];
  // A project that cannot be read has no names to offer; the command itself says what is wrong with it.
  const project = await loadProject(folder, ctx.env).catch(() => undefined);
  if (!project) return [];
  if (argument.includes('service')) return ['gateway', ...project.services.map((service) => service.name)];
  return (project.parsed.options?.routes ?? []).flatMap((route) => (route.name ? [route.name] : []));
}

function startingWith(prefix: string, words: readonly string[]): string[] {
  return words.filter((word) => word.startsWith(prefix)).sort();
}

function longFlag(flags: string): string {
  return /--[\w-]+/.exec(flags)?.[0] ?? flags;
}

const SCRIPTS: Record<string, string> = {
  bash: `_mcpgw() {
  local words=("\${COMP_WORDS[@]:1:COMP_CWORD}")
  local IFS=$'\\n'
  COMPREPLY=($(mcpgw __complete -- "\${words[@]}" 2>/dev/null))
}
complete -o default -F _mcpgw mcpgw
# install: mcpgw completion bash > ~/.local/share/bash-completion/completions/mcpgw
`,
  zsh: `#compdef mcpgw
_mcpgw() {
  local -a found
  found=(\${(f)"$(mcpgw __complete -- "\${words[@]:1:$((CURRENT-1))}" 2>/dev/null)"})
  compadd -a found
}
if [ "$funcstack[1]" = _mcpgw ]; then _mcpgw; else compdef _mcpgw mcpgw; fi
# install: mcpgw completion zsh > "\${fpath[1]}/_mcpgw"
`,
  fish: `complete -c mcpgw -f -a '(mcpgw __complete -- (commandline -opc)[2..] (commandline -ct) 2>/dev/null)'
# install: mcpgw completion fish > ~/.config/fish/completions/mcpgw.fish
`,
  powershell: `Register-ArgumentCompleter -Native -CommandName mcpgw -ScriptBlock {
  param($word, $ast, $position)
  $words = @($ast.CommandElements | Select-Object -Skip 1 | ForEach-Object { $_.ToString() })
  if ($word -eq '') { $words += '' }
  mcpgw __complete -- @words 2>$null | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_) }
}
# install: mcpgw completion powershell >> $PROFILE
`,
};
