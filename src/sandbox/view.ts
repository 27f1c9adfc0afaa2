/** What the page shows of a conversation: a window of its messages, and a thread beside it. */
import type { Conversation } from './conversation.ts';
import { type Message, parseTs } from './message.ts';
import { GROUPS } from './people.ts';
import { conversationSummary, messageState } from './state.ts';
import type { ConversationView, ShownMessage, ViewAsked } from './views.ts';
import type { Workspace } from './workspace.ts';

/** Messages, and replies of a thread, that the page shows at once: more would make it slow. */
const SHOWN_MESSAGES = 200;
/** Longest text of a message that stands in a window. */
const SHOWN_CHARACTERS = 12_000;

export function conversationView(
  workspace: Workspace,
  conversation: Conversation,
  { thread, around }: ViewAsked,
): ConversationView {
  const root = conversation.findRoot(thread ?? '');
  const { timeline } = conversation;
  const start = windowStart(timeline, around);
  const messages = timeline.slice(start, start + SHOWN_MESSAGES);
  return {
    conversation: conversationSummary(conversation),
    messages: messages.map(shown),
    older: start,
    newer: timeline.length - start - messages.length,
    thread: root === undefined ? null : { ...shown(root), replies: root.replies.slice(-SHOWN_MESSAGES).map(shown) },
    people: Object.fromEntries([...workspace.people.all, ...GROUPS].map(({ id, name }) => [id, name])),
    channels: channelNames(workspace.conversations),
  };
}

function windowStart(timeline: readonly Message[], around: string | null): number {
  const last = Math.max(0, timeline.length - SHOWN_MESSAGES);
  const micros = parseTs(around ?? '');
  if (micros === null) return last;
  const index = timeline.findIndex((message) => message.micros >= micros);
  return index === -1 ? last : Math.min(last, Math.max(0, index - SHOWN_MESSAGES / 2));
}

function shown(message: Message): ShownMessage {
  const { replies, revisions: _, metadata: __, ...rest } = messageState({ ...message, replies: [] });
  return {
    ...rest,
    text: message.text.slice(0, SHOWN_CHARACTERS),
    formerCount: message.former.length,
    replyCount: message.replies.length,
    latestReply: message.replies.at(-1)?.ts ?? null,
    repliers: [...new Set(message.replies.toReversed().map(({ user }) => user))].slice(0, 3),
  };
}

function channelNames(conversations: readonly Conversation[]): Record<string, string> {
  return Object.fromEntries(conversations.filter(({ user }) => user === null).map(({ id, name }) => [id, name]));
}
