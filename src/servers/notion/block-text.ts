import { recordOf } from '../../json.ts';
import { listOf, stringOf, type Json } from '../provider/json.ts';
import { line } from '../provider/text.ts';
import { richText } from './page.ts';

/** Lines of text for one block, in the manner of the public server; none for a kind that has no text. `number` counts a numbered list. */
export function blockLines(block: Json, number: number): string[] {
  const type = stringOf(block['type']);
  const content = recordOf(block[type]);
  const render = Object.hasOwn(RENDERERS, type) ? RENDERERS[type] : undefined;
  return render ? [render(content, number)] : [];
}

/** Frames whose children stand at the level of the frame itself. */
export function isTransparent({ type }: Json): boolean {
  return typeof type === 'string' && FRAMES.has(type);
}

/** A page or database inside a page is a document of its own. */
export function holdsChildren({ type }: Json): boolean {
  return type !== 'child_page' && type !== 'child_database';
}

const FRAMES = new Set(['table', 'column_list', 'column', 'synced_block']);

type Renderer = (content: Json, number: number) => string;

const own = (content: Json): string => richText(content['rich_text']);
const prefixed =
  (prefix: string): Renderer =>
  (content) =>
    `${prefix}${own(content)}`;

const RENDERERS: Readonly<Record<string, Renderer>> = {
  paragraph: own,
  heading_1: prefixed('# '),
  heading_2: prefixed('## '),
  heading_3: prefixed('### '),
  bulleted_list_item: prefixed('• '),
  numbered_list_item: (content, number) => `${number}. ${own(content)}`,
  to_do: (content) => `${content['checked'] === true ? '☑' : '☐'} ${own(content)}`,
  toggle: prefixed('▶ '),
  callout: prefixed('💡 '),
  quote: prefixed('> '),
  code: (content) => `\`\`\`${line(stringOf(content['language']), 40)}\n${own(content)}\n\`\`\``,
  equation: (content) => `$${line(stringOf(content['expression']), 1000)}$`,
  divider: () => '---',
  table_row: (content) =>
    `| ${listOf(content['cells'])
      .map((cell) => richText(cell).replaceAll('\n', ' '))
      .join(' | ')} |`,
  child_page: (content) => `📄 ${titleOf(content)}`,
  child_database: (content) => `🗃 ${titleOf(content)}`,
  bookmark: (content) => captioned(`🔗 ${addressOf(content)}`, content),
  embed: (content) => captioned(`🔗 ${addressOf(content)}`, content),
  link_preview: (content) => `🔗 ${addressOf(content)}`,
  image: (content) => captioned(`🖼 Image: ${addressOf(content)}`, content),
  video: (content) => captioned(`🎥 Video: ${addressOf(content)}`, content),
  file: (content) => captioned('📎 File', content),
  pdf: (content) => captioned('📎 PDF', content),
};

function titleOf(content: Json): string {
  return line(stringOf(content['title']), 1000);
}

/** Only what lies elsewhere has an address to keep: one of Notion's own files is signed for the reader, and for an hour. */
function addressOf(content: Json): string {
  const address = stringOf(content['url']) || stringOf(recordOf(content['external'])['url']);
  return line(address, 2000);
}

function captioned(text: string, content: Json): string {
  const caption = richText(content['caption']);
  return caption ? `${text.trimEnd()} - ${caption}` : text.trimEnd();
}
