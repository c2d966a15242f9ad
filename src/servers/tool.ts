/** A tool as both servers declare it: named text arguments in, text out. */
export interface Tool {
  name: string;
  description: string;
  /** Argument name -> description. All are strings and required; others are refused. */
  arguments: Readonly<Record<string, string>>;
  annotations: { readOnlyHint: boolean; destructiveHint?: boolean; openWorldHint: boolean };
  call(args: Readonly<Record<string, string>>, caller: Caller): Promise<ToolAnswer>;
}

/** What a tool may know about the request it answers. */
export interface Caller {
  headers: Headers;
  /** Aborted when the client goes away. */
  signal: AbortSignal;
}

export interface ToolAnswer {
  /** One content item each. */
  texts: string[];
  /** The call failed; the text says why. Undefined on success, as `isError` is left out then. */
  isError?: true;
}

export function toolError(text: string): ToolAnswer {
  return { texts: [text], isError: true };
}

/** JSON as the public servers write it: safe inside HTML, like the encoder of Go's standard library. */
export function encodeJson(value: unknown): string {
  return escapeForHtml(JSON.stringify(value));
}

export function escapeForHtml(json: string): string {
  return json.replace(/[<>&\u2028\u2029]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
