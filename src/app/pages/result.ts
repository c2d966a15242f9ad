import { isRecord, parseJson } from '../../json.ts';
import type { ContentItem, ToolResult } from '../../mcp/index.ts';
import { markup, type Html } from '../html.ts';

/** Characters of one text, and rows of one table, that a page shows. */
const MAX_TEXT = 200_000;
const MAX_ROWS = 200;
const MAX_COLUMNS = 30;

/** What a tool answered, item by item. */
export function resultView({ content, structuredContent }: ToolResult): Html {
  // A server says its structured answer as text too, for clients that know only text (MCP 2025-06-18, tools, structured content).
  const isSaid = (item: ContentItem): boolean =>
    structuredContent !== undefined &&
    item.type === 'text' &&
    JSON.stringify(parseDocument(item['text'])) === JSON.stringify(structuredContent);
  const shown = content.filter((item) => !isSaid(item));
  const empty = shown.length === 0 && structuredContent === undefined;
  return markup`${structuredContent !== undefined && dataView(structuredContent)}${shown.map(itemView)}${
    empty && markup`<p class="soft">The tool answered with nothing.</p>`
  }`;
}

function itemView(item: ContentItem): Html {
  switch (item.type) {
    case 'text':
      return typeof item['text'] === 'string' ? textView(item['text']) : dataView(item);
    case 'image':
      return mediaView(item, 'image');
    case 'audio':
      return mediaView(item, 'audio');
    case 'resource_link':
      return linkView(item);
    case 'resource':
      return resourceView(item['resource']);
    default:
      return dataView(item);
  }
}

function textView(text: string): Html {
  const data = parseDocument(text);
  if (typeof data === 'object' && data !== null) return dataView(data);
  return markup`<pre tabindex="0">${shorten(text)}</pre>`;
}

const MEDIA = /^(image|audio)\/[\w.+-]+$/;
const BASE64 = /^[\w+/-]+={0,2}$/;

/** Pictures and sounds stand in the page itself; nothing is loaded, and an SVG image runs no script there. */
function mediaView(item: ContentItem, kind: 'image' | 'audio'): Html {
  const { data, mimeType } = item;
  const isGood =
    typeof data === 'string' && BASE64.test(data) && typeof mimeType === 'string' && MEDIA.exec(mimeType)?.[1] === kind;
  if (!isGood) return dataView(item);
  const url = `data:${mimeType};base64,${data}`;
  return kind === 'image'
    ? markup`<img class="result" src="${url}" alt="Picture that the tool answered with (${mimeType})">`
    : markup`<p><audio controls src="${url}"></audio></p>`;
}

function linkView({ uri, name, title, description }: ContentItem): Html {
  const address = typeof uri === 'string' ? uri : '';
  const label = [title, name].find((text): text is string => typeof text === 'string' && text !== '') ?? address;
  // Other schemes could start a program of this machine.
  const isWeb = /^https?:$/.test(URL.parse(address)?.protocol ?? '');
  const link = isWeb
    ? markup`<a href="${address}" target="_blank" rel="noopener noreferrer">${label}</a>`
    : markup`<b>${label}</b>`;
  return markup`<p>${link}<br><span class="soft small">${address}</span>${
    typeof description === 'string' && markup`<br><span class="small">${description}</span>`
  }</p>`;
}

function resourceView(resource: unknown): Html {
  if (!isRecord(resource)) return dataView(resource);
  const { uri, mimeType, text, blob } = resource;
  const head = markup`<p class="soft small">${typeof uri === 'string' && uri} ${typeof mimeType === 'string' && markup`(${mimeType})`}</p>`;
  if (typeof text === 'string') return markup`${head}${textView(text)}`;
  if (typeof mimeType === 'string' && mimeType.startsWith('image/')) {
    return markup`${head}${mediaView({ type: 'image', data: blob, mimeType }, 'image')}`;
  }
  const size = typeof blob === 'string' ? `${Math.floor((blob.length * 3) / 4)} bytes` : 'without content';
  return markup`${head}<p>Binary data, ${size}.</p>`;
}

/** A list of objects as a table, one object as a table of its members, everything else as JSON. */
function dataView(data: unknown): Html {
  if (Array.isArray(data) && data.length > 0 && data.every(isRecord)) return rowsView(data);
  if (isRecord(data)) {
    const entries = Object.entries(data);
    const [only] = entries;
    // Such as {"rows": [...]}.
    if (entries.length === 1 && only && Array.isArray(only[1]) && only[1].length > 0 && only[1].every(isRecord)) {
      return markup`<h3>${only[0]}</h3>${rowsView(only[1])}`;
    }
    if (entries.length > 0 && entries.every(([, value]) => !isRecord(value) && !Array.isArray(value))) {
      return markup`<div class="wide" tabindex="0"><table><tbody>${entries
        .slice(0, MAX_ROWS)
        .map(
          ([name, value]) => markup`<tr><th scope="row">${name}</th><td>${cell(value)}</td></tr>`,
        )}</tbody></table></div>`;
    }
  }
  return markup`<pre tabindex="0">${shorten(JSON.stringify(data, null, 2))}</pre>`;
}

function rowsView(rows: readonly Record<string, unknown>[]): Html {
  const shown = rows.slice(0, MAX_ROWS);
  const columns = [...new Set(shown.flatMap((row) => Object.keys(row)))];
  if (columns.length > MAX_COLUMNS) return markup`<pre tabindex="0">${shorten(JSON.stringify(rows, null, 2))}</pre>`;
  return markup`<div class="wide" tabindex="0"><table><thead><tr>${columns.map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead>
<tbody>${shown.map((row) => markup`<tr>${columns.map((name) => markup`<td>${cell(row[name])}</td>`)}</tr>`)}</tbody></table></div>
<p class="soft small">${rows.length} ${rows.length === 1 ? 'row' : 'rows'}${rows.length > MAX_ROWS && `, the first ${MAX_ROWS} are shown`}.</p>`;
}

function cell(value: unknown): Html | string {
  if (value === undefined) return '';
  if (value === null) return markup`<span class="soft">null</span>`;
  return shorten(typeof value === 'string' ? value : JSON.stringify(value));
}

function shorten(text: string): string {
  return text.length > MAX_TEXT ? `${text.slice(0, MAX_TEXT)}\n… ${text.length - MAX_TEXT} more characters` : text;
}

/** Words and numbers are JSON too, and are shown as the text that they are. */
function parseDocument(text: unknown): unknown {
  return typeof text === 'string' && /^\s*[[{]/.test(text) ? parseJson(text) : undefined;
}
