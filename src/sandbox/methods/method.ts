import type { Arguments } from '../arguments.ts';
import type { Conversation } from '../conversation.ts';
import { Refusal } from '../refusal.ts';
import type { Workspace } from '../workspace.ts';

export interface Call {
  readonly workspace: Workspace;
  readonly args: Arguments;
  /** History shows nothing at or after this instant (microseconds): Slack lags right after a post. */
  readonly hiddenFromMicros?: number | undefined;
}

/** A Web API method: gives the answer's fields beside `ok: true`, or throws a Refusal. */
export type Method = (call: Call) => Record<string, unknown>;

/** Throws `channel_not_found`. */
export function conversationOf({ workspace }: Call, reference: string): Conversation {
  const found = workspace.conversation(reference);
  if (found === undefined) throw new Refusal('channel_not_found');
  return found;
}

/** For the methods that take an id and no name. Throws `channel_not_found`. */
export function conversationById(call: Call, reference: string): Conversation {
  if (!/^[CDG][A-Z0-9]{8,20}$/.test(reference)) throw new Refusal('channel_not_found');
  return conversationOf(call, reference);
}
