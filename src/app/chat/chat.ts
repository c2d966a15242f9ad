import type { ToolResult } from '../../mcp/index.ts';
import type { Failure } from '../failure.ts';
import type { Message } from './model.ts';

/** A tool call within a chat. */
export interface CallItem {
  kind: 'call';
  server: string;
  tool: string;
  args: Record<string, unknown>;
  state: 'asking' | 'running' | 'done' | 'refused' | 'failed';
  took?: number;
  result?: ToolResult;
  failure?: Failure;
}

type Body =
  | { kind: 'user'; text: string }
  | { kind: 'assistant'; text: string; working: boolean }
  | { kind: 'note'; tone: 'warn' | 'bad'; text: string }
  | CallItem;

/** What a chat shows, one below the other. `version` grows with each change of anything in the chat. */
export type Item = { id: string; version: number } & Body;

/** The items of one kind. */
export type ItemOf<K extends Body['kind']> = { id: string; version: number } & Extract<Body, { kind: K }>;

export type Consent = 'once' | 'always' | 'never';

/** One visitor's conversation, and the turn that is being answered. */
export class Chat {
  readonly items: Item[] = [];
  readonly messages: Message[] = [];
  /** Tools that were allowed for the rest of the conversation. */
  readonly allowed = new Set<string>();
  /** The newest External Token of the visitor: each lasts five minutes, a turn may last longer. */
  token: string;
  /** The model of the last message. */
  model: string | undefined;
  version = 0;
  #turn: AbortController | undefined;
  #question: { item: Item; answer(consent: Consent): void } | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(token: string) {
    this.token = token;
  }

  get isRunning(): boolean {
    return this.#turn !== undefined;
  }

  get isAsking(): boolean {
    return this.#question !== undefined;
  }

  add<K extends Body['kind']>(kind: K, body: Omit<Extract<Body, { kind: K }>, 'kind'>): ItemOf<K> {
    const item = { ...body, kind, id: `i${this.items.length}`, version: 0 } as unknown as ItemOf<K>;
    this.items.push(item);
    this.changed(item);
    return item;
  }

  /** Tells whoever watches that an item is different now. */
  changed(item: { version: number }): void {
    this.version += 1;
    item.version = this.version;
    this.#tell();
  }

  /** Calls the listener after each change; the answer ends that. */
  watch(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  /** Runs one turn; `work` is given a signal that `stop` aborts. */
  async run(work: (signal: AbortSignal) => Promise<void>): Promise<void> {
    const turn = new AbortController();
    this.#turn = turn;
    try {
      await work(turn.signal);
    } finally {
      this.#turn = undefined;
      this.#question = undefined;
      this.#tell();
    }
  }

  stop(): void {
    this.#turn?.abort(new Error('stopped'));
  }

  /** Waits for the visitor's word on a call. Rejects with the signal's reason. */
  async ask(item: Item, signal: AbortSignal): Promise<Consent> {
    const { promise, resolve, reject } = Promise.withResolvers<Consent>();
    this.#question = { item, answer: resolve };
    const abort = (): void => reject(signal.reason as Error);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    this.changed(item);
    try {
      return await promise;
    } finally {
      signal.removeEventListener('abort', abort);
      this.#question = undefined;
    }
  }

  /** False when this is not what is asked now. */
  answer(id: string | null, consent: Consent): boolean {
    if (this.#question?.item.id !== id) return false;
    this.#question?.answer(consent);
    return true;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}
