/**
 * Reading bodies within bounds: each within its own limit, and all that are not whole yet within one budget.
 *
 * The budget counts what is held, not what was announced: a thousand idle connections cost nothing and keep nobody out.
 * Beyond it the bodies that arrive slowest are given up until the rest fits, so a sender that delivers at once always
 * gets through.
 */
import type { IncomingMessage } from 'node:http';
import rawBody from 'raw-body';
import type { Clock } from '../core/clock.ts';

/** What a chunk costs beside its bytes: a body sent byte by byte is mostly that. */
const CHUNK_OVERHEAD_BYTES = 256;

export type BodyFailure = 'body-too-large' | 'body-incomplete' | 'overloaded';

interface Reading {
  held: number;
  /** By the monotonic clock, in ms. */
  readonly since: number;
  giveUp(): void;
}

export interface BodyLimits {
  /** Bytes of one body. */
  readonly bodyLimitBytes: number;
  /** Bytes of all bodies that are not whole yet. */
  readonly bodyBudgetBytes: number;
}

export class BodyBudget {
  readonly #limits: () => BodyLimits;
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #readings = new Set<Reading>();
  #held = 0;

  constructor(limits: () => BodyLimits, clock: Pick<Clock, 'monotonic'>) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Bytes held now, the cost of their chunks included. */
  get heldBytes(): number {
    return this.#held;
  }

  /** The whole body, or why there is none. Never rejects. After a failure the connection is of no more use. */
  read(request: IncomingMessage): Promise<Buffer | BodyFailure> {
    return new Promise((resolve) => {
      const end = (result: Buffer | BodyFailure): void => {
        request.off('data', hold);
        this.#release(reading);
        resolve(result);
      };
      const reading: Reading = { held: 0, since: this.#clock.monotonic(), giveUp: () => end('overloaded') };
      const hold = (chunk: Buffer): void => this.#hold(reading, chunk.length + CHUNK_OVERHEAD_BYTES);
      this.#readings.add(reading);
      request.on('data', hold);
      const length = request.headers['content-length'] ?? null;
      rawBody(request, { limit: this.#limits().bodyLimitBytes, length }, (error, body) => {
        end(error === null ? body : error.type === 'entity.too.large' ? 'body-too-large' : 'body-incomplete');
      });
    });
  }

  #hold(reading: Reading, bytes: number): void {
    if (!this.#readings.has(reading)) return;
    reading.held += bytes;
    this.#held += bytes;
    while (this.#held > this.#limits().bodyBudgetBytes) {
      const slowest = this.#slowest();
      if (slowest === null) return;
      this.#release(slowest);
      slowest.giveUp();
    }
  }

  #release(reading: Reading): void {
    if (this.#readings.delete(reading)) this.#held -= reading.held;
  }

  /** By bytes per ms since its first. Null while nobody holds anything. */
  #slowest(): Reading | null {
    const now = this.#clock.monotonic();
    let slowest: Reading | null = null;
    let least = Number.POSITIVE_INFINITY;
    for (const reading of this.#readings) {
      const rate = reading.held / (now - reading.since + 1);
      if (reading.held === 0 || rate >= least) continue;
      slowest = reading;
      least = rate;
    }
    return slowest;
  }
}
