/**
 * The workspace: conversations, people and messages under Slack's rules, without HTTP.
 *
 * It needs no set-up: a channel exists as soon as someone names it (unless the name contains `missing`), and a person
 * as soon as someone looks up their e-mail address (unless it starts with `nobody`).
 */
import type { Clock } from '../core/clock.ts';
import type { Block } from '../core/message.ts';
import { Conversation, KEPT_MESSAGES } from './conversation.ts';
import { BOT, channelId, dmId, idKind, isChannelName, userOfDm } from './ids.ts';
import { type Draft, formatTs, type Message, type Metadata, revise } from './message.ts';
import { People } from './people.ts';
import { Refusal } from './refusal.ts';
import type { AttachmentView } from './views.ts';

export interface Change {
  readonly text?: string | undefined;
  readonly blocks?: readonly Block[] | undefined;
  readonly attachments?: readonly AttachmentView[] | undefined;
  readonly metadata?: Metadata | undefined;
}

export class Workspace {
  readonly people = new People();
  /** The newest messages that each conversation keeps. */
  readonly kept: number;
  /** Where links to its messages lead; ends with a slash. */
  url = 'https://sandbox.slack.example/';
  /** Whether a reply to what is gone is posted in the channel itself, instead of refused: Slack does either. */
  straysPosted = false;
  readonly #clock: Clock;
  readonly #conversations = new Map<string, Conversation>();
  readonly #listeners = new Set<(changed: Conversation | null) => void>();
  #lastMicros = 0;

  constructor(clock: Clock, kept: number = KEPT_MESSAGES) {
    this.#clock = clock;
    this.kept = kept;
  }

