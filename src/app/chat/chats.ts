import type { Visitor } from '../visitor.ts';
import { Chat } from './chat.ts';
import type { Model } from './model.ts';

/** Conversations that are kept, in memory alone; the oldest go first. */
const MAX_CHATS = 200;
/** Milliseconds for which a list of models counts. */
const LIST_TTL = 600_000;
const LIST_PATIENCE = 5_000;

export interface Chats {
  /** Absent: no key for an LLM is set. */
  readonly model: Model | undefined;
  of(visitor: Visitor): Chat;
  /** Begins a new conversation. */
  renew(visitor: Visitor): void;
  /** Hands the token of a newer request to a turn that is still being answered. */
  refresh(visitor: Visitor): void;
  /** Models to choose from; empty when the service does not tell. */
  models(): Promise<string[]>;
  /** Stops all turns. */
  close(): void;
}

export function createChats(model: Model | undefined): Chats {
  const chats = new Map<string, Chat>();
  let listed: { at: number; names: Promise<string[]> } | undefined;
  const forget = (key: string): void => {
    chats.get(key)?.stop();
    chats.delete(key);
  };
  return {
    model,
    of(visitor) {
      const chat = chats.get(visitor.key) ?? new Chat(visitor.token);
      chats.delete(visitor.key);
      chats.set(visitor.key, chat);
      const [oldest] = chats.keys();
      if (chats.size > MAX_CHATS && oldest !== undefined) forget(oldest);
      return chat;
    },
    renew: ({ key }) => forget(key),
    refresh({ key, token }) {
      const chat = chats.get(key);
      if (chat) chat.token = token;
    },
    async models() {
      if (!model) return [];
      if (!listed || performance.now() - listed.at > LIST_TTL) {
        const names = model.list(AbortSignal.timeout(LIST_PATIENCE)).catch(() => {
          listed = undefined;
          return [];
        });
        listed = { at: performance.now(), names };
      }
      return listed.names;
    },
    close() {
      for (const chat of chats.values()) chat.stop();
    },
  };
}
