/** An argument of a tool; a plain text stands for a required string with that description. */
export type Argument = string | ArgumentSpec;

export interface ArgumentSpec {
  type: 'string' | 'integer' | 'boolean';
  description: string;
  /** May be left out. */
  optional?: true;
  /** The only values allowed. */
  enum?: readonly string[];
  minimum?: number;
  maximum?: number;
}

/** Checked against the tool's declaration before it is called. */
export type Arguments = Readonly<Record<string, unknown>>;

export type JsonObject = Readonly<Record<string, unknown>>;

/** A tool as all servers declare it: named arguments in, texts out. */
export interface Tool {
  name: string;
  description: string;
  /** Argument name -> what it is; others are refused. */
  arguments: Readonly<Record<string, Argument>>;
  /** JSON Schema of `structured`, for tools that answer with it. */
  output?: JsonObject;
  annotations: { readOnlyHint: boolean; destructiveHint?: boolean; openWorldHint: boolean };
  call(args: Arguments, caller: Caller): Promise<ToolAnswer>;
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
  /** The same as JSON, as the tool's `output` describes it. */
  structured?: JsonObject;
  /** The call failed; the text says why. Undefined on success, as `isError` is left out then. */
  isError?: true;
  /** The whole request is answered with this instead: the gateway reads it and sends the user to sign in again. */
  challenge?: Challenge;
}

/** An HTTP answer that asks for another token (RFC 6750 §3). */
export interface Challenge {
  status: 401 | 403;
  /** Value of WWW-Authenticate. */
  header: string;
}

/** A text argument; empty when it was left out. */
export function textOf(args: Arguments, name: string): string {
  const value = args[name];
  return typeof value === 'string' ? value : '';
}

/** A whole number; undefined when it was left out. */
export function numberOf(args: Arguments, name: string): number | undefined {
  const value = args[name];
  return typeof value === 'number' ? value : undefined;
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
