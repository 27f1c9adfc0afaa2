/**
 * The journal: what was accepted, what is owed to Slack, and where each message is. It survives kill -9 and power loss.
 *
 * Contract, the same for both databases (test/journal/contract.ts):
 * - A promise that resolves means the change is on disk. One that rejects means nothing of it happened; only where a
 *   database is lost in the middle of a commit (`journal-unreachable`, `journal-lost`) that is not known, and reading
 *   again tells.
 * - Every write is one atomic change; writes that arrive together may share one commit.
 * - `accept` decides what is a duplicate inside the commit that stores the event.
 * - `next` returns a lane's unfinished deliveries in order of acceptance, those to be tried again included.
 *
 * Each operation is described in its file in `operations/`.
 */
import type { Cluster } from './cluster.ts';
import type { Database } from './database.ts';
import type { JournalError } from './errors.ts';
import type { Operation } from './operation.ts';
import { OPERATIONS } from './operations/all.ts';
import { giveRoomBack, takeRoom } from './operations/probe.ts';

export type { Acceptance, NewDelivery, NewEvent } from './operations/accept.ts';
export type { Arrivals } from './operations/arrivals.ts';
export type { KeptAttempt } from './operations/attempts.ts';
export type { AuditEntry, AuditQuery } from './operations/audit.ts';
export type { Backlog } from './operations/backlog.ts';
export type { NewAuditEntry } from './operations/begin-audit.ts';
export type { Card, CardKey } from './operations/card.ts';
export type { Completion } from './operations/complete.ts';
export type { DeliveryQuery, DeliveryRecord } from './operations/deliveries.ts';
export type { Doubted } from './operations/doubt-unfinished.ts';
export type { EventQuery } from './operations/events.ts';
export type { FailureGroup } from './operations/failures.ts';
export type { InspectedEvent } from './operations/inspect.ts';
export type { Minutes } from './operations/minutes.ts';
export type { QueuedDelivery } from './operations/next.ts';
export type { PruneCursor, PruneRequest } from './operations/prune.ts';
export type { Replay } from './operations/replay.ts';
export type { Retry } from './operations/retry-later.ts';
export type { EventSearch, FoundEvent } from './operations/search.ts';
export type { Tally } from './operations/tally.ts';
export type { WaitingDelivery } from './operations/waiting.ts';
export type { StoredEvent } from './stored-event.ts';
export type { VerificationInfo } from './verification.ts';

type Calls = {
  readonly [Name in keyof typeof OPERATIONS]: (typeof OPERATIONS)[Name] extends Operation<infer A, infer R>
    ? (...given: A) => Promise<R>
    : never;
};

export interface Journal extends Omit<Calls, 'takeRoom' | 'giveRoomBack'> {
  /**
   * Resolves, saying why, once the journal is gone for good although nobody closed it: its disk failed. Every call
   * rejects from then on, and only a new process (or a new journal) helps. Never rejects.
   */
  readonly lost: Promise<JournalError>;
  /**
   * What the instances that share this journal agree on; null where one process has it to itself. Without it
   * `markSending`, `complete`, `retryLater`, `hold` and `saveCard` always
   * apply; with it they reject with `lane-lost` for a lane that another instance claimed since.
   */
  readonly cluster: Cluster | null;
  /** Rejects, saying why, while the journal cannot take a commit of that many bytes, or would lose it. */
  probe(room?: number): Promise<void>;
  /** Finishes what is under way. Idempotent. */
  close(): Promise<void>;
}

export function journalOver(database: Database, cluster: Cluster | null = null): Journal {
  return {
    ...callsOf(database),
    lost: database.lost,
    cluster,
    async probe(room = 0) {
      if (await database.call(takeRoom, [room])) await database.call(giveRoomBack, []);
    },
    close: () => database.close(),
  };
}

/** The cast says what the type of `OPERATIONS` says, which is lost in a list of its entries. */
function callsOf(database: Database): Calls {
  const entries: [string, Operation<unknown[], unknown>][] = Object.entries(OPERATIONS);
  return Object.fromEntries(
    entries.map(([name, operation]) => [name, (...given: unknown[]) => database.call(operation, given)]),
  ) as Calls;
}
