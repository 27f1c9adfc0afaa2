/** What the page is told of conversations. Shapes alone: the page's code takes them from here. */
import type { Block } from '../core/message.ts';

/** A conversation without its messages. */
export interface ConversationSummary {
  readonly id: string;
  /** Without `#`; a person's name for a direct conversation. */
  readonly name: string;
  readonly kind: 'channel' | 'dm';
  readonly archived: boolean;
  /** Messages ever shown in it, replies not counted unless broadcast: what unread counts are taken from. */
  readonly posted: number;
  /** Rises with every change. */
  readonly version: number;
}

/** Blocks with a coloured bar beside them. */
export interface AttachmentView {
  /** `good`, `warning`, `danger` or `#rrggbb`. */
  readonly color: string | null;
  /** What a notification says. */
  readonly fallback: string;
  readonly blocks: readonly Block[];
}

export interface ReactionView {
  readonly name: string;
  readonly users: readonly string[];
}

export interface MessageFacts {
  readonly ts: string;
  readonly user: string;
  readonly text: string;
  readonly blocks: readonly Block[] | null;
  readonly attachments: readonly AttachmentView[];
  /** When it was last updated, as a `ts`; null for never. */
  readonly edited: string | null;
  /** A tombstone: deleted, and there for its replies. */
  readonly deleted: boolean;
  readonly broadcast: boolean;
  readonly threadTs: string | null;
  readonly reactions: readonly ReactionView[];
  readonly pinned: boolean;
}

export interface ShownMessage extends MessageFacts {
  /** What it was before can be asked for: so many versions of it are kept. */
  readonly formerCount: number;
  readonly replyCount: number;
  readonly latestReply: string | null;
  /** Who replied, the newest first: at most three. */
  readonly repliers: readonly string[];
}

export interface ShownThread extends ShownMessage {
  /** Oldest first, the newest of them. */
  readonly replies: readonly ShownMessage[];
}

/** A window of a conversation's messages, and a thread beside it. */
export interface ConversationView {
  readonly conversation: ConversationSummary;
  /** Oldest first. */
  readonly messages: readonly ShownMessage[];
  /** How many there are before and after them. */
  readonly older: number;
  readonly newer: number;
  readonly thread: ShownThread | null;
  /** The names that the messages mention. */
  readonly people: Readonly<Record<string, string>>;
  readonly channels: Readonly<Record<string, string>>;
}

export interface ViewAsked {
  /** The `ts` of a thread, or of a reply in it. */
  readonly thread: string | null;
  /** A `ts` that the window is to lie around; null: the newest messages. */
  readonly around: string | null;
}

/** What a message was before it was updated. */
export interface FormerView {
  /** When it became so. */
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly Block[] | null;
  readonly attachments: readonly AttachmentView[];
}
