/**
 * One channel or direct conversation: its messages in order, found by `ts`, with the oldest dropped beyond a limit.
 *
 * Invariants: `#order` holds every message, oldest first; `timeline` those that show in the channel (no replies,
 * unless broadcast), also oldest first. Whatever is in `#order` is in `#byTs`, and nothing else is.
 */
import type { Message } from './message.ts';

/** The newest messages (replies included) that a conversation keeps. */
export const KEPT_MESSAGES = 5000;

export interface ConversationInit {
  readonly id: string;
  readonly name: string;
  /** The person at the other end; null for a channel. */
  readonly user: string | null;
}

export class Conversation {
  readonly id: string;
  readonly user: string | null;
  name: string;
  archived = false;
  /** Messages ever shown in the timeline; what unread counts are taken from. */
  posted = 0;
  /** Rises with every change. */
  version = 0;
  readonly timeline: Message[] = [];
  readonly #order: Message[] = [];
  readonly #byTs = new Map<string, Message>();

  constructor({ id, name, user }: ConversationInit) {
    this.id = id;
    this.name = name;
    this.user = user;
  }

  find(ts: string): Message | undefined {
    return this.#byTs.get(ts);
  }

  /** `message.ts` must be newer than all there are. */
  add(message: Message): void {
    this.version += 1;
    this.#order.push(message);
    this.#byTs.set(message.ts, message);
    if (message.threadTs !== undefined) this.find(message.threadTs)?.replies.push(message);
    if (message.threadTs === undefined || message.broadcast) {
      this.timeline.push(message);
      this.posted += 1;
    }
    if (this.#order.length > KEPT_MESSAGES) this.#dropOldest();
  }

  #dropOldest(): void {
    const oldest = this.#order.shift();
    if (oldest === undefined) return;
    this.#byTs.delete(oldest.ts);
    if (this.timeline[0] === oldest) this.timeline.shift();
    if (oldest.threadTs !== undefined) this.find(oldest.threadTs)?.replies.shift();
  }
}
