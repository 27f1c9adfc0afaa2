import type { Block } from '../core/message.ts';
import { BOT } from './ids.ts';
import type { AttachmentView } from './views.ts';

export interface Metadata {
  readonly event_type: string;
  readonly event_payload: Readonly<Record<string, unknown>>;
}

interface Reaction {
  readonly name: string;
  readonly users: string[];
}

/** What a message was before it was updated. */
interface Former {
  /** When it became so, as a `ts`. */
  readonly ts: string;
  readonly text: string;
  readonly blocks: readonly Block[] | undefined;
  readonly attachments: readonly AttachmentView[];
}

/** What a caller gives; the workspace adds the rest. */
export interface Draft {
  readonly text: string;
  readonly blocks?: readonly Block[];
  readonly attachments?: readonly AttachmentView[];
  readonly metadata?: Metadata;
  readonly threadTs?: string;
  /** A reply that is also shown in the channel. */
  readonly broadcast?: boolean;
}

export interface Message {
  readonly ts: string;
  /** `ts` in microseconds: what orders messages. */
  readonly micros: number;
  readonly user: string;
  text: string;
  blocks: readonly Block[] | undefined;
  attachments: readonly AttachmentView[];
  metadata: Metadata | undefined;
  readonly threadTs: string | undefined;
  readonly broadcast: boolean;
  edited: { readonly user: string; readonly ts: string } | undefined;
  /** Deleted, and kept because its thread has replies: it shows in the thread only, as a tombstone. */
  deleted: boolean;
  /** The texts it had before, oldest first: the last KEPT_REVISIONS. */
  readonly revisions: string[];
  /** The same with blocks: the last KEPT_FORMER, for the page. */
  readonly former: Former[];
  readonly reactions: Reaction[];
  pinned: boolean;
  /** Oldest first. */
  readonly replies: Message[];
}

const KEPT_REVISIONS = 100;
const KEPT_FORMER = 10;
const TOMBSTONE_TEXT = 'This message was deleted.';

/** Replaces the text, and remembers what there was: to be called before anything else of it changes. */
export function revise(message: Message, text: string): void {
  const { ts, edited, text: before, blocks, attachments } = message;
  message.former.push({ ts: edited?.ts ?? ts, text: before, blocks, attachments });
  if (message.former.length > KEPT_FORMER) message.former.shift();
  message.revisions.push(message.text);
  if (message.revisions.length > KEPT_REVISIONS) message.revisions.shift();
  message.text = text;
}

/** Nothing of it is left but its replies; its text is the last of its revisions. */
export function bury(message: Message): void {
  revise(message, TOMBSTONE_TEXT);
  message.deleted = true;
  message.blocks = undefined;
  message.attachments = [];
  message.metadata = undefined;
  message.edited = undefined;
  message.former.length = 0;
  message.reactions.length = 0;
  message.pinned = false;
}

/** `seconds.microseconds`, as Slack writes it. */
export function formatTs(micros: number): string {
  return `${Math.floor(micros / 1e6)}.${String(micros % 1e6).padStart(6, '0')}`;
}

/** Microseconds of a `ts` or of any decimal number of seconds; null for anything else. */
export function parseTs(ts: string): number | null {
  return /^\d{1,12}(\.\d{1,9})?$/.test(ts) ? Math.round(Number(ts) * 1e6) : null;
}

/** The message as the Web API returns it. Metadata is only shown to who asks for it. */
export function presentMessage(message: Message, includeMetadata: boolean): Record<string, unknown> {
  const { ts, user, text, blocks, attachments, metadata, threadTs, broadcast, edited, reactions, replies } = message;
  if (message.deleted) {
    return {
      type: 'message',
      subtype: 'tombstone',
      user: 'USLACKBOT',
      hidden: true,
      text,
      ts,
      ...presentThread(ts, replies),
    };
  }
  return {
    type: 'message',
    ...(broadcast ? { subtype: 'thread_broadcast' } : {}),
    user,
    ...(user === BOT.userId ? { bot_id: BOT.botId, app_id: BOT.appId } : {}),
    team: BOT.teamId,
    text,
    ts,
    ...(blocks === undefined ? {} : { blocks }),
    ...(attachments.length === 0 ? {} : { attachments }),
    ...(threadTs === undefined ? {} : { thread_ts: threadTs }),
    ...presentThread(ts, replies),
    ...(edited === undefined ? {} : { edited }),
    ...(reactions.length === 0 ? {} : { reactions: reactions.map((it) => ({ ...it, count: it.users.length })) }),
    ...(metadata !== undefined && includeMetadata ? { metadata } : {}),
  };
}

function presentThread(ts: string, replies: readonly Message[]): Record<string, unknown> {
  const latest = replies.at(-1);
  if (latest === undefined) return {};
  const users = [...new Set(replies.map((reply) => reply.user))];
  return {
    thread_ts: ts,
    reply_count: replies.length,
    reply_users: users,
    reply_users_count: users.length,
    latest_reply: latest.ts,
  };
}
