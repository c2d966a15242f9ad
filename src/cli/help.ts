import type { CommandSpec } from '../command.ts';

export const HELP: readonly CommandSpec[] = [
  {
    name: 'completion',
    group: 'Help',
    summary: 'print a completion script for a shell',
    args: [{ name: '[shell]', description: 'bash, zsh, fish or powershell' }],
    options: [],
    examples: [
      ['mcpgw completion bash > ~/.local/share/bash-completion/completions/mcpgw', 'for bash'],
      ['mcpgw completion fish > ~/.config/fish/completions/mcpgw.fish', 'for fish'],
    ],
    load: () => import('../commands/completion.ts'),
  },
  {
    name: 'help',
    group: 'Help',
    summary: 'show help for a command or a topic: exit-codes, environment, files, faults',
    args: [{ name: '[topic]', description: 'a command or a topic' }],
    options: [],
    examples: [
      ['mcpgw help token', 'one command'],
      ['mcpgw help exit-codes', 'a topic'],
    ],
    load: () => import('../commands/help.ts'),
  },
  {
    name: '__complete',
    group: 'Help',
    hidden: true,
    summary: 'the words that may come next; called by the completion scripts',
    args: [{ name: '[words...]', description: 'what is typed so far' }],
    options: [],
    examples: [],
    load: () => import('../commands/completion.ts'),
  },
];
