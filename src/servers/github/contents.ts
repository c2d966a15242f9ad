import { recordOf } from '../../json.ts';
import type { ProviderSession } from '../provider/api.ts';
import { ProviderFailure } from '../provider/failure.ts';
import { listOf, stringOf, type Json } from '../provider/json.ts';
import { clean, line } from '../provider/text.ts';
import { textOf, type Arguments, type ToolAnswer } from '../tool.ts';
import { objectAnswer, pageAnswer, textAnswer } from './answers.ts';
import { inRepository, optional, REPOSITORY, type GithubTool } from './github-tool.ts';
import { entry } from './shapes.ts';

/** Bytes of a file that are read. */
const MOST_BYTES = 1024 * 1024;

/** https://docs.github.com/en/rest/repos/contents */
export const CONTENTS: GithubTool = {
  name: 'get_file_contents',
  description: 'Read a file of a repository as text, or list a folder',
  arguments: {
    ...REPOSITORY,
    path: { type: 'string', description: 'Path of the file or folder (the root)', optional: true },
    ref: { type: 'string', description: 'Branch, tag or commit (the default branch)', optional: true },
  },
  call: getContents,
};

async function getContents(github: ProviderSession, args: Arguments): Promise<ToolAnswer> {
  const parts = textOf(args, 'path')
    .split('/')
    .filter((part) => part !== '');
  const path = inRepository(args, 'contents', ...parts);
  const query = { ref: optional(args, 'ref') };
  // This form is an object for folders too, where the plain one is a list.
  const headers = { Accept: 'application/vnd.github.object+json' };
  const answer = await github.json({ path, query, headers });
  const found = recordOf(answer.value);
  if (found['type'] === 'dir') return pageAnswer(listOf(found['entries']), answer.headers, entry);
  if (found['type'] !== 'file') return objectAnswer(found, (value) => ({ ...entry(value), target: targetOf(value) }));
  if (found['encoding'] === 'base64') return fileAnswer(Buffer.from(stringOf(found['content']), 'base64'), false);
  // Above 1 MB the object comes without its content.
  const raw = await github.bytes({ path, query, headers: { Accept: 'application/vnd.github.raw+json' } }, MOST_BYTES);
  return fileAnswer(raw.bytes, raw.isCut);
}

/** Where a symbolic link leads, or which commit of which repository a submodule is. */
function targetOf(value: Json): string {
  return line(stringOf(value['target']) || `${stringOf(value['submodule_git_url'])}@${stringOf(value['sha'])}`);
}

function fileAnswer(bytes: Buffer, isCut: boolean): ToolAnswer {
  if (bytes.includes(0)) throw new ProviderFailure(`the file is binary (${isCut ? 'over ' : ''}${bytes.length} bytes)`);
  return textAnswer(clean(bytes.toString('utf8')), isCut);
}
