/**
 * What happened in each minute of the last day, on all instances and across restarts: what the dashboard draws.
 *
 * Events and endings are counted from the journal's rows, so they agree with its lists and none is lost. What leaves no
 * row (duplicates, refusals, retries, and how long things took) is counted here and kept in the journal within
 * {@link SAVE_MS}: a process that is killed loses as much of it.
 */
import { z } from 'zod';
import { type Clock, MINUTE_MS } from '../core/clock.ts';
import { memoizeFor } from '../core/memoize-for.ts';
import type { AttemptFacts, Telemetry, WebhookFacts } from '../core/telemetry.ts';
import type { Journal, Minutes } from '../journal/contract.ts';
import { RELAY_SOURCE } from '../relay/upkeep/reports.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { SeriesPoint, SeriesView } from './views.ts';

export const LONGEST_MINUTES = 24 * 60;
/** Each is read by itself: a short look back costs little. */
const WINDOWS = [60, 360, LONGEST_MINUTES];
const SAVE_MS = 2_000;
/** However many pages look, and however large the journal is: at most a hundredth of the time is spent on reading. */
const READ = { atLeastMs: 2_000, timesItTook: 100 };

const count = z.number().default(0);
const buckets = z.record(z.string(), z.number()).default({});
/** As it is kept. Another version may know more, or less. */
const countedSchema = z.object({
  duplicate: count,
  refused: count,
  retried: count,
  accept: buckets,
  delivery: buckets,
});

export interface SeriesParts {
  readonly journal: Pick<Journal, 'minutes' | 'countMinutes'>;
  /** Unique to this process. */
  readonly instance: string;
  readonly clock: Pick<Clock, 'now' | 'monotonic' | 'after'>;
}

export class Series implements Pick<Telemetry, 'webhook' | 'attempt'> {
  readonly #parts: SeriesParts;
  /** What was counted here and may still change, by the instant at which its minute begins. */
  readonly #slots = new Map<number, Slot>();
  readonly #reads: ReadonlyMap<number, () => Promise<Minutes>>;
  #cancel: (() => void) | null = null;

  constructor(parts: SeriesParts) {
    this.#parts = parts;
    const { journal, clock } = parts;
    const read = (window: number) => () => journal.minutes(beginOf(clock.now()) - (window - 1) * MINUTE_MS);
    this.#reads = new Map(WINDOWS.map((window) => [window, memoizeFor({ ...READ, clock }, read(window))]));
  }

  webhook = ({ at, outcome, ms }: WebhookFacts): void => {
    if (outcome === 'challenge') return;
    const slot = this.#slotAt(at);
    if (outcome === 'accepted') slot.accept.add(ms);
    else slot[outcome] += 1;
  };

  attempt = ({ at, state, acceptedAt }: AttemptFacts): void => {
    if (state === null) this.#slotAt(at).retried += 1;
    else if (state === 'sent' || state === 'merged') this.#slotAt(at).delivery.add(at - acceptedAt);
  };

  /** The last `minutes`, up to the one that it is now. Rejects while the journal cannot be read. */
  async view(minutes: number): Promise<SeriesView> {
    await this.save();
    const window = WINDOWS.find((longest) => longest >= minutes) ?? LONGEST_MINUTES;
    const found = await this.#reads.get(window)?.();
    const last = beginOf(this.#parts.clock.now());
    const points = Array.from({ length: minutes }, (_, index) => last - (minutes - 1 - index) * MINUTE_MS);
    return { step_seconds: MINUTE_MS / 1000, points: points.map(pointsIn(found ?? NOTHING)) };
  }

  /** Keeps what was counted so far. Never rejects: what cannot be kept now is kept later. */
  async save(): Promise<void> {
    this.#cancel?.();
    this.#cancel = null;
    const { journal, instance, clock } = this.#parts;
    const changed = [...this.#slots].filter(([, slot]) => slot.changed);
    for (const [, slot] of changed) slot.changed = false;
    if (changed.length === 0) return;
    const rows = changed.map(([at, { changed: _, ...counted }]) => ({
      at,
      instance,
      counted: JSON.stringify(counted),
    }));
    try {
      await journal.countMinutes(...rows);
      const over = beginOf(clock.now()) - MINUTE_MS;
      for (const [at, slot] of this.#slots) if (at < over && !slot.changed) this.#slots.delete(at);
    } catch {
      for (const [, slot] of changed) slot.changed = true;
      this.#saveLater();
    }
  }

  /** Keeps what is left to be kept. Nothing is counted afterwards. */
  async close(): Promise<void> {
    await this.save();
    this.#cancel?.();
  }

  #slotAt(instant: number): Slot {
    const at = beginOf(instant);
    const slot = this.#slots.get(at) ?? new Slot();
    this.#slots.set(at, slot);
    slot.changed = true;
    // The journal may be away for long.
    const [oldest] = this.#slots.keys();
    if (this.#slots.size > LONGEST_MINUTES && oldest !== undefined) this.#slots.delete(oldest);
    this.#saveLater();
    return slot;
  }

  #saveLater(): void {
    this.#cancel ??= this.#parts.clock.after(SAVE_MS, () => void this.save());
  }
}

/** What is counted in a minute. Without `changed`, it is what the journal keeps. */
class Slot {
  changed = false;
  duplicate = 0;
  refused = 0;
  retried = 0;
  readonly accept = new LatencyHistogram();
  readonly delivery = new LatencyHistogram();

  add({ duplicate, refused, retried, accept, delivery }: z.output<typeof countedSchema>): void {
    this.duplicate += duplicate;
    this.refused += refused;
    this.retried += retried;
    this.accept.addAll(accept);
    this.delivery.addAll(delivery);
  }
}

const NOTHING: Minutes = { accepted: [], ended: [], counted: [] };

type Counts = Pick<SeriesPoint, 'accepted' | 'sent' | 'merged' | 'dead' | 'parked'>;

const NONE: Counts = { accepted: 0, sent: 0, merged: 0, dead: 0, parked: 0 };

function pointsIn({ accepted, ended, counted }: Minutes): (at: number) => SeriesPoint {
  const rows = new Map<number, Record<string, number>>();
  const add = (at: number, name: string, count: number) => {
    const counts = rows.get(at) ?? {};
    rows.set(at, counts);
    counts[name] = (counts[name] ?? 0) + count;
  };
  for (const { at, source, count } of accepted) if (source !== RELAY_SOURCE) add(at, 'accepted', count);
  for (const { at, state, count } of ended) add(at, state, count);
  const slots = new Map<number, Slot>();
  for (const { at, counted: kept } of counted) {
    const slot = slots.get(at) ?? new Slot();
    slots.set(at, slot);
    const read = countedSchema.safeParse(JSON.parse(kept));
    if (read.success) slot.add(read.data);
  }
  return (at) => {
    const { duplicate, refused, retried, accept, delivery } = slots.get(at) ?? new Slot();
    return {
      at: new Date(at).toISOString(),
      ...{ ...NONE, ...rows.get(at), duplicate, refused, retried },
      accept_p50_ms: accept.quantile(0.5),
      accept_p99_ms: accept.quantile(0.99),
      delivery_p50_ms: delivery.quantile(0.5),
      delivery_p99_ms: delivery.quantile(0.99),
    };
  };
}

function beginOf(instant: number): number {
  return instant - (instant % MINUTE_MS);
}
