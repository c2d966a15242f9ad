import { recordOf } from '../../json.ts';
import type { FoundDocument } from '../provider/documents.ts';
import { ProviderFailure } from '../provider/failure.ts';
import { stringOf, type Json } from '../provider/json.ts';
import { line } from '../provider/text.ts';

/** Members of a file that are asked for. */
export const FILE_FIELDS = 'id,name,mimeType,description,webViewLink,modifiedTime,shortcutDetails(targetId)';

export const FOLDER = 'application/vnd.google-apps.folder';
const SHORTCUT = 'application/vnd.google-apps.shortcut';

const ID = /^[\w-]{1,200}$/;
/** The address of a document or file; it is only read, never asked. */
const ADDRESS = /^https:\/\/(?:docs|drive)\.google\.com\/(?:[^?#]*\/d\/|[^?#]*\?(?:[^#]*&)?id=)([\w-]{1,200})/;

/** A file without its text. */
export function toDocument(file: Json): FoundDocument {
  const name = line(stringOf(file['name']), 1000);
  const modified = line(stringOf(file['modifiedTime']));
  return {
    id: stringOf(file['id']),
    title: name,
    text: line(stringOf(file['description']), 1000) || name,
    url: line(stringOf(file['webViewLink']), 2000),
    metadata: { mimeType: typeOf(file), ...(modified ? { modifiedTime: modified } : {}) },
  };
}

export function typeOf(file: Json): string {
  return line(stringOf(file['mimeType']), 200);
}

/** The id of what a shortcut leads to; undefined for anything else. */
export function targetOf(file: Json): string | undefined {
  if (file['mimeType'] !== SHORTCUT) return undefined;
  return stringOf(recordOf(file['shortcutDetails'])['targetId']) || undefined;
}

/** The id out of what the model gave: an id, or the address of a document. */
export function fileIdOf(text: string): string {
  const id = ID.test(text) ? text : ADDRESS.exec(text)?.[1];
  if (id !== undefined) return id;
  if (text.trim() === '') throw new ProviderFailure('id cannot be empty');
  throw new ProviderFailure(`\`${line(text, 100)}\` is no id of a file; take one from the results of search`);
}
