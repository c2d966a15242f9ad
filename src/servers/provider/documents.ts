import { encodeJson, type JsonObject, type ToolAnswer } from '../tool.ts';

/**
 * The contract of `search` and `fetch` that deep research and company knowledge of ChatGPT expect, as the public `pomerium/mcp-servers`
 * declares it (drutil): one text item of JSON, and the same as structured content. https://developers.openai.com/apps-sdk
 */
export interface FoundDocument {
  id: string;
  title: string;
  text: string;
  url: string;
  metadata?: Readonly<Record<string, string>>;
}

export const DOCUMENT_SCHEMA: JsonObject = {
  type: 'object',
  required: ['id', 'title', 'text'],
  properties: {
    id: { type: 'string' },
    metadata: { type: 'object', additionalProperties: { type: 'string' } },
    text: { type: 'string' },
    title: { type: 'string' },
    url: { type: ['null', 'string'] },
  },
  additionalProperties: false,
};

export const RESULTS_SCHEMA: JsonObject = {
  type: 'object',
  required: ['results'],
  properties: { results: { type: 'array', items: DOCUMENT_SCHEMA } },
  additionalProperties: false,
};

export function resultsAnswer(results: readonly FoundDocument[]): ToolAnswer {
  return answer({ results });
}

export function documentAnswer(document: FoundDocument): ToolAnswer {
  return answer({ ...document });
}

function answer(structured: JsonObject): ToolAnswer {
  return { texts: [encodeJson(structured)], structured };
}
