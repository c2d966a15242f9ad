import { ProviderFailure } from '../provider/failure.ts';
import { line } from '../provider/text.ts';

const ID = /^[\da-f]{8}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{4}-?[\da-f]{12}$/i;
/** The end of a page's address; the address itself is only read, never asked. */
const ADDRESS = /^https:\/\/(?:[\w-]+\.)*notion\.(?:so|site|com)\/(?:[^?#]*[/-])?([\da-f]{32})(?:[?#]|$)/i;

/** The id out of what the model gave: an id, or the address of a page. */
export function pageIdOf(text: string): string {
  const id = ID.test(text) ? text : ADDRESS.exec(text)?.[1];
  if (id !== undefined) return id;
  if (text.trim() === '') throw new ProviderFailure('id cannot be empty');
  throw new ProviderFailure(`\`${line(text, 100)}\` is no id of a page; take one from the results of search`);
}
