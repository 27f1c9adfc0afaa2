import { type Arguments, flag, limit, required, text } from '../arguments.ts';
import type { Conversation } from '../conversation.ts';
import { presentMessage } from '../message.ts';
import { newestFirst, oldestFirst, type Page, type PageRequest } from '../paging.ts';
import { Refusal } from '../refusal.ts';
import { type Call, conversationById, type Method } from './method.ts';

const MAX_PAGE = 999;
const MAX_LISTED = 1000;

/** `conversations.open`, for one person. Idempotent. */
export const open: Method = ({ args, workspace }) => {
  const users = required(args, 'users', 'users_list_not_supplied').split(',');
  if (users.length > 1) throw new Refusal('too_many_users', ['[ERROR] the sandbox opens conversations of two only']);
  const conversation = workspace.openDm((users[0] ?? '').trim());
  if (conversation === undefined) throw new Refusal('user_not_found');
  return { channel: { id: conversation.id } };
};

/** `conversations.history`: newest first. */
export const history: Method = (call) => {
  const conversation = readable(call);
  return presentPage(call.args, newestFirst(conversation.timeline, pageRequest(call, 100)));
};

/** `conversations.replies`: the thread's first message, then its replies, oldest first. */
export const replies: Method = (call) => {
  const conversation = readable(call);
  const root = conversation.findRoot(required(call.args, 'ts', 'thread_not_found'));
  if (root === undefined) throw new Refusal('thread_not_found');
  const request = pageRequest(call, MAX_PAGE);
  if (request.hiddenFromMicros !== undefined && root.micros >= request.hiddenFromMicros) {
    throw new Refusal('thread_not_found');
  }
  return presentPage(call.args, oldestFirst([root, ...root.replies], request));
};

/** `conversations.info`. */
export const info: Method = (call) => ({
  channel: presentConversation(conversationById(call, required(call.args, 'channel', 'channel_not_found'))),
});

/** `conversations.list`: every conversation that was used, in that order. Private channels are those whose id has a G. */
export const list: Method = ({ args, workspace }) => {
  const types = (text(args, 'types') ?? 'public_channel').split(',').map((type) => type.trim());
  if (!types.every((type) => TYPES.has(type))) throw new Refusal('invalid_types');
  const archivedToo = !flag(args, 'exclude_archived');
  const listed = workspace.conversations.filter((it) => types.includes(typeOf(it)) && (archivedToo || !it.archived));
  const start = startOf(listed, text(args, 'cursor'));
  const end = start + limit(args, 100, MAX_LISTED);
  const next = listed[end];
  return {
    channels: listed.slice(start, end).map(presentConversation),
    response_metadata: { next_cursor: next === undefined ? '' : Buffer.from(`team:${next.id}`).toString('base64') },
  };
};

const TYPES: ReadonlySet<string> = new Set(['public_channel', 'private_channel', 'im', 'mpim']);

function typeOf({ id, user }: Conversation): string {
  if (user !== null) return 'im';
  return id.startsWith('G') ? 'private_channel' : 'public_channel';
}

function startOf(listed: readonly Conversation[], cursor: string | undefined): number {
  if (cursor === undefined) return 0;
  const place = Buffer.from(cursor, 'base64').toString('latin1');
  const index = listed.findIndex(({ id }) => place === `team:${id}`);
  if (index === -1) throw new Refusal('invalid_cursor');
  return index;
}

/** Throws `not_in_channel`: posting is open to who is no member, reading is not. */
function readable(call: Call): Conversation {
  const conversation = conversationById(call, required(call.args, 'channel', 'channel_not_found'));
  if (!conversation.member) throw new Refusal('not_in_channel');
  return conversation;
}

function pageRequest({ args, hiddenFromMicros }: Call, standardLimit: number): PageRequest {
  return {
    limit: limit(args, standardLimit, MAX_PAGE),
    cursor: text(args, 'cursor'),
    oldest: text(args, 'oldest'),
    latest: text(args, 'latest'),
    inclusive: flag(args, 'inclusive'),
    hiddenFromMicros,
  };
}

function presentPage(args: Arguments, { messages, nextCursor }: Page): Record<string, unknown> {
  const withMetadata = flag(args, 'include_all_metadata');
  return {
    messages: messages.map((message) => presentMessage(message, withMetadata)),
    has_more: nextCursor !== '',
    response_metadata: { next_cursor: nextCursor },
  };
}

function presentConversation(conversation: Conversation): Record<string, unknown> {
  const { id, name, user, archived, member } = conversation;
  if (user !== null) return { id, user, is_im: true, is_archived: archived };
  const is_private = typeOf(conversation) === 'private_channel';
  return { id, name, is_channel: true, is_im: false, is_private, is_member: member, is_archived: archived };
}
