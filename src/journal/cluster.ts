/**
 * What instances that share one journal agree on: who runs which lane, and what they tell each other. A journal that
 * one process has to itself has none of it.
 */
import type { Reason } from '../core/outcome.ts';

export interface Cluster {
  /** Ours, as leases name it. */
  readonly instance: string;
  readonly claims: LaneClaims;
  readonly peers: Peers;
}

/** A lane that is ours alone, until it is released or lost. */
export interface Claim {
  readonly lane: string;
  /** ms since the epoch: until then its pace is used up; 0 where nothing is known. */
  readonly pacedUntil: number;
}

/**
 * Which instance runs which lane. A lane with something unfinished can be claimed by one instance at a time; one that
 * dies or falls silent loses its lanes to the others within 30 s. What it still tries to record for them is refused
 * with a JournalError `lane-lost`.
 */
export interface LaneClaims {
  /** Takes part from now on, and sees to it that every lane with something unfinished can be claimed: what a crash or a move left, too. */
  start(events: ClaimEvents): Promise<void>;
  /** Takes up to `limit` lanes, those that wait longest first. None where they cannot be asked for now; `onWork` follows. */
  claim(limit: number): Promise<readonly Claim[]>;
  /**
   * Lets go of a lane, lost or not: until then it is not given out here again, for a run that lost it may still go on.
   * What cannot be recorded now (the database is away) others notice by our silence. `onWork` follows where it can be
   * claimed again.
   */
  release(lane: string, left: Leaving): Promise<void>;
  /**
   * True while the lanes that we hold are certainly still ours. An instance that was stopped in between (SIGSTOP, a long
   * pause, a lost connection) knows that they may not be, by the clock alone: ask right before a call to Slack.
   */
  ownsLanes(): boolean;
  /** Takes part no more. What is still held can be claimed by others at once. Idempotent. */
  stop(): Promise<void>;
}

export interface ClaimEvents {
  /** There may be something to claim. */
  readonly onWork: () => void;
  /** These are no longer ours. */
  readonly onLost: (lanes: readonly string[]) => void;
}

export interface Leaving {
  /** ms until it can be claimed again; null where nothing is left in it, as far as we know. */
  readonly againInMs: number | null;
  /** As in Claim. */
  readonly pacedUntil: number;
}

/** What one instance learns and the others should know. */
export type News =
  /** Slack refuses our credential. */
  | { readonly kind: 'trouble'; readonly reason: Reason }
  /** It takes us again. */
  | { readonly kind: 'recovered' }
  /** Slack asked a channel to wait. */
  | { readonly kind: 'limited'; readonly channel: string; readonly afterMs: number };

export interface Peers {
  /** Tells the other instances, as far as they can be reached now: nothing may depend on it. */
  tell(news: News): void;
  /** What others tell; never what we told ourselves. */
  listen(listener: (news: News) => void): void;
}
