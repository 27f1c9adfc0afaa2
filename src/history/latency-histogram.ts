/** Latencies, counted by size: from 0.1 ms to half a day, each bound a quarter above the one before. */
const LEAST_MS = 0.1;
const GROWTH = 1.25;
const BUCKETS = 96;

const LOG_GROWTH = Math.log(GROWTH);

/** How many latencies are in which bucket, by its index; buckets without any are left out. */
export type Buckets = Readonly<Record<string, number>>;

/** Quantiles are right within a tenth, and it takes some 400 bytes once something was added; none before. */
export class LatencyHistogram {
  #counts: Uint32Array | null = null;
  #total = 0;

  add(ms: number): void {
    const bucket = ms <= LEAST_MS ? 0 : Math.ceil(Math.log(ms / LEAST_MS) / LOG_GROWTH);
    this.#count(Math.min(bucket, BUCKETS - 1), 1);
  }

  /** What another histogram counted. */
  addAll(buckets: Buckets): void {
    for (const [index, count] of Object.entries(buckets)) this.#count(Math.min(Number(index), BUCKETS - 1), count);
  }

  toJSON(): Buckets {
    return Object.fromEntries([...(this.#counts ?? [])].entries().filter(([, count]) => count > 0));
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

  #count(index: number, count: number): void {
    this.#counts ??= new Uint32Array(BUCKETS);
    this.#counts[index] = (this.#counts[index] ?? 0) + count;
    this.#total += count;
  }
}
