/** What the scheduler of lanes (lanes.ts) and what is done in a lane (lane.ts) ask of each other. */
import type { QueuedDelivery } from '../../journal/contract.ts';

/** Where instances share the journal, a lane that waits for longer is released: others may wake it just as well. */
export const ASLEEP_AT_MOST_MS = 60_000;

/** What is done in a lane. */
export interface LaneWork {
  /** Whether the lane may send now; takes its turn if so. */
  mayStart(lane: string): boolean;
  /** Sends what is due, in order, until nothing is left or `stopping`. ms until it wants to run again, or null. */
  drain(lane: string, stopping: () => boolean): Promise<number | null>;
  /** Sends one delivery that was stored as `sending`. ms until the lane wants to run again, or null. */
  sendClaimed(delivery: QueuedDelivery): Promise<number | null>;
  /** While true, nothing is sent: Slack refuses us. */
  paused(): boolean;
  /** ms since the epoch: until then the lane's pace is used up, in part at least; 0 where nothing of it is. */
  paceOf(lane: string): number;
  /** As another instance gave it. */
  setPace(lane: string, until: number): void;
}

/** A place in a lane for what is about to be stored. */
export interface Reservation {
  /** The lane is held for this delivery, which is to be stored as `sending`. */
  readonly claimed: boolean;
  /** It is on disk. The delivery is needed where the lane was claimed for it. */
  stored(delivery?: QueuedDelivery): void;
  /** It was not stored. */
  dropped(): void;
}
