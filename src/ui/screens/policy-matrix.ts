import type { MatrixCell, MatrixRoute, PolicyMatrixResult } from '../../commands/policy-matrix.ts';
import type { Style } from '../style.ts';
import { padEnd, truncate, widthOf, wrap } from '../table.ts';

const LONGEST_CALL = 24;
const LONGEST_USER = 26;

/** `mcpgw policy matrix`: a column for each user, as many as fit beside each other, a row for each call. */
export function policyMatrixScreen({ file, users, routes }: PolicyMatrixResult, style: Style): string {
  const lines = routes.flatMap((route, i) => [...(i === 0 ? [] : ['']), ...routeLines(route, users, style)]);
  const cells = routes.flatMap(({ rows }) => rows.flatMap((row) => row.cells));
  return `${[...lines, '', ...wrap(legend(cells, file), style.width)].join('\n')}\n`;
}

function routeLines({ name, url, rows }: MatrixRoute, users: readonly string[], style: Style): string[] {
  const callWidth = Math.min(LONGEST_CALL, Math.max(...rows.map(({ call }) => widthOf(call))));
  const widths = users.map((user, i) =>
    Math.min(LONGEST_USER, Math.max(widthOf(user), ...rows.map(({ cells }) => widthOf(cellText(cells[i]))))),
  );
  const blocks = blocksOf(widths, style.width - callWidth);
  return [
    `${style.bold(name)}   ${url}`,
    ...blocks.flatMap((columns) => [
      line(
        '',
        columns.map((i) => truncate(users[i] ?? '', LONGEST_USER)),
        columns,
        { callWidth, widths },
      ),
      ...rows.map(({ call, cells }) =>
        line(
          truncate(call, callWidth),
          columns.map((i) => paint(cells[i], style)),
          columns,
          { callWidth, widths },
        ),
      ),
    ]),
  ];
}

/** Which columns stand beside each other. */
function blocksOf(widths: readonly number[], room: number): number[][] {
  const blocks: number[][] = [];
  let left = 0;
  widths.forEach((width, i) => {
    const needed = width + 3;
    const block = blocks.at(-1);
    if (block && needed <= left) block.push(i);
    else {
      blocks.push([i]);
      left = room;
    }
    left -= needed;
  });
  return blocks;
}

interface Widths {
  callWidth: number;
  widths: readonly number[];
}

function line(
  head: string,
  cells: readonly string[],
  columns: readonly number[],
  { callWidth, widths }: Widths,
): string {
  const padded = cells.map((cell, at) => padEnd(cell, widths[columns[at] ?? 0] ?? 0));
  return [padEnd(head, callWidth), ...padded].join('   ').trimEnd();
}

const MARKS = { allowed: '✓', signIn: '→', refused: '✗' } as const;

function markOf({ allowed, decision }: MatrixCell): keyof typeof MARKS {
  if (allowed) return 'allowed';
  return decision === 'unauthenticated' ? 'signIn' : 'refused';
}

/** Where a rule refuses, its line; what is allowed needs no reason. */
function cellText(cell: MatrixCell | undefined): string {
  if (!cell) return '';
  const mark = markOf(cell);
  return mark === 'refused' && cell.line !== undefined ? `${MARKS[mark]} :${cell.line}` : MARKS[mark];
}

function paint(cell: MatrixCell | undefined, style: Style): string {
  const text = cellText(cell);
  if (!cell) return text;
  const mark = markOf(cell);
  return mark === 'allowed' ? style.ok(text) : mark === 'refused' ? style.bad(text) : style.dim(text);
}

function legend(cells: readonly MatrixCell[], file: string): string {
  const marks = new Set(cells.map(markOf));
  const byRule = cells.some((cell) => markOf(cell) === 'refused' && cell.line !== undefined);
  const words = [
    marks.has('allowed') && '✓ passes',
    marks.has('signIn') && '→ has to sign in',
    marks.has('refused') && (byRule ? `✗ refused, :n by the rule in line n of ${file}` : '✗ refused'),
  ];
  return words.filter((word) => word !== false).join('   ');
}
