/**
 * Slack's clock beside ours, learnt from the `Date` of its answers (to the second).
 *
 * What is asked is where an instant that we noted lies in Slack's time. Nobody knows how far off our clock was when it
 * was noted: right, or as far off as it was seen to be since. So an interval is widened to hold all of these.
 */
import type { Clock } from '../core/clock.ts';

export class ServerClock {
  readonly #clock: Pick<Clock, 'now'>;
  #learnt: { readonly least: number; readonly most: number; readonly last: number } | null = null;

  constructor(clock: Pick<Clock, 'now'>) {
    this.#clock = clock;
  }

  /** `date` is the header of an answer that just came; what is no date is passed over. */
  learn(date: string): void {
    const offset = Date.parse(date) - this.#clock.now();
    if (Number.isNaN(offset)) return;
    const { least, most } = this.#learnt ?? { least: 0, most: 0 };
    this.#learnt = { least: Math.min(least, offset), most: Math.max(most, offset), last: offset };
  }

  /** False until something was learnt: until then our clock counts as right. */
  get learnt(): boolean {
    return this.#learnt !== null;
  }

  /** ms since the epoch: what Slack's clock shows now. */
  now(): number {
    return this.#clock.now() + (this.#learnt?.last ?? 0);
  }

  /** The earliest that Slack's clock may have shown when ours showed `ms`. */
  earliest(ms: number): number {
    return ms + (this.#learnt?.least ?? 0);
  }

  /** The latest that Slack's clock may have shown when ours showed `ms`. */
  latest(ms: number): number {
    return ms + (this.#learnt?.most ?? 0);
  }
}
