/** What is told about lanes. See views.ts for what holds of all shapes. */
import type { Backlog } from '../journal/inspection.ts';

export interface LaneView {
  /** Its whole name, such as `channel:#alo-actions` or `dm:U024BE7LH`. */
  readonly lane: string;
  /** Deliveries that are unfinished, held ones included. */
  readonly waiting: number;
  readonly held: number;
  /** When the oldest of them was accepted. */
  readonly oldest_at: string;
  /** The oldest one is not to be tried before. */
  readonly due_at: string;
  /** Of the oldest one, that count against giving up. */
  readonly attempts: number;
  /** Why the oldest was not sent at its last attempt. */
  readonly reason: { readonly code: string; readonly detail: string } | null;
  /** How many of them may be in Slack without our knowing. */
  readonly in_doubt: number;
}

/** GET /api/lanes?limit= */
export interface LanePage {
  /** Longest waiting first. */
  readonly lanes: readonly LaneView[];
  /** Lanes with something unfinished, those not shown included. */
  readonly total: number;
}

export function lanePage({ lanes: total, longest }: Backlog, limit: number): LanePage {
  const lanes = longest.slice(0, limit).map(
    ({ lane, waiting, held, inDoubt, oldestAt, dueAt, attempts, reason }): LaneView => ({
      ...{ lane, waiting, held, attempts, reason, in_doubt: inDoubt },
      oldest_at: new Date(oldestAt).toISOString(),
      due_at: new Date(dueAt).toISOString(),
    }),
  );
  return { lanes, total };
}
