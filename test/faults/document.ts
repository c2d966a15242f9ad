import type { Fault } from './fault.ts';
import { FAULTS } from './faults.ts';

const HEAD = `# Known faults

What goes wrong with Pomerium in front of MCP servers, as people met it, and what names it. Each one is planted by a test (\`test/faults\`), which holds
that the finding comes with this fix, and that a healthy project has none. This page is made from that corpus: \`node scripts/faults-doc.ts\`.

A finding in capitals is a [rule of lint](rules.md) or a [code of an error](errors.md), one with a number a [check of doctor](doctor.md); the name of a
client stands for what doctor foretells of it.

| | Symptom | Fault | Finding | Fix |
| --- | --- | --- | --- | --- |
`;

export function faultsDocument(): string {
  return `${HEAD}${FAULTS.map(row).join('\n')}\n`;
}

function row(fault: Fault): string {
  const { number, symptom, cause, fix } = fault;
  return `| ${[number, symptom, cause, findingsOf(fault), fix].map(cell).join(' | ')} |`;
}

function findingsOf({ planted }: Fault): string {
  if (planted.length === 0) return 'not yet';
  const found = [...new Set(planted.flatMap(({ finds }) => finds ?? []))];
  return found.length === 0 ? 'not a fault' : found.map((id) => `\`${id}\``).join(', ');
}

function cell(value: string | number): string {
  return String(value).replaceAll('|', '\\|').replaceAll('\n', '; ');
}
