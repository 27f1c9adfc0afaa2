/** What the sandbox's server tells the page (src/sandbox/view.ts, live.ts, trial.ts), and what the page asks of it. */
import type { Block } from '../core/message.ts';

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
  /** There for its replies only. */
  readonly deleted: boolean;
  readonly broadcast: boolean;
  readonly threadTs: string | null;
  readonly reactions: readonly Reaction[];
  /** What it was before can be asked for: so many versions of it are kept. */
  readonly formerCount: number;
  readonly replyCount: number;
  readonly latestReply: string | null;
  /** Who replied, the newest first: at most three. */
  readonly repliers: readonly string[];
}

export interface Thread extends Message {
  /** Oldest first, the newest 200. */
  readonly replies: readonly Message[];
}

/** One conversation as shown, with the names that its messages mention. */
export interface View {
  readonly conversation: Summary;
  /** Oldest first. */
  readonly messages: readonly Message[];
  /** How many there are before and after them. */
  readonly older: number;
  readonly newer: number;
  readonly thread: Thread | null;
  readonly people: Readonly<Record<string, string>>;
  readonly channels: Readonly<Record<string, string>>;
}

export interface ViewAsked {
  readonly id: string;
  readonly thread: string | null;
  /** A `ts` that the messages are to lie around; null: the newest. */
  readonly around: string | null;
}

/** What a message was before it was updated. */
export interface Former {
  /** When it became so. */
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly Block[] | null;
}

export interface Welcome {
  /** The command to try first. */
  readonly hint: string | null;
}

export async function fetchView({ id, thread, around }: ViewAsked): Promise<View | null> {
  const query = new URLSearchParams({ id });
  if (thread !== null) query.set('thread', thread);
  if (around !== null) query.set('around', around);
  const response = await fetch(`_sandbox/conversation?${query}`);
  return response.ok ? response.json() : null;
}

/** Oldest first; none once the message is gone. */
export async function fetchFormer(id: string, ts: string): Promise<readonly Former[]> {
  const response = await fetch(`_sandbox/former?${new URLSearchParams({ id, ts })}`);
  return response.ok ? (await response.json()).former : [];
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
  /** Whatever else is announced: see lab-api.ts. */
  readonly other: (topic: string, data: unknown) => void;
}

const OTHER_TOPICS = ['trial', 'weather', 'coping'];

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
