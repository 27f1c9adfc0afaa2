/** From the relay's series to what a chart draws. */
import type { SeriesPoint, SeriesView } from '../../history/views.ts';
import { count, duration } from './words.ts';

type Key = Exclude<keyof SeriesPoint, 'at'>;

export interface ChartSpec {
  readonly title: string;
  /** What one of it is, or what is measured. */
  readonly note: string;
  /** How often something happened, or how long it took (ms, drawn on a logarithmic scale). */
  readonly kind: 'counts' | 'times';
  readonly lines: readonly {
    readonly name: string;
    readonly key: Key;
    /** The custom property that holds it. */
    readonly colour: `--chart-${number}`;
  }[];
}

export interface Figures {
  /** s since the epoch: where each step begins. */
  readonly times: readonly number[];
  /** One list a line. */
  readonly values: readonly (readonly (number | null)[])[];
  /** One text a line: the sum of counts, the last time that was measured. */
  readonly totals: readonly string[];
  /** What a count counts over. */
  readonly step: string;
  readonly empty: boolean;
}

/** About so many steps are drawn: fewer, and a peak is lost; more, and none is seen. */
const MOST_STEPS = 90;

export function figuresOf({ kind, lines }: ChartSpec, { step_seconds, points }: SeriesView): Figures {
  const wide = Math.max(1, Math.ceil(points.length / MOST_STEPS));
  const groups = Array.from({ length: Math.ceil(points.length / wide) }, (_, index) =>
    points.slice(index * wide, (index + 1) * wide),
  );
  const join = kind === 'counts' ? sum : highest;
  const values = lines.map(({ key }) => groups.map((group) => join(group.map((point) => point[key]))));
  return {
    times: groups.map(([first]) => Date.parse(first?.at ?? '') / 1000),
    values,
    totals: values.map((line) => (kind === 'counts' ? count(sum(line)) : lastOf(line))),
    step: stepName(step_seconds * wide),
    empty: values.every((line) => line.every((value) => value === null || value === 0)),
  };
}

function sum(values: readonly (number | null)[]): number {
  return values.reduce<number>((total, value) => total + (value ?? 0), 0);
}

/** Of several steps the slowest counts: a mean of percentiles would be none. */
function highest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function lastOf(values: readonly (number | null)[]): string {
  const last = values.findLast((value) => value !== null);
  return last === undefined || last === null ? '–' : duration(last);
}

function stepName(seconds: number): string {
  if (seconds === 60) return 'minute';
  return seconds % 60 === 0 ? `${seconds / 60} minutes` : `${seconds} seconds`;
}
