import { markup, type Html } from '../html.ts';

/**
 * What models write most of Markdown: paragraphs, lists, headings, tables, code, bold and links. Pictures are left as text: loading one
 * would tell somebody else what was said here. Everything else stays as it was written.
 */
export function markdown(text: string): Html {
  const lines = text.replaceAll('\r\n', '\n').split('\n');
  const blocks: Html[] = [];
  for (let i = 0; i < lines.length;) {
    const [block, next] = readBlock(lines, i);
    if (block) blocks.push(block);
    i = next;
  }
  return markup`${blocks}`;
}

const FENCE = /^\s*(```+|~~~+)/;
const HEADING = /^#{1,6}\s+(.*)$/;
const BULLET = /^\s*[-*+]\s+(.*)$/;
const NUMBER = /^\s*\d{1,9}[.)]\s+(.*)$/;
const TABLE_RULE = /^\s*\|?[\s:|-]*-[\s:|-]*\|[\s:|-]*$/;

/** The block that begins at a line, and the line after it. */
function readBlock(lines: readonly string[], from: number): [Html | undefined, number] {
  const line = lines[from] ?? '';
  if (line.trim() === '') return [undefined, from + 1];
  const fence = FENCE.exec(line)?.[1];
  if (fence !== undefined) return readCode(lines, from, fence);
  const heading = HEADING.exec(line)?.[1];
  if (heading !== undefined) return [markup`<p><b>${inline(heading)}</b></p>`, from + 1];
  if (line.includes('|') && TABLE_RULE.test(lines[from + 1] ?? '')) return readTable(lines, from);
  if (BULLET.test(line)) return readList(lines, from, BULLET, (items) => markup`<ul>${items}</ul>`);
  if (NUMBER.test(line)) return readList(lines, from, NUMBER, (items) => markup`<ol>${items}</ol>`);
  let to = from + 1;
  while (to < lines.length && isPlain(lines[to] ?? '')) to += 1;
  return [markup`<p class="said">${inline(lines.slice(from, to).join('\n'))}</p>`, to];
}

function isPlain(line: string): boolean {
  return line.trim() !== '' && ![FENCE, HEADING, BULLET, NUMBER].some((pattern) => pattern.test(line));
}

/** Code that has not ended yet, as while an answer is written, reaches to the end. */
function readCode(lines: readonly string[], from: number, fence: string): [Html, number] {
  const length = lines.slice(from + 1).findIndex((line) => line.trim().startsWith(fence));
  const to = length === -1 ? lines.length : from + 1 + length;
  return [markup`<pre tabindex="0">${lines.slice(from + 1, to).join('\n')}</pre>`, to + 1];
}

function readList(
  lines: readonly string[],
  from: number,
  pattern: RegExp,
  wrap: (items: readonly Html[]) => Html,
): [Html, number] {
  const items: Html[] = [];
  let at = from;
  for (; at < lines.length; at += 1) {
    const item = pattern.exec(lines[at] ?? '')?.[1];
    if (item === undefined) break;
    items.push(markup`<li>${inline(item)}</li>`);
  }
  return [wrap(items), at];
}

function readTable(lines: readonly string[], from: number): [Html, number] {
  let to = from + 2;
  while (to < lines.length && (lines[to] ?? '').includes('|')) to += 1;
  const head = cellsOf(lines[from] ?? '').map((cell) => markup`<th scope="col">${inline(cell)}</th>`);
  const rows = lines
    .slice(from + 2, to)
    .map((line) => markup`<tr>${cellsOf(line).map((cell) => markup`<td>${inline(cell)}</td>`)}</tr>`);
  return [
    markup`<div class="wide" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table></div>`,
    to,
  ];
}

function cellsOf(line: string): string[] {
  return line
    .trim()
    .replaceAll(/^\||\|$/g, '')
    .split('|')
    .map((cell) => cell.trim());
}

const INLINE = /`([^`\n]+)`|\*\*([^*\n]+)\*\*|(?<!!)\[([^\]\n]+)\]\((https?:\/\/[^\s()]+)\)/g;

function inline(text: string): Html {
  const parts: (string | Html)[] = [];
  let done = 0;
  for (const match of text.matchAll(INLINE)) {
    parts.push(text.slice(done, match.index));
    const [whole, code, bold, label, url] = match;
    if (code !== undefined) parts.push(markup`<code>${code}</code>`);
    else if (bold !== undefined) parts.push(markup`<b>${bold}</b>`);
    else parts.push(linkTo(label ?? '', url ?? ''));
    done = match.index + whole.length;
  }
  return markup`${[...parts, text.slice(done)]}`;
}

/** The host stands beside it: a model that read something hostile may say one address and mean another. */
function linkTo(label: string, url: string): Html {
  const host = URL.parse(url)?.host;
  if (host === undefined) return markup`${label} (${url})`;
  return markup`<a href="${url}" target="_blank" rel="noopener noreferrer">${label}</a>${!label.includes(host) && ` (${host})`}`;
}
