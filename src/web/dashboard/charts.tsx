import { lazy, type ReactNode, Suspense, useState } from 'react';
import type { SeriesView } from '../../history/views.ts';
import { type ChartSpec, type Figures, figuresOf } from './figures.ts';
import { Fault, Panel, REACHABLE } from './parts.tsx';
import { useLoaded } from './use-loaded.ts';
import { clock, momentOf } from './when.tsx';
import { count, duration } from './words.ts';

/** The drawing comes by itself, after the page: nothing waits for it. */
const Plot = lazy(async () => ({ default: (await import('./plot.tsx')).Plot }));

const RANGES = [
  { minutes: 60, name: '1 h' },
  { minutes: 360, name: '6 h' },
  { minutes: 1440, name: '24 h' },
] as const;
const EVERY_MS = 15_000;

const CHARTS: readonly ChartSpec[] = [
  {
    title: 'Webhooks',
    note: 'requests',
    kind: 'counts',
    lines: [
      { name: 'accepted', key: 'accepted', colour: '--chart-1' },
      { name: 'duplicate', key: 'duplicate', colour: '--chart-2' },
      { name: 'refused', key: 'refused', colour: '--chart-4' },
    ],
  },
  {
    title: 'Deliveries',
    note: 'by when they ended; put off: attempts',
    kind: 'counts',
    lines: [
      { name: 'sent', key: 'sent', colour: '--chart-3' },
      { name: 'merged', key: 'merged', colour: '--chart-1' },
      { name: 'put off', key: 'retried', colour: '--chart-5' },
      { name: 'dead', key: 'dead', colour: '--chart-4' },
    ],
  },
  {
    title: 'Time to accept',
    note: 'arrival to answer',
    kind: 'times',
    lines: [
      { name: 'p50', key: 'accept_p50_ms', colour: '--chart-1' },
      { name: 'p99', key: 'accept_p99_ms', colour: '--chart-5' },
    ],
  },
  {
    title: 'Time to deliver',
    note: 'accepted to in Slack',
    kind: 'times',
    lines: [
      { name: 'p50', key: 'delivery_p50_ms', colour: '--chart-3' },
      { name: 'p99', key: 'delivery_p99_ms', colour: '--chart-5' },
    ],
  },
];

export function Charts(): ReactNode {
  const [minutes, setMinutes] = useState<number>(60);
  const { data, error, again } = useLoaded<SeriesView>(`api/series?minutes=${minutes}`, EVERY_MS);
  return (
    <Panel title="Over time" className="charts" aside={<Ranges minutes={minutes} choose={setMinutes} />}>
      {error !== null && <Fault message={error} again={again} />}
      <p className="charts-note soft">
        Of all instances, across restarts, by the states of now. Beside each name: the total since {sinceOf(data)}, or
        the latest time.
      </p>
      <div className="charts-grid">
        {CHARTS.map((spec) => (
          <Chart key={spec.title} spec={spec} series={data} />
        ))}
      </div>
    </Panel>
  );
}

/** When the first step begins. */
function sinceOf(series: SeriesView | null): string {
  const [first] = series?.points ?? [];
  return first === undefined ? '…' : momentOf(first.at, Date.now());
}

function Ranges({ minutes, choose }: { readonly minutes: number; readonly choose: (minutes: number) => void }) {
  return (
    <fieldset className="segments">
      <legend className="only-read">Time shown</legend>
      {RANGES.map((range) => (
        <label key={range.minutes}>
          <input type="radio" name="range" checked={range.minutes === minutes} onChange={() => choose(range.minutes)} />
          <span>{range.name}</span>
        </label>
      ))}
    </fieldset>
  );
}

interface ChartProps {
  readonly spec: ChartSpec;
  readonly series: SeriesView | null;
}

function Chart({ spec, series }: ChartProps) {
  const figures = series === null ? null : figuresOf(spec, series);
  return (
    <figure className="chart">
      <figcaption>
        <h3>{spec.title}</h3>
        <span className="soft">
          {spec.note}
          {figures !== null && `, ${spec.kind === 'counts' ? 'per' : 'the slowest in each'} ${figures.step}`}
        </span>
      </figcaption>
      <ul className="legend">
        {spec.lines.map(({ name, colour }, index) => (
          <li key={name}>
            <span className={`swatch swatch${colour.slice(1)}`} aria-hidden="true" />
            {name} <b>{figures?.totals[index] ?? '–'}</b>
          </li>
        ))}
      </ul>
      <div className="plot" role="img" aria-label={figures === null ? spec.title : spoken(spec, figures)}>
        {figures?.empty && <p className="plot-empty">Nothing in this time</p>}
        {figures !== null && !figures.empty && (
          <Suspense fallback={null}>
            <Plot spec={spec} figures={figures} />
          </Suspense>
        )}
      </div>
      {figures !== null && !figures.empty && <Table spec={spec} figures={figures} />}
    </figure>
  );
}

function spoken({ title, lines }: ChartSpec, { totals }: Figures): string {
  return `${title}: ${lines.map(({ name }, index) => `${name} ${totals[index]}`).join(', ')}`;
}

/** The same for those who do not see the drawing, or want the numbers. */
function Table({ spec, figures }: { readonly spec: ChartSpec; readonly figures: Figures }) {
  const [open, setOpen] = useState(false);
  const rows = figures.times.map((time, index) => ({ time, cells: figures.values.map((line) => line[index] ?? null) }));
  const told = rows.filter(({ cells }) => cells.some((cell) => cell !== null && cell > 0)).toReversed();
  return (
    <details className="chart-table" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>
        Numbers<span className="only-read"> of {spec.title}</span>
      </summary>
      {open && (
        <section className="chart-rows" aria-label={`Numbers of ${spec.title}`} {...REACHABLE}>
          <table>
            <thead>
              <tr>
                <th scope="col">from</th>
                {spec.lines.map(({ name }) => (
                  <th key={name} scope="col">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {told.map(({ time, cells }) => (
                <tr key={time}>
                  <th scope="row">{clock(time * 1000)}</th>
                  {spec.lines.map(({ name }, index) => (
                    <td key={name}>{cell(spec, cells[index] ?? null)}</td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  );
}

function cell({ kind }: ChartSpec, value: number | null): string {
  if (value === null) return '–';
  return kind === 'counts' ? count(value) : duration(value);
}
