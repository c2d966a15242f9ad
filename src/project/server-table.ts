/** A route as a line of the project's README. */
export interface TableRow {
  name: string;
  url: string;
  who: string;
  isServer: boolean;
}

/** Heads of the tables that our templates write; the first one is for MCP servers alone. */
const SERVERS_HEAD = '| Server | URL for clients | Who may use it |';
const ROUTES_HEAD = '| Route | URL | Who may use it |';

/** The README with a route more in its table, where it has one that we wrote; otherwise as it is. */
export function addToServerTable(readme: string, { name, url, who, isServer }: TableRow): string {
  const table = findTable(readme);
  if (!table || (table.head === SERVERS_HEAD && !isServer) || table.rows.some((row) => cellsOf(row).includes(url)))
    return readme;
  const cells = [name, url, who].map((cell) => cell.replaceAll('|', '\\|'));
  return spliced(readme, table.end, 0, [`| ${cells.join(' | ')} |`]);
}

/** The README without the route at a URL. */
export function removeFromServerTable(readme: string, url: string): string {
  const table = findTable(readme);
  const index = table?.rows.findIndex((row) => cellsOf(row)[1] === url) ?? -1;
  return !table || index === -1 ? readme : spliced(readme, table.end - table.rows.length + index, 1, []);
}

/** Line numbers; `end` is that of the first line below. */
function findTable(readme: string): { head: string; rows: string[]; end: number } | undefined {
  const lines = readme.split('\n');
  const at = lines.findIndex((line) => [SERVERS_HEAD, ROUTES_HEAD].includes(line.trim()));
  if (at === -1) return undefined;
  const first = at + 2;
  const length = lines.slice(first).findIndex((line) => !line.startsWith('|'));
  const end = length === -1 ? lines.length : first + length;
  return { head: lines[at]?.trim() ?? '', rows: lines.slice(first, end), end };
}

function cellsOf(row: string): string[] {
  return row
    .split('|')
    .slice(1, -1)
    .map((cell) => cell.trim());
}

function spliced(text: string, at: number, gone: number, added: readonly string[]): string {
  return text
    .split('\n')
    .toSpliced(at, gone, ...added)
    .join('\n');
}
