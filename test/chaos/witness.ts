/** What stands in the workspace, as a person would see it: the truth that everything else is held against. */
import type { Conversation } from '../../src/sandbox/conversation.ts';
import type { Message } from '../../src/sandbox/message.ts';
import type { Workspace } from '../../src/sandbox/workspace.ts';
import { type Parts, partsOf } from './statements.ts';

export interface Sighting {
  /** A channel's name without `#`, or a Slack user's id. */
  readonly conversation: string;
  readonly ts: string;
  /** The `ts` of the thread's root; null for a message of its own. */
  readonly threadTs: string | null;
  /** Every text it had, oldest first; the last is what is shown. */
  readonly texts: readonly string[];
  /** Since when it had each, as a `ts`; shorter where the oldest are forgotten. */
  readonly since: readonly string[];
  /** What it is made of, where it brings several deliveries. */
  readonly together: Parts | null;
  readonly reactions: readonly string[];
  /** The delivery that posted it, as the message's metadata say; null where they say nothing. */
  readonly delivery: number | null;
  /** Deleted by the driver since. */
  readonly deleted: boolean;
}

export class Witness {
  readonly #workspace: Workspace;
  /** When each message was changed, as a `ts`. */
  readonly #edits = new WeakMap<Message, string[]>();

  /** Watches from now on. */
  constructor(workspace: Workspace) {
    this.#workspace = workspace;
    const update = workspace.update.bind(workspace);
    workspace.update = (...change) => {
      const message = update(...change);
      const edits = this.#edits.get(message) ?? [];
      this.#edits.set(message, edits);
      edits.push(message.edited?.ts ?? message.ts);
      return message;
    };
  }

  /** Everything but what was deleted. Throws where a conversation has grown beyond what the sandbox keeps. */
  all(): Sighting[] {
    const { conversations, kept } = this.#workspace;
    return conversations.flatMap((conversation) => {
      if (conversation.all.length >= kept) throw new Error(`The sandbox forgets messages of ${conversation.name}.`);
      return conversation.all.filter(({ deleted }) => !deleted).map((message) => this.sighted(conversation, message));
    });
  }

  sighted({ name, user }: Conversation, message: Message): Sighting {
    const { ts, threadTs, text, revisions, blocks, reactions, metadata, deleted } = message;
    const texts = [...revisions, text];
    const { delivery, group } = markIn(metadata?.event_payload.delivery_id);
    return {
      conversation: user ?? name,
      ts,
      threadTs: threadTs ?? null,
      texts,
      since: [ts, ...(this.#edits.get(message) ?? [])].slice(-texts.length),
      together: group ? partsOf(text, blocks, threadTs !== undefined) : null,
      reactions: reactions.map(({ name: emoji }) => emoji),
      delivery,
      deleted,
    };
  }
}

/** The id begins with the delivery's number; what brings several has the first one's, and says so. */
function markIn(id: unknown): { readonly delivery: number | null; readonly group: boolean } {
  const written = typeof id === 'string' ? id : '';
  const [, number] = /^(\d+)\b/.exec(written) ?? [];
  return { delivery: number === undefined ? null : Number(number), group: written.endsWith('.group') };
}

/** Oldest first. As text: a `ts` has more digits than a number keeps. */
export function byAge(a: Sighting, b: Sighting): number {
  return a.ts === b.ts ? 0 : a.ts < b.ts ? -1 : 1;
}
