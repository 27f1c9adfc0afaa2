import { type Arguments, flag, limit, required, text } from '../arguments.ts';
import type { Conversation } from '../conversation.ts';
import { presentMessage } from '../message.ts';
import { newestFirst, oldestFirst, type Page, type PageRequest } from '../paging.ts';
import { Refusal } from '../refusal.ts';
import { type Call, conversationById, type Method } from './method.ts';

const MAX_PAGE = 999;

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
  const conversation = conversationById(call, required(call.args, 'channel', 'channel_not_found'));
  return presentPage(call.args, newestFirst(conversation.timeline, pageRequest(call, 100)));
};

/** `conversations.replies`: the thread's first message, then its replies, oldest first. */
export const replies: Method = (call) => {
  const conversation = conversationById(call, required(call.args, 'channel', 'channel_not_found'));
  const named = conversation.find(required(call.args, 'ts', 'thread_not_found'));
  const root = named?.threadTs === undefined ? named : conversation.find(named.threadTs);
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

/** `conversations.list`: one page with every channel that was used. */
export const list: Method = ({ workspace }) => ({
  channels: workspace.conversations.filter((it) => it.user === null).map(presentConversation),
  response_metadata: { next_cursor: '' },
});

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

function presentConversation({ id, name, user, archived }: Conversation): Record<string, unknown> {
  if (user !== null) return { id, user, is_im: true, is_archived: archived };
  return { id, name, is_channel: true, is_im: false, is_private: false, is_member: true, is_archived: archived };
}
