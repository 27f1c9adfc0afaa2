/** Latencies, counted by size: from 0.1 ms to half a day, each bound a quarter above the one before. */
const LEAST_MS = 0.1;
const GROWTH = 1.25;
const BUCKETS = 96;

const LOG_GROWTH = Math.log(GROWTH);

/** Quantiles are right within a tenth, and it takes some 400 bytes once something was added; none before. */
export class LatencyHistogram {
  #counts: Uint32Array | null = null;
  #total = 0;

  add(ms: number): void {
    this.#counts ??= new Uint32Array(BUCKETS);
    const bucket = ms <= LEAST_MS ? 0 : Math.ceil(Math.log(ms / LEAST_MS) / LOG_GROWTH);
    const index = Math.min(bucket, BUCKETS - 1);
    this.#counts[index] = (this.#counts[index] ?? 0) + 1;
    this.#total += 1;
  }

  /** In ms, to two significant digits; null where nothing was added. */
  quantile(q: number): number | null {
    if (this.#counts === null) return null;
    const rank = Math.max(1, Math.ceil(q * this.#total));
    let seen = 0;
    const index = this.#counts.findIndex((count) => {
      seen += count;
      return seen >= rank;
    });
    // In the middle of the bucket, as far as its growth goes.
    return Number((LEAST_MS * GROWTH ** (index - 0.5)).toPrecision(2));
  }
}
