/**
 * Whether a source has been silent for too long, by when its events came in during the last four weeks. A silence is
 * too long where it lasts half an hour at least and
 *
 * - is more than five times as long as the longest gap before it: nights are far shorter than that, and a weekend is, as
 *   soon as one night is known; or
 * - covers hours of the week that had events in at least ten different minutes in each of the two weeks before. The
 *   first and the last hour are left out, since clocks may have been changed in between. So a silence by day is noticed
 *   although nights are as quiet.
 *
 * A source that is known for less than a day, or by fewer than 20 gaps, is not judged. Known limits: a holiday on a
 * working day is a silence; a source without any event for four weeks, or for `retention`, is forgotten.
 */
import { type Clock, DAY_MS, HOUR_MS, MINUTE_MS } from '../core/clock.ts';
import { memoizeFor } from '../core/memoize-for.ts';
import type { Telemetry, WebhookFacts } from '../core/telemetry.ts';
import type { Arrivals, Journal } from '../journal/contract.ts';

const WEEK_MS = 7 * DAY_MS;
const LOOK_BACK_MS = 4 * WEEK_MS;
const SHORTEST_MS = 30 * MINUTE_MS;
const LONGEST_GAPS = 5;
const GAPS_KNOWN = 20;
const KNOWN_MS = DAY_MS;
const WEEKS_BEFORE = [1, 2];
const CLOCK_CHANGE_MS = HOUR_MS;
const BUSY_MINUTES = 10;
/** However large the journal is, at most a hundredth of the time is spent on reading. */
const READ = { atLeastMs: MINUTE_MS, timesItTook: 100 };

export interface SourceActivity {
  readonly source: string;
  /** ms since the epoch: the last event, duplicates included; null where none is known. */
  readonly lastAt: number | null;
  /** The median of the gaps between events, to the minute; null where too little is known. */
  readonly usualMs: number | null;
  /** It has been silent for too long. */
  readonly silent: boolean;
}

type Known = Pick<Arrivals, 'minutes' | 'lastAt'>;

/** `now` is in ms since the epoch. */
export function judge({ minutes, lastAt }: Known, now: number): Pick<SourceActivity, 'usualMs' | 'silent'> {
  const gaps = minutes.slice(1).map((minute, index) => minute - (minutes[index] ?? minute));
  const first = (minutes[0] ?? 0) * MINUTE_MS;
  if (gaps.length < GAPS_KNOWN || lastAt - first < KNOWN_MS) return { usualMs: null, silent: false };
  gaps.sort((a, b) => a - b);
  const usualMs = (gaps[gaps.length >> 1] ?? 0) * MINUTE_MS;
  const longestMs = (gaps.at(-1) ?? 0) * MINUTE_MS;
  const silentMs = now - lastAt;
  const unheardOf = silentMs > LONGEST_GAPS * longestMs;
  const silent = silentMs >= SHORTEST_MS && (unheardOf || wasBusyBefore(minutes, lastAt, now));
  return { usualMs, silent };
}

/** Whether the hours from `lastAt` to `now` were busy in each of the weeks before. */
function wasBusyBefore(minutes: readonly number[], lastAt: number, now: number): boolean {
  return WEEKS_BEFORE.every((weeks) => {
    const from = (lastAt - weeks * WEEK_MS + CLOCK_CHANGE_MS) / MINUTE_MS;
    const to = (now - weeks * WEEK_MS - CLOCK_CHANGE_MS) / MINUTE_MS;
    return minutes.filter((minute) => minute > from && minute <= to).length >= BUSY_MINUTES;
  });
}

export interface SourceWatchParts {
  readonly journal: Pick<Journal, 'arrivals'>;
  /** Their names, as configured now. */
  readonly sources: () => readonly string[];
  readonly clock: Pick<Clock, 'now' | 'monotonic'>;
}

/** What came in before is read from the journal, now and then; what comes in here is known at once. */
export class SourceWatch implements Pick<Telemetry, 'webhook'> {
  readonly #parts: SourceWatchParts;
  readonly #heardAt = new Map<string, number>();
  readonly #read: () => Promise<readonly Arrivals[]>;
  /** Stays while the journal cannot be read. */
  #known: readonly Arrivals[] = [];

  constructor(parts: SourceWatchParts) {
    this.#parts = parts;
    const { journal, clock } = parts;
    this.#read = memoizeFor({ ...READ, clock }, () => journal.arrivals(clock.now() - LOOK_BACK_MS));
  }

  webhook = ({ at, outcome, source }: WebhookFacts): void => {
    if (outcome === 'accepted' || outcome === 'duplicate') this.#heardAt.set(source, at);
  };

  /** Of each configured source. Never rejects. */
  async view(): Promise<SourceActivity[]> {
    this.#known = await this.#read().catch(() => this.#known);
    const now = this.#parts.clock.now();
    return this.#parts.sources().map((source) => {
      const { minutes = [], lastAt: storedAt = 0 } = this.#known.find((known) => known.source === source) ?? {};
      const lastAt = Math.max(storedAt, this.#heardAt.get(source) ?? 0);
      return { source, lastAt: lastAt === 0 ? null : lastAt, ...judge({ minutes, lastAt }, now) };
    });
  }
}
