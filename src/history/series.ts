/**
 * What this process did in each minute of the last day, in memory: what the dashboard draws. It begins anew with the
 * process; what has to last is scraped from the metrics.
 */
import type { AttemptFacts, Telemetry, WebhookFacts } from '../core/telemetry.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import type { SeriesPoint, SeriesView } from './views.ts';

const STEP_MS = 60_000;
export const LONGEST_MINUTES = 24 * 60;

type Counted = 'accepted' | 'duplicate' | 'refused' | 'sent' | 'merged' | 'dead' | 'parked' | 'retried';

interface Slot {
  readonly counts: Record<Counted, number>;
  readonly accept: LatencyHistogram;
  readonly delivery: LatencyHistogram;
}

export class Series implements Pick<Telemetry, 'webhook' | 'attempt'> {
  /** By minute since the epoch, in the order in which they began: the clock may be set. */
  readonly #slots = new Map<number, Slot>();

  webhook = ({ at, outcome, ms }: WebhookFacts): void => {
    if (outcome === 'challenge') return;
    const { counts, accept } = this.#slotAt(at);
    counts[outcome] += 1;
    if (outcome === 'accepted') accept.add(ms);
  };

  attempt = ({ at, state, deliveries, acceptedAt }: AttemptFacts): void => {
    if (state === 'superseded') return;
    const { counts, delivery } = this.#slotAt(at);
    counts[state ?? 'retried'] += state === null ? 1 : deliveries;
    if (state === 'sent' || state === 'merged') delivery.add(at - acceptedAt);
  };

  /** The last `minutes`, up to the one that `now` (ms since the epoch) is in. */
  view(minutes: number, now: number): SeriesView {
    const last = Math.floor(now / STEP_MS);
    const points = Array.from({ length: minutes }, (_, index) => this.#point(last - minutes + 1 + index));
    return { step_seconds: STEP_MS / 1000, points };
  }

  #point(minute: number): SeriesPoint {
    const slot = this.#slots.get(minute);
    return {
      at: new Date(minute * STEP_MS).toISOString(),
      ...(slot?.counts ?? NONE),
      accept_p50_ms: slot?.accept.quantile(0.5) ?? null,
      accept_p99_ms: slot?.accept.quantile(0.99) ?? null,
      delivery_p50_ms: slot?.delivery.quantile(0.5) ?? null,
      delivery_p99_ms: slot?.delivery.quantile(0.99) ?? null,
    };
  }

  #slotAt(at: number): Slot {
    const minute = Math.floor(at / STEP_MS);
    const known = this.#slots.get(minute);
    if (known !== undefined) return known;
    const slot = { counts: { ...NONE }, accept: new LatencyHistogram(), delivery: new LatencyHistogram() };
    this.#slots.set(minute, slot);
    const [first] = this.#slots.keys();
    if (this.#slots.size > LONGEST_MINUTES && first !== undefined) this.#slots.delete(first);
    return slot;
  }
}

const NONE: Readonly<Record<Counted, number>> = {
  accepted: 0,
  duplicate: 0,
  refused: 0,
  sent: 0,
  merged: 0,
  dead: 0,
  parked: 0,
  retried: 0,
};
