import { ResourceTemplate, type McpServer } from '@modelcontextprotocol/server';
import { PNG } from './content.ts';

const TEXTS: Record<string, string> = {
  'static-text': 'This is the content of the static text resource.',
  'watched-resource': 'This resource can be subscribed to.',
};

export function registerResources(server: McpServer): void {
  for (const [name, words] of Object.entries(TEXTS)) {
    const described = { description: `The text ${name}`, mimeType: 'text/plain' };
    server.registerResource(name, `test://${name}`, described, async ({ href }) => ({
      contents: [{ uri: href, mimeType: 'text/plain', text: words }],
    }));
  }
  const binary = { description: 'A pixel', mimeType: 'image/png' };
  server.registerResource('static-binary', 'test://static-binary', binary, async ({ href }) => ({
    contents: [{ uri: href, mimeType: 'image/png', blob: PNG }],
  }));
  const template = new ResourceTemplate('test://template/{id}/data', { list: undefined });
  const json = { description: 'Data by number', mimeType: 'application/json' };
  server.registerResource('template', template, json, async ({ href }, { id }) => ({
    contents: [
      {
        uri: href,
        mimeType: 'application/json',
        text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${String(id)}` }),
      },
    ],
  }));
}
