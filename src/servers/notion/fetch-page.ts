import { recordOf } from '../../json.ts';
import type { ProviderSession } from '../provider/api.ts';
import type { FoundDocument } from '../provider/documents.ts';
import { BlockReader } from './block-reader.ts';
import { pageIdOf } from './page-id.ts';
import { toDocument } from './page.ts';

/** A page with the text of its blocks. */
export async function fetchPage(notion: ProviderSession, given: string): Promise<FoundDocument> {
  const id = pageIdOf(given);
  const { value } = await notion.json({ path: ['v1', 'pages', id] });
  const reader = new BlockReader(notion);
  await reader.read(id);
  const cut = reader.cut();
  return {
    ...toDocument(recordOf(value)),
    id: given,
    text: reader.text(),
    ...(cut ? { metadata: { truncated: cut } } : {}),
  };
}
