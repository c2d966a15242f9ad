import type { LintFinding } from '../lint/index.ts';

const COMMANDS = { error: 'error', warning: 'warning', note: 'notice' } as const;

/** Workflow commands of GitHub Actions, which it shows beside the lines of a change. */
export function githubAnnotations(findings: readonly LintFinding[]): string {
  return findings
    .map(({ severity, file, position, rule, message, fix }) => {
      const where = position ? `,line=${position.line},col=${position.column}` : '';
      const text = fix === undefined ? message : `${message}\nFix: ${fix}`;
      return `::${COMMANDS[severity]} file=${property(file)}${where},title=${property(rule)}::${data(text)}\n`;
    })
    .join('');
}

/** A line end would end the command. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
