import { recordOf } from '../../json.ts';
import type { ProviderSession } from '../provider/api.ts';
import type { FoundDocument } from '../provider/documents.ts';
import { ProviderFailure } from '../provider/failure.ts';
import { type Json } from '../provider/json.ts';
import { clean, cut } from '../provider/text.ts';
import { FILE_FIELDS, fileIdOf, FOLDER, targetOf, toDocument, typeOf } from './file.ts';

/** Bytes of a document that are read, and characters of it that are shown. */
const MOST_BYTES = 1024 * 1024;
const MOST_CHARACTERS = 100_000;

/** Google's own kinds -> the text they are exported as, and what of them is lost. */
const EXPORTS = new Map<string, { as: string; note?: string }>(
  Object.entries({
    'application/vnd.google-apps.document': { as: 'text/plain' },
    'application/vnd.google-apps.presentation': { as: 'text/plain' },
    'application/vnd.google-apps.spreadsheet': { as: 'text/csv', note: 'Google exports the first sheet only' },
  }),
);

const TEXT = /^text\/|^application\/(?:json|xml|yaml|x-yaml|javascript|x-sh|sql|rtf|[\w.+-]+\+(?:json|xml))$/;

/** A file with its text; a shortcut is followed to what it leads to. */
export async function fetchFile(drive: ProviderSession, given: string): Promise<FoundDocument> {
  const first = await describe(drive, fileIdOf(given));
  const target = targetOf(first);
  const file = target === undefined ? first : await describe(drive, target);
  const document = toDocument(file);
  const { text, isCut, note } = await read(drive, file, document.id);
  return {
    ...document,
    id: given,
    text,
    metadata: {
      ...document.metadata,
      ...(note ? { note } : {}),
      ...(isCut ? { truncated: `only the first ${Math.min(text.length, MOST_CHARACTERS)} characters are shown` } : {}),
    },
  };
}

async function describe(drive: ProviderSession, id: string): Promise<Json> {
  const query = { fields: FILE_FIELDS, supportsAllDrives: 'true' };
  return recordOf((await drive.json({ path: ['drive', 'v3', 'files', id], query })).value);
}

async function read(
  drive: ProviderSession,
  file: Json,
  id: string,
): Promise<{ text: string; isCut: boolean; note?: string }> {
  const type = typeOf(file);
  const path = ['drive', 'v3', 'files', id];
  const exported = EXPORTS.get(type);
  if (!exported && !TEXT.test(type)) throw new ProviderFailure(unreadable(type));
  const { bytes, isCut } = exported
    ? await drive.bytes({ path: [...path, 'export'], query: { mimeType: exported.as } }, MOST_BYTES)
    : await drive.bytes({ path, query: { alt: 'media', supportsAllDrives: 'true' } }, MOST_BYTES);
  const whole = clean(bytes.toString('utf8'));
  const text = cut(whole, MOST_CHARACTERS);
  const note = exported?.note;
  return { text, isCut: isCut || text.length < whole.length, ...(note ? { note } : {}) };
}

function unreadable(type: string): string {
  if (type === FOLDER) return 'this is a folder; search for the documents in it';
  return `this file is ${type || 'of an unknown type'}, which cannot be read as text`;
}
