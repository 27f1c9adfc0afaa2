/** Numbers that only go up, one for each set of label values: plain increments, whoever reads them later. */

/** Of one metric. What comes beyond is counted under OTHER: labels must stay few, whatever Slack may answer. */
const MOST_SERIES = 256;
const OTHER = 'other';

export interface Series {
  /** In the order of the metric's labels. */
  readonly labels: readonly string[];
  readonly value: number;
}

export class Counts {
  readonly #series = new Map<string, { readonly labels: readonly string[]; value: number }>();

  /** `labels`: always as many. An amount of 0 makes the series known. */
  add(amount: number, ...labels: readonly string[]): void {
    const key = labels.join('\n');
    const known = this.#series.get(key);
    if (known !== undefined) known.value += amount;
    else if (this.#series.size < MOST_SERIES) this.#series.set(key, { labels, value: amount });
    else this.#addOther(amount, labels.length);
  }

  /** For what is counted elsewhere. */
  set(value: number, ...labels: readonly string[]): void {
    this.#series.set(labels.join('\n'), { labels, value });
  }

  #addOther(amount: number, count: number): void {
    const labels = Array.from({ length: count }, () => OTHER);
    const key = labels.join('\n');
    const known = this.#series.get(key);
    if (known !== undefined) known.value += amount;
    else this.#series.set(key, { labels, value: amount });
  }

  series(): Iterable<Series> {
    return this.#series.values();
  }
}
