import { useMemo, useSyncExternalStore } from "react";
import { ChatStore, type Conversation } from "./chat-store.ts";
import { useHub } from "./provider.ts";

export interface ChatView extends Conversation {
  /** Ask something; `fields` are further fields of the request. */
  send(question: string, fields?: Readonly<Record<string, unknown>>): void;
  /** Watch the turn that is under way no longer. */
  stop(): void;
}

/** A conversation with the chat agent. */
export function useChat(): ChatView {
  const hub = useHub();
  const store = useMemo(() => new ChatStore(hub.options), [hub]);
  const conversation = useSyncExternalStore(store.subscribe, store.view, store.view);
  return { ...conversation, send: store.send, stop: store.stop };
}