  /** In the order they were first used. */
  get conversations(): readonly Conversation[] {
    return [...this.#conversations.values()];
  }

  /**
   * By `#name`, name or id; made on first use. Undefined where Slack would say `channel_not_found`: names and ids
   * that contain `missing`, malformed ones, and user ids (a direct message needs `conversations.open` first).
   */
  conversation(reference: string): Conversation | undefined {
    if (/missing/i.test(reference)) return undefined;
    const kind = idKind(reference);
    if (kind === 'channel') return this.#conversation({ id: reference, name: reference.toLowerCase(), user: null });
    if (kind === 'dm') return this.openDm(userOfDm(reference));
    const name = reference.replace(/^#/, '');
    if (kind === 'user' || !isChannelName(name)) return undefined;
    const found = this.#conversation({ id: channelId(name), name, user: null });
    found.name = name;
    return found;
  }

  /** The direct conversation with a user, made on first use; undefined for no such user. */
  openDm(user: string): Conversation | undefined {
    const person = this.people.byId(user);
    if (person === undefined) return undefined;
    const found = this.#conversation({ id: dmId(user), name: person.name, user });
    found.name = person.name;
    return found;
  }

  #conversation(init: { id: string; name: string; user: string | null }): Conversation {
    const known = this.#conversations.get(init.id);
    if (known !== undefined) return known;
    const made = new Conversation({ ...init, kept: this.kept });
    this.#conversations.set(made.id, made);
    this.#changed(made);
    return made;
  }

  /** Throws `is_archived`, `thread_not_found`. */
  post(conversation: Conversation, draft: Draft, user: string = BOT.userId): Message {
    if (conversation.archived) throw new Refusal('is_archived');
    // A reply to a reply belongs to the thread's root.
    const found = draft.threadTs === undefined ? undefined : conversation.findRoot(draft.threadTs);
    const root = found?.deleted === true ? undefined : found;
    if (draft.threadTs !== undefined && root === undefined && !this.straysPosted) throw new Refusal('thread_not_found');
    const micros = this.#nextMicros();
    const message: Message = {
      ts: formatTs(micros),
      micros,
      user,
      text: draft.text,
      blocks: draft.blocks,
      attachments: draft.attachments ?? [],
      metadata: draft.metadata,
      threadTs: root?.ts,
      broadcast: root !== undefined && draft.broadcast === true,
      edited: undefined,
      deleted: false,
      revisions: [],
      former: [],
      reactions: [],
      pinned: false,
      replies: [],
    };
    conversation.add(message);
    this.#changed(conversation);
    return message;
  }

  /** Posts as a person rather than as the app. `author` is an e-mail address. */
  say(reference: string, author: string, draft: Draft): Message {
    const conversation = this.#named(reference);
    const person = this.people.byEmail(author);
    if (person === undefined) throw new Refusal('user_not_found');
    return this.post(conversation, draft, person.id);
  }

  /** What is absent stays as it is. Throws `message_not_found`, `cant_update_message`, `is_archived`. */
  update(conversation: Conversation, ts: string, change: Change): Message {
    const message = this.#find(conversation, ts);
    if (conversation.archived) throw new Refusal('is_archived');
    if (message.user !== BOT.userId) throw new Refusal('cant_update_message');
    revise(message, change.text ?? message.text);
    message.blocks =
      change.blocks === undefined || change.blocks.length > 0 ? (change.blocks ?? message.blocks) : undefined;
    message.attachments = change.attachments ?? message.attachments;
    message.metadata = change.metadata ?? message.metadata;
    message.edited = { user: BOT.userId, ts: formatTs(this.#nextMicros()) };
    conversation.version += 1;
    this.#changed(conversation);
    return message;
  }

  /** Throws `message_not_found`, `already_reacted`, `is_archived`. */
  react(conversation: Conversation, ts: string, name: string): void {
    const message = this.#find(conversation, ts);
    if (conversation.archived) throw new Refusal('is_archived');
    const reaction = message.reactions.find((it) => it.name === name);
    if (reaction?.users.includes(BOT.userId)) throw new Refusal('already_reacted');
    if (reaction === undefined) message.reactions.push({ name, users: [BOT.userId] });
    else reaction.users.push(BOT.userId);
    conversation.version += 1;
    this.#changed(conversation);
  }

  /** Throws `message_not_found`, `already_pinned`, `is_archived`. */
  pin(conversation: Conversation, ts: string): void {
    const message = this.#find(conversation, ts);
    if (conversation.archived) throw new Refusal('is_archived');
    if (message.pinned) throw new Refusal('already_pinned');
    message.pinned = true;
    conversation.version += 1;
    this.#changed(conversation);
  }

  /**
   * Deletes a message, as a person does. With replies it leaves a tombstone, which its thread shows. Throws
   * `channel_not_found`, `message_not_found`.
   */
  delete(reference: string, ts: string): void {
    const conversation = this.#named(reference);
    conversation.delete(this.#find(conversation, ts));
    this.#changed(conversation);
  }

  /** Archives a channel, or takes it out of the archive. */
  archive(reference: string, archived = true): void {
    const conversation = this.#named(reference);
    conversation.archived = archived;
    conversation.version += 1;
    this.#changed(conversation);
  }

  /** Takes the app into a channel, or out of it. */
  setMember(reference: string, member: boolean): void {
    this.#named(reference).member = member;
  }

  /** Forgets everything but the time: a `ts` is never given twice. */
  reset(): void {
    this.#conversations.clear();
    this.people.clear();
    this.straysPosted = false;
    this.#changed(null);
  }

  /** Called at every change with the conversation, or null when everything changed. Returns how to stop. */
  onChange(listener: (changed: Conversation | null) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** The instant as `ts` counts it. */
  nowMicros(): number {
    return Math.round(this.#clock.now() * 1000);
  }

  #nextMicros(): number {
    this.#lastMicros = Math.max(this.#lastMicros + 1, this.nowMicros());
    return this.#lastMicros;
  }

  #named(reference: string): Conversation {
    const conversation = this.conversation(reference);
    if (conversation === undefined) throw new Refusal('channel_not_found');
    return conversation;
  }

  #find(conversation: Conversation, ts: string): Message {
    const message = conversation.find(ts);
    if (message === undefined) throw new Refusal('message_not_found');
    return message;
  }

  #changed(conversation: Conversation | null): void {
    for (const listener of this.#listeners) listener(conversation);
  }
}
