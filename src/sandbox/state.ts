/** The workspace as plain JSON: for tests that check what arrived, and for the page. */
import type { Conversation } from './conversation.ts';
import type { Message, Metadata } from './message.ts';
import type { Person } from './people.ts';
import type { ConversationSummary, MessageFacts } from './views.ts';
import type { Workspace } from './workspace.ts';

export interface MessageState extends MessageFacts {
  readonly metadata: Metadata | null;
  /** The texts it had before, oldest first: the last 100. */
  readonly revisions: readonly string[];
  /** Oldest first. */
  readonly replies: readonly MessageState[];
}

interface ConversationState extends ConversationSummary {
  /** The person at the other end of a direct conversation. */
  readonly person: Person | null;
  /** Oldest first, tombstones included; replies are under their thread's first message, broadcast ones here too. */
  readonly messages: readonly MessageState[];
}

export interface WorkspaceState {
  readonly conversations: readonly ConversationState[];
  readonly people: readonly Person[];
  /** The newest messages that each conversation keeps. */
  readonly keptPerConversation: number;
}

export function workspaceState(workspace: Workspace): WorkspaceState {
  return {
    conversations: workspace.conversations.map((conversation) => conversationState(workspace, conversation)),
    people: workspace.people.all,
    keptPerConversation: workspace.kept,
  };
}

export function conversationSummary({ id, name, user, archived, posted, version }: Conversation): ConversationSummary {
  return { id, name, kind: user === null ? 'channel' : 'dm', archived, posted, version };
}

export function messageState(message: Message): MessageState {
  const { ts, user, text, blocks, attachments, metadata, edited, deleted, revisions } = message;
  const { broadcast, threadTs, reactions, pinned, replies } = message;
  return {
    ts,
    user,
    text,
    blocks: blocks ?? null,
    attachments,
    metadata: metadata ?? null,
    edited: edited?.ts ?? null,
    deleted,
    revisions: [...revisions],
    broadcast,
    threadTs: threadTs ?? null,
    reactions: reactions.map(({ name, users }) => ({ name, users: [...users] })),
    pinned,
    replies: replies.map(messageState),
  };
}

function conversationState(workspace: Workspace, conversation: Conversation): ConversationState {
  const { user } = conversation;
  return {
    ...conversationSummary(conversation),
    person: user === null ? null : (workspace.people.byId(user) ?? null),
    messages: conversation.all.filter(isAtTop).map(messageState),
  };
}

function isAtTop({ threadTs, broadcast }: Message): boolean {
  return threadTs === undefined || broadcast;
}
