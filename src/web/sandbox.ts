import type { Block } from '../core/message.ts';

/** What the sandbox's server tells the page (src/sandbox/state.ts, control.ts). */
export interface Summary {
  readonly id: string;
  readonly name: string;
  readonly kind: 'channel' | 'dm';
  readonly archived: boolean;
  /** Messages ever shown in it: what unread counts are taken from. */
  readonly posted: number;
  /** Rises with every change. */
  readonly version: number;
}

export interface Reaction {
  readonly name: string;
  readonly users: readonly string[];
}

export interface Message {
  readonly ts: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly Block[] | null;
  readonly edited: string | null;
  readonly broadcast: boolean;
  readonly threadTs: string | null;
  readonly reactions: readonly Reaction[];
  readonly replies: readonly Message[];
  readonly replyCount?: number;
  readonly latestReply?: string | null;
}

/** One conversation as shown, with the names that its messages mention. */
export interface View {
  readonly conversation: Summary;
  /** The newest, oldest first. */
  readonly messages: readonly Message[];
  /** How many more the sandbox keeps. */
  readonly older: number;
  readonly thread: Message | null;
  readonly people: Readonly<Record<string, string>>;
  readonly channels: Readonly<Record<string, string>>;
}

export interface Welcome {
  /** The command to try first. */
  readonly hint: string | null;
}

export async function fetchView(id: string, thread: string | null): Promise<View | null> {
  const query = new URLSearchParams(thread === null ? { id } : { id, thread });
  const response = await fetch(`_sandbox/conversation?${query}`);
  return response.ok ? response.json() : null;
}

export async function fetchWelcome(): Promise<Welcome> {
  const response = await fetch('_sandbox/welcome');
  return response.ok ? response.json() : { hint: null };
}

interface FeedHandlers {
  /** Everything there is: at the start, after a reset, after a lost connection. */
  readonly all: (conversations: readonly Summary[]) => void;
  readonly changed: (conversations: readonly Summary[]) => void;
  readonly connected: (connected: boolean) => void;
}

/** Follows the sandbox; the returned function stops. The browser reconnects by itself. */
export function follow({ all, changed, connected }: FeedHandlers): () => void {
  const source = new EventSource('_sandbox/events');
  source.addEventListener('all', (event) => all(JSON.parse(event.data)));
  source.addEventListener('changed', (event) => changed(JSON.parse(event.data)));
  source.addEventListener('open', () => connected(true));
  source.addEventListener('error', () => connected(false));
  return () => source.close();
}
