import { AREAS } from './check.ts';
import { CHECKS } from './checks/index.ts';

/** The table of docs/doctor.md, area by area, from the checks themselves. */
export function checksTable(): string {
  return AREAS.map((area) => {
    const rows = CHECKS.filter((check) => check.area === area).map(({ id, title, on = [], needs = [] }) => {
      return `| ${id} | ${title} | ${on.join(', ') || 'nothing'} | ${needs.join(', ')} |`;
    });
    return `### ${area}\n\n| Check | What is checked | Looks at | After |\n| --- | --- | --- | --- |\n${rows.join('\n')}\n`;
  }).join('\n');
}
