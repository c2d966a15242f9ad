export interface LlmSettings {
  /** Whose wire format is spoken; many services speak OpenAI's. */
  api: 'anthropic' | 'openai';
  /** Goes into the header of requests to `baseUrl`, and nowhere else. */
  key: string;
  /** Without a slash at its end: `https://api.anthropic.com`, `https://api.openai.com/v1`. */
  baseUrl: string;
  /** Absent: chosen on the page from what the service offers. */
  model?: string | undefined;
}

/** A tool as a model is told of it. */
export interface OfferedTool {
  name: string;
  description: string;
  schema: Record<string, unknown>;
}

export interface RequestedCall {
  id: string;
  name: string;
  /** As the model wrote them: JSON, or what it took for that. */
  argumentsText: string;
}

export type Message =
  | { role: 'user'; text: string }
  | { role: 'assistant'; text: string; calls: readonly RequestedCall[] }
  | { role: 'tools'; results: readonly { id: string; text: string; isError: boolean }[] };

export interface ReplyRequest {
  model: string;
  system: string;
  messages: readonly Message[];
  tools: readonly OfferedTool[];
  signal: AbortSignal;
  /** Called with each further piece of the answer. */
  onText: (piece: string) => void;
}

export interface Reply {
  text: string;
  calls: RequestedCall[];
  /** Why it ended early, in a sentence. */
  ended?: string;
}

export interface Model {
  /** Host of the service, for the page. */
  service: string;
  /** The model that the settings name. */
  fixed: string | undefined;
  /** Names of the models that the service offers. Throws LlmError. */
  list(signal: AbortSignal): Promise<string[]>;
  /** One answer, read while it is written. Throws LlmError, or the signal's reason. */
  reply(request: ReplyRequest): Promise<Reply>;
}

/** The arguments that a model wrote; undefined when they are no JSON object. */
export function argumentsOf({ argumentsText }: RequestedCall): Record<string, unknown> | undefined {
  try {
    const value: unknown = argumentsText.trim() === '' ? {} : JSON.parse(argumentsText);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
