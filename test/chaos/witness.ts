/** What stands in the workspace, as a person would see it: the truth that everything else is held against. */
import type { Conversation } from '../../src/sandbox/conversation.ts';
import type { Message } from '../../src/sandbox/message.ts';
import type { Workspace } from '../../src/sandbox/workspace.ts';

export interface Sighting {
  /** A channel's name without `#`, or a Slack user's id. */
  readonly conversation: string;
  readonly ts: string;
  /** The `ts` of the thread's root; null for a message of its own. */
  readonly threadTs: string | null;
  /** Every text it had, oldest first; the last is what is shown. */
  readonly texts: readonly string[];
  readonly reactions: readonly string[];
  /** The delivery that posted it, as the message's metadata say; null where they say nothing. */
  readonly delivery: number | null;
  /** Deleted by the driver since. */
  readonly deleted: boolean;
}

/** Everything but what was deleted. Throws where a conversation has grown beyond what the sandbox keeps. */
export function readWorkspace(workspace: Workspace): Sighting[] {
  return workspace.conversations.flatMap((conversation) => {
    if (conversation.all.length >= workspace.kept)
      throw new Error(`The sandbox forgets messages of ${conversation.name}.`);
    return conversation.all.filter(({ deleted }) => !deleted).map((message) => sighted(conversation, message));
  });
}

export function sighted({ name, user }: Conversation, message: Message): Sighting {
  const { ts, threadTs, text, revisions, reactions, metadata, deleted } = message;
  return {
    conversation: user ?? name,
    ts,
    threadTs: threadTs ?? null,
    texts: [...revisions, text],
    reactions: reactions.map(({ name: emoji }) => emoji),
    delivery: deliveryIn(metadata?.event_payload.delivery_id),
    deleted,
  };
}

/** The id begins with the delivery's number. */
function deliveryIn(id: unknown): number | null {
  const [, number] = /^(\d+)\b/.exec(typeof id === 'string' ? id : '') ?? [];
  return number === undefined ? null : Number(number);
}

/** Oldest first. As text: a `ts` has more digits than a number keeps. */
export function byAge(a: Sighting, b: Sighting): number {
  return a.ts === b.ts ? 0 : a.ts < b.ts ? -1 : 1;
}
