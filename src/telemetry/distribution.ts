/** How often a value was up to each of some bounds: what a histogram is made of, without the cost of one. */

export interface Spread {
  /** Null where the metric has no label. */
  readonly label: string | null;
  /** One for each bound, cumulative. */
  readonly upTo: readonly number[];
  readonly count: number;
  readonly sum: number;
}

interface Tally {
  /** One for each bound and one for what is beyond them; not cumulative. */
  readonly counts: Float64Array;
  sum: number;
}

/** Of one metric with at most one label, whose values are the config's or ours: few by themselves. */
export class Distribution {
  /** Rising. */
  readonly bounds: readonly number[];
  readonly #tallies = new Map<string | null, Tally>();

  constructor(bounds: readonly number[]) {
    this.bounds = bounds;
  }

  observe(value: number, label: string | null = null): void {
    let index = 0;
    while (value > (this.bounds[index] ?? Number.POSITIVE_INFINITY)) index += 1;
    const tally = this.#tallies.get(label) ?? this.#begin(label);
    tally.counts[index] = (tally.counts[index] ?? 0) + 1;
    tally.sum += value;
  }

  spreads(): Spread[] {
    return [...this.#tallies].map(([label, { counts, sum }]) => {
      let count = 0;
      const cumulative = [...counts].map((more) => {
        count += more;
        return count;
      });
      return { label, upTo: cumulative.slice(0, this.bounds.length), count, sum };
    });
  }

  #begin(label: string | null): Tally {
    const tally = { counts: new Float64Array(this.bounds.length + 1), sum: 0 };
    this.#tallies.set(label, tally);
    return tally;
  }
}
