import { recordOf } from '../../json.ts';
import { listOf } from '../provider/json.ts';
import { encodeJson, type ToolAnswer } from '../tool.ts';
import { nextPage } from './paging.ts';
import type { Shape } from './shapes.ts';

/** Characters of one answer; more would fill the context of whoever asks. */
export const MOST_CHARACTERS = 100_000;

export function objectAnswer(value: unknown, shape: Shape): ToolAnswer {
  return { texts: [encodeJson(shape(recordOf(value)))] };
}

/** A page of a list, with the number of the next one when there is one. */
export function pageAnswer(
  items: unknown,
  headers: Headers,
  shape: Shape,
  more: Record<string, unknown> = {},
): ToolAnswer {
  const shaped = listOf(items).map((item) => shape(recordOf(item)));
  const next_page = nextPage(headers);
  const fitting = firstThatFit(shaped);
  const shown = fitting.length < shaped.length ? { shown: fitting.length, of: shaped.length } : {};
  return { texts: [encodeJson({ items: fitting, ...more, ...shown, next_page })] };
}

function firstThatFit(items: readonly Record<string, unknown>[]): Record<string, unknown>[] {
  let characters = 0;
  const end = items.findIndex((item, i) => {
    characters += JSON.stringify(item).length;
    return characters > MOST_CHARACTERS && i > 0;
  });
  return end === -1 ? [...items] : items.slice(0, end);
}

/** Text as it is, and in an item of its own that some is missing. */
export function textAnswer(text: string, isCut: boolean): ToolAnswer {
  const shown = text.slice(0, MOST_CHARACTERS).replace(/[\uD800-\uDBFF]$/, '');
  if (!isCut && shown.length === text.length) return { texts: [shown] };
  return { texts: [shown, `... (cut: the first ${shown.length} characters are shown)`] };
}
