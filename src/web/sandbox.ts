/** What the page asks of the sandbox's server, and what it is told. */
import type { ConversationSummary, ConversationView, FormerView, ViewAsked } from '../sandbox/views.ts';

/** `id`: the conversation's. */
export interface ConversationAsked extends ViewAsked {
  readonly id: string;
}

export interface Welcome {
  /** The command to try first. */
  readonly hint: string | null;
}

export async function fetchView({ id, thread, around }: ConversationAsked): Promise<ConversationView | null> {
  const query = new URLSearchParams({ id });
  if (thread !== null) query.set('thread', thread);
  if (around !== null) query.set('around', around);
  const response = await fetch(`_sandbox/conversation?${query}`);
  return response.ok ? response.json() : null;
}

/** Oldest first; none once the message is gone. */
export async function fetchFormer(id: string, ts: string): Promise<readonly FormerView[]> {
  const response = await fetch(`_sandbox/former?${new URLSearchParams({ id, ts })}`);
  return response.ok ? (await response.json()).former : [];
}

export async function fetchWelcome(): Promise<Welcome> {
  const response = await fetch('_sandbox/welcome');
  return response.ok ? response.json() : { hint: null };
}

interface FeedHandlers {
  /** Everything there is: at the start, after a reset, after a lost connection. */
  readonly all: (conversations: readonly ConversationSummary[]) => void;
  readonly changed: (conversations: readonly ConversationSummary[]) => void;
  readonly connected: (connected: boolean) => void;
  /** Whatever else is announced: see panel.tsx. */
  readonly other: (topic: string, data: unknown) => void;
}

const OTHER_TOPICS = ['samples', 'outages', 'status'];

/** Follows the sandbox; the returned function stops. The browser reconnects by itself. */
export function follow({ all, changed, connected, other }: FeedHandlers): () => void {
  const source = new EventSource('_sandbox/events');
  source.addEventListener('all', (event) => all(JSON.parse(event.data)));
  source.addEventListener('changed', (event) => changed(JSON.parse(event.data)));
  for (const topic of OTHER_TOPICS)
    source.addEventListener(topic, (event: MessageEvent<string>) => other(topic, JSON.parse(event.data)));
  source.addEventListener('open', () => connected(true));
  source.addEventListener('error', () => connected(false));
  return () => source.close();
}
