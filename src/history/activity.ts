/**
 * What happens, told as it happens: gathered, so that a flood of webhooks costs whoever watches a few messages a second,
 * and this process next to nothing while nobody does.
 */
import type { Clock } from '../core/clock.ts';
import type { AttemptFacts, Telemetry, WebhookFacts } from '../core/telemetry.ts';
import type { ActivityBatch, ActivityItem } from './live-view.ts';

const GATHER_MS = 250;
/** Of one batch. Nobody reads more in that time. */
const MOST_ITEMS = 100;
/** Kept for whoever begins to look: as many as the page shows. */
const RECENT_ITEMS = 40;

type Listener = (batch: ActivityBatch) => void;

export class Activity implements Pick<Telemetry, 'webhook' | 'attempt'> {
  readonly #clock: Pick<Clock, 'after'>;
  readonly #listeners = new Set<Listener>();
  /** Written out only when they are asked for. */
  readonly #recent: (() => ActivityItem)[] = [];
  #items: ActivityItem[] = [];
  #leftOut = 0;
  #cancel: (() => void) | null = null;

  constructor(clock: Pick<Clock, 'after'>) {
    this.#clock = clock;
  }

  /** The returned function ends it. */
  listen(listener: Listener): () => void {
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) this.#drop();
    };
  }

  /** The last that happened, up to what the listeners have been told by now. */
  recent(): ActivityBatch {
    if (this.#items.length > 0) this.#flush();
    return { items: this.#recent.map((item) => item()), left_out: 0 };
  }

  webhook = ({ at, outcome, source, eventSeq, topic, subject, title, code }: WebhookFacts): void => {
    if (outcome === 'challenge') return;
    this.#note(() => ({ kind: outcome, at: iso(at), source, number: eventSeq, topic, subject, title, code }));
  };

  attempt = ({ at, delivery, eventSeq, lane, state, code, ...facts }: AttemptFacts): void => {
    const { source, topic, subject, title, destination } = facts;
    const about = { source, topic, subject, title, lane, destination, state, code };
    this.#note(() => ({ kind: 'delivery', at: iso(at), delivery, number: eventSeq, ...about }));
  };

  #note(item: () => ActivityItem): void {
    this.#recent.push(item);
    if (this.#recent.length > RECENT_ITEMS) this.#recent.shift();
    if (this.#listeners.size === 0) return;
    if (this.#items.length < MOST_ITEMS) this.#items.push(item());
    else this.#leftOut += 1;
    this.#cancel ??= this.#clock.after(GATHER_MS, () => this.#flush());
  }

  #flush(): void {
    const batch = { items: this.#items, left_out: this.#leftOut };
    this.#drop();
    for (const listener of this.#listeners) listener(batch);
  }

  #drop(): void {
    this.#cancel?.();
    this.#cancel = null;
    this.#items = [];
    this.#leftOut = 0;
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
