/** What was sent and what was answered: the other half of the truth. */
import type { PlannedEvent } from './events.ts';

export interface LedgerEntry {
  readonly event: PlannedEvent;
  /** In ms of one monotonic clock: when the first attempt began. */
  readonly firstSentAt: number;
  /** When the first 200 came; null: never. */
  readonly acceptedAt: number | null;
  /** The same in ms since the epoch, as the service tells time. */
  readonly answeredAt: number | null;
}

export class Ledger {
  readonly #entries = new Map<string, { -readonly [Key in keyof LedgerEntry]: LedgerEntry[Key] }>();
  /** Answer → how many; `none` where there was none. */
  readonly answers = new Map<string, number>();
  requests = 0;

  get entries(): readonly LedgerEntry[] {
    return [...this.#entries.values()];
  }

  sending(event: PlannedEvent): void {
    this.requests += 1;
    if (!this.#entries.has(event.id)) {
      const firstSentAt = performance.now();
      this.#entries.set(event.id, { event, firstSentAt, acceptedAt: null, answeredAt: null });
    }
  }

  /** `status`: null where no answer came. */
  answered({ id }: PlannedEvent, status: number | null): void {
    const answer = String(status ?? 'none');
    this.answers.set(answer, (this.answers.get(answer) ?? 0) + 1);
    const entry = this.#entries.get(id);
    if (status !== 200 || entry === undefined) return;
    entry.acceptedAt ??= performance.now();
    entry.answeredAt ??= Date.now();
  }
}
