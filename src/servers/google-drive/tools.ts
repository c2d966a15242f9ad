import { documentTools } from '../provider/document-tools.ts';
import type { Tool } from '../tool.ts';
import { createGoogleDriveApi, type GoogleDriveOptions } from './api.ts';
import { fetchFile } from './fetch-file.ts';
import { searchFiles } from './search-files.ts';

/** In order of their names. */
export function googleDriveTools(options: GoogleDriveOptions): Tool[] {
  return documentTools(createGoogleDriveApi(options), {
    fetch: {
      description: 'Fetch the text of a Google Doc, Sheet, Slides presentation or text file by its ID',
      id: 'The ID of the file to fetch',
      run: fetchFile,
    },
    search: { description: 'Search the files of Google Drive by name and text', run: searchFiles },
  });
}
