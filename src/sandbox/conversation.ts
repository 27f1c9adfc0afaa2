/**
 * One channel or direct conversation: its messages in order, found by `ts`, with the oldest dropped beyond a limit.
 *
 * Invariants: `#order` holds every message, oldest first; `timeline` those that show in the channel (no replies,
 * unless broadcast), also oldest first. Whatever is in `#order` is in `#byTs`, and nothing else is.
 * A deleted message leaves all of them, unless it has replies: then it leaves `timeline` only, as a tombstone.
 */
import { bury, type Message } from './message.ts';

/** The newest messages (replies included) that a conversation keeps, unless told otherwise. */
export const KEPT_MESSAGES = 5000;

export interface ConversationInit {
  readonly id: string;
  readonly name: string;
  /** The person at the other end; null for a channel. */
  readonly user: string | null;
  /** The newest messages that it keeps. */
  readonly kept?: number;
}

export class Conversation {
  readonly id: string;
  readonly user: string | null;
  name: string;
  archived = false;
  /** Whether the app is a member: who is not may post here and not read. */
  member = true;
  /** Messages ever shown in the timeline; what unread counts are taken from. */
  posted = 0;
  /** Rises with every change. */
  version = 0;
  readonly timeline: Message[] = [];
  readonly #order: Message[] = [];
  readonly #byTs = new Map<string, Message>();
  readonly #kept: number;

  constructor({ id, name, user, kept = KEPT_MESSAGES }: ConversationInit) {
    this.id = id;
    this.name = name;
    this.user = user;
    this.#kept = kept;
  }

  /** Everything it keeps, replies and tombstones included, oldest first. */
  get all(): readonly Message[] {
    return this.#order;
  }

  find(ts: string): Message | undefined {
    const message = this.#byTs.get(ts);
    return message?.deleted === true ? undefined : message;
  }

  /** The thread's first message by its own `ts` or a reply's, a tombstone too. */
  findRoot(ts: string): Message | undefined {
    const message = this.#byTs.get(ts);
    return message?.threadTs === undefined ? message : this.#byTs.get(message.threadTs);
  }

  /** `message.ts` must be newer than all there are. */
  add(message: Message): void {
    this.version += 1;
    this.#order.push(message);
    this.#byTs.set(message.ts, message);
    if (message.threadTs !== undefined) this.#byTs.get(message.threadTs)?.replies.push(message);
    if (message.threadTs === undefined || message.broadcast) {
      this.timeline.push(message);
      this.posted += 1;
    }
    if (this.#order.length > this.#kept) this.#dropOldest();
  }

  /** `message` must be one of its own. */
  delete(message: Message): void {
    this.version += 1;
    remove(this.timeline, message);
    if (message.replies.length > 0) {
      bury(message);
      return;
    }
    remove(this.#order, message);
    this.#byTs.delete(message.ts);
    const root = message.threadTs === undefined ? undefined : this.#byTs.get(message.threadTs);
    if (root === undefined) return;
    remove(root.replies, message);
    if (root.deleted && root.replies.length === 0) this.delete(root);
  }

  #dropOldest(): void {
    const oldest = this.#order.shift();
    if (oldest === undefined) return;
    this.#byTs.delete(oldest.ts);
    if (this.timeline[0] === oldest) this.timeline.shift();
    if (oldest.threadTs !== undefined) this.#byTs.get(oldest.threadTs)?.replies.shift();
  }
}

function remove(messages: Message[], message: Message): void {
  const index = messages.indexOf(message);
  if (index !== -1) messages.splice(index, 1);
}
