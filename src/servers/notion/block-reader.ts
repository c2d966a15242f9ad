import { recordOf } from '../../json.ts';
import type { ProviderSession } from '../provider/api.ts';
import { listOf, stringOf, type Json } from '../provider/json.ts';
import { cut } from '../provider/text.ts';
import { blockLines, holdsChildren, isTransparent } from './block-text.ts';

const MOST_CHARACTERS = 100_000;
const MOST_REQUESTS = 50;
const MOST_DEPTH = 6;

/** Reads the blocks below a page, one request after the other: Notion allows three a second (https://developers.notion.com/reference/request-limits). */
export class BlockReader {
  readonly #notion: ProviderSession;
  readonly #lines: string[] = [];
  #characters = 0;
  #requests = 0;
  #cut: string | undefined;

  constructor(notion: ProviderSession) {
    this.#notion = notion;
  }

  /** Adds the text of all blocks below one, with what is nested in them indented. */
  async read(id: string, depth = 0, indent = ''): Promise<void> {
    let cursor = '';
    let number = 0;
    do {
      const page = await this.#children(id, cursor);
      if (!page) return;
      for (const block of listOf(page['results']).map(recordOf)) {
        number = block['type'] === 'numbered_list_item' ? number + 1 : 0;
        await this.#add(block, number, depth, indent);
        if (this.#isFull()) return;
      }
      cursor = page['has_more'] === true ? stringOf(page['next_cursor']) : '';
    } while (cursor);
  }

  text(): string {
    return cut(this.#lines.join('\n'), MOST_CHARACTERS);
  }

  /** What is missing, and why; undefined when nothing is. */
  cut(): string | undefined {
    return this.#cut;
  }

  async #children(id: string, cursor: string): Promise<Json | undefined> {
    if (this.#requests === MOST_REQUESTS) {
      this.#cut ??= `only the first ${MOST_REQUESTS} parts of the page were read`;
      return undefined;
    }
    this.#requests += 1;
    const path = ['v1', 'blocks', id, 'children'];
    const { value } = await this.#notion.json({ path, query: { start_cursor: cursor || undefined } });
    return recordOf(value);
  }

  async #add(block: Json, number: number, depth: number, indent: string): Promise<void> {
    for (const one of blockLines(block, number)) {
      this.#lines.push(one.replaceAll(/^/gm, indent));
      this.#characters += one.length + indent.length + 1;
    }
    if (this.#isFull() || block['has_children'] !== true || !holdsChildren(block)) return;
    if (depth === MOST_DEPTH) {
      this.#cut ??= `what is nested deeper than ${MOST_DEPTH} levels is left out`;
      return;
    }
    await this.read(stringOf(block['id']), depth + 1, isTransparent(block) ? indent : `${indent}  `);
  }

  #isFull(): boolean {
    if (this.#characters <= MOST_CHARACTERS) return false;
    this.#cut ??= `only the first ${MOST_CHARACTERS} characters are shown`;
    return true;
  }
}
