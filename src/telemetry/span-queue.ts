/**
 * What stands between the service and a collector that may be slow, down or gone: a bounded queue. What has no room in it,
 * or is not taken, is dropped and counted; nothing waits for it.
 */
import { type Clock, within } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { Otlp } from './otlp.ts';
import type { Span } from './span.ts';
import type { TraceSettings } from './trace-settings.ts';

const CAPACITY = 2_048;

export interface SpanQueueParts {
  readonly settings: TraceSettings;
  readonly clock: Pick<Clock, 'after'>;
  readonly log: Pick<Logger, 'info' | 'warn'>;
}

export class SpanQueue {
  readonly #parts: SpanQueueParts;
  /** Until the exporter is loaded; null from then on. */
  #early: Span[] | null = [];
  #loading: Promise<Otlp | null> | null = null;
  #otlp: Otlp | null = null;
  /** Told to the exporter, of unknown fate. */
  #underWay = 0;
  #exported = 0;
  #dropped = 0;
  #failing = false;
  #closing: Promise<void> | null = null;
  #closed = false;

  constructor(parts: SpanQueueParts) {
    this.#parts = parts;
  }

  add = (span: Span): void => {
    if (this.#closing !== null || this.#underWay + (this.#early?.length ?? 0) >= CAPACITY) {
      this.#dropped += 1;
    } else if (this.#early !== null) {
      this.#early.push(span);
    } else {
      this.#send(span);
    }
  };

  /** Spans so far. */
  counts(): { readonly exported: number; readonly dropped: number } {
    return { exported: this.#exported, dropped: this.#dropped };
  }

  /** Loads the exporter, which takes a while: call it when the service is ready. */
  start(): void {
    this.#loading ??= this.#load();
  }

  /** Exports what waits, for so long at most; what has not gone then is dropped. Idempotent. */
  close(withinMs: number): Promise<void> {
    if (this.#early !== null && this.#early.length > 0) this.start();
    this.#closing ??= this.#close(withinMs);
    return this.#closing;
  }

  async #load(): Promise<Otlp | null> {
    const early = this.#early ?? [];
    try {
      const { createOtlp } = await import('./otlp.ts');
      this.#otlp = createOtlp({ ...this.#parts.settings, capacity: CAPACITY, onBatch: this.#onBatch });
    } catch (error) {
      this.#dropped += early.length;
      this.#parts.log.warn({ err: error }, 'no traces: the exporter cannot be used');
    }
    this.#early = null;
    for (const span of this.#otlp === null ? [] : early) this.#send(span);
    return this.#otlp;
  }

  #send(span: Span): void {
    if (this.#otlp === null) {
      this.#dropped += 1;
      return;
    }
    this.#underWay += 1;
    this.#otlp.send(span);
  }

  #onBatch = (spans: number, fault: Error | null): void => {
    // Given up already, and counted so.
    if (this.#closed) return;
    this.#underWay -= spans;
    if (fault === null) this.#exported += spans;
    else this.#dropped += spans;
    if ((fault !== null) === this.#failing) return;
    this.#failing = fault !== null;
    // The error's text may be anything that a collector answers, or an address with a password.
    if (fault === null) this.#parts.log.info('traces are exported again');
    else this.#parts.log.warn({ code: codeOf(fault) }, 'traces are not taken by the collector: they are dropped');
  };

  async #close(withinMs: number): Promise<void> {
    const flushed = this.#loading?.then((otlp) => otlp?.shutdown()).catch(() => undefined);
    await within(withinMs, this.#parts.clock, Promise.resolve(flushed));
    this.#closed = true;
    this.#dropped += this.#underWay;
    this.#underWay = 0;
  }
}

function codeOf(fault: Error): string {
  const code = 'code' in fault ? fault.code : undefined;
  return typeof code === 'string' || typeof code === 'number' ? String(code) : fault.name;
}
