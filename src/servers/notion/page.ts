import { recordOf } from '../../json.ts';
import type { FoundDocument } from '../provider/documents.ts';
import { listOf, stringOf, type Json } from '../provider/json.ts';
import { clean, line } from '../provider/text.ts';

/** The readable text of a list of rich texts. https://developers.notion.com/reference/rich-text */
export function richText(value: unknown, between = ''): string {
  return clean(
    listOf(value)
      .map((part) => stringOf(recordOf(part)['plain_text']))
      .join(between),
  );
}

/** A page without its text. The property that holds the title may have any name: in a database's row it is the column's. */
export function toDocument(page: Json): FoundDocument {
  const properties = Object.values(recordOf(page['properties'])).map(recordOf);
  const title = properties.find(({ type }) => type === 'title');
  const name = line(partsOf(title?.['title']), 1000);
  return { id: stringOf(page['id']), title: name, text: name, url: line(stringOf(page['url']), 2000) };
}

/** The public server puts a blank between the parts of a title. */
function partsOf(value: unknown): string {
  return richText(value, ' ');
}
