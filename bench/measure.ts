/** From samples to verdicts. */

/** One line of the table: what was measured, and whether it is what was promised. */
export interface Verdict {
  readonly measure: string;
  readonly unit: string;
  /** alo-relay's samples, one a repetition. */
  readonly samples: readonly number[];
  /** What it is compared with. Without it the target is for the value itself, else for the ratio. */
  readonly baseline?: { readonly name: string; readonly samples: readonly number[] };
  /** Without it, it is only told. */
  readonly target?: Target;
}

export type Target = { readonly atLeast: number } | { readonly atMost: number };

/** What the target is for: the ratio of the medians, or the median. */
export function subject({ samples, baseline }: Verdict): number {
  return baseline === undefined ? median(samples) : median(samples) / median(baseline.samples);
}

export function isMet(verdict: Verdict): boolean {
  const { target } = verdict;
  if (target === undefined) return true;
  const value = subject(verdict);
  return 'atLeast' in target ? value >= target.atLeast : value <= target.atMost;
}

export function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.ceil(sorted.length / 2) - 1];
  if (upper === undefined || lower === undefined) throw new Error('There are no samples.');
  return (lower + upper) / 2;
}

/** The smallest sample that `share` of all samples do not exceed. */
export function percentile(samples: readonly number[], share: number): number {
  const found = samples.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(samples.length * share) - 1)];
  if (found === undefined) throw new Error('There are no samples.');
  return found;
}

/** Runs every contender once a repetition, the other way round every other time: what drifts, drifts for all. */
export async function alternately<Name extends string, Sample>(
  runs: number,
  contenders: Readonly<Record<Name, () => Promise<Sample>>>,
): Promise<Record<Name, Sample[]>>;
export async function alternately(
  runs: number,
  contenders: Readonly<Record<string, () => Promise<unknown>>>,
): Promise<Record<string, unknown[]>> {
  const samples: Record<string, unknown[]> = Object.fromEntries(Object.keys(contenders).map((name) => [name, []]));
  for (let run = 0; run < runs; run++) {
    const order = Object.entries(contenders);
    if (run % 2 === 1) order.reverse();
    for (const [name, measure] of order) samples[name]?.push(await measure());
  }
  return samples;
}

/** For verdicts: one figure of both contenders' samples. */
export function compare<Name extends string>(
  own: readonly Readonly<Record<Name, number>>[],
  other: { readonly name: string; readonly samples: readonly Readonly<Record<Name, number>>[] },
): (figure: Name) => Required<Pick<Verdict, 'samples' | 'baseline'>> {
  return (figure) => ({
    samples: own.map((sample) => sample[figure]),
    baseline: { name: other.name, samples: other.samples.map((sample) => sample[figure]) },
  });
}
