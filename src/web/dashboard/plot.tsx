/** The one file that draws: it is loaded when there is something to draw. */
import { useEffect, useRef } from 'react';
import Uplot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { useMedia } from '../use-sandbox.ts';
import type { ChartSpec, Figures } from './figures.ts';
import { count, duration } from './words.ts';

const HEIGHT_PX = 170;

interface PlotProps {
  readonly spec: ChartSpec;
  readonly figures: Figures;
}

export function Plot({ spec, figures }: PlotProps) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<Uplot | null>(null);
  const newest = useRef(figures);
  newest.current = figures;
  const dark = useMedia('(prefers-color-scheme: dark)');

  // Colours are read when it is drawn, so another scheme draws it anew.
  useEffect(() => {
    const at = place.current;
    if (at === null) return;
    const drawn = new Uplot(optionsFor(spec, at, dark), dataOf(newest.current), at);
    plot.current = drawn;
    const watcher = new ResizeObserver(() => drawn.setSize({ width: at.clientWidth, height: HEIGHT_PX }));
    watcher.observe(at);
    return () => {
      watcher.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [spec, dark]);

  useEffect(() => plot.current?.setData(dataOf(figures)), [figures]);
  return <div className="plot-canvas" ref={place} />;
}

function dataOf({ times, values }: Figures): Uplot.AlignedData {
  return [[...times], ...values.map((line) => [...line])];
}

function optionsFor(spec: ChartSpec, at: HTMLElement, dark: boolean): Uplot.Options {
  const styles = getComputedStyle(at);
  const colour = (name: string) => styles.getPropertyValue(name).trim();
  const show = spec.kind === 'counts' ? count : duration;
  const axis = {
    stroke: colour('--text-soft'),
    font: `11px ${styles.fontFamily}`,
    ticks: { show: false },
    grid: { stroke: colour('--line'), width: 1 },
  };
  return {
    width: at.clientWidth,
    height: HEIGHT_PX,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { size: 7 } },
    scales: { y: spec.kind === 'counts' ? { range: (_, __, max) => [0, Math.max(4, max * 1.1)] } : { distr: 3 } },
    axes: [
      { ...axis, size: 26, grid: { show: false }, values: (_, splits) => splits.map(hourAndMinute) },
      {
        ...axis,
        size: 54,
        space: 32,
        grid: { ...axis.grid, filter: (_, splits) => splits.map(roundOnly(spec)) },
        values: (_, splits) => splits.map((split) => (split === null ? '' : wholeOnly(split, show))),
      },
    ],
    series: [
      {},
      ...spec.lines.map(({ name, colour: from }) => ({
        label: name,
        stroke: colour(from),
        width: 1.75,
        points: {
          show: false,
          size: 5,
          fill: colour(from),
          filter: (plot: uPlot, line: number) => lonely(plot.data[line]),
        },
        spanGaps: spec.kind === 'times',
        ...(spec.kind === 'counts' ? { fill: `${colour(from)}${dark ? '22' : '18'}` } : {}),
      })),
    ],
    plugins: [reading(spec, show)],
  };
}

function wholeOnly(value: number, show: (value: number) => string): string {
  return show === count && !Number.isInteger(value) ? '' : show(value);
}

/** One value alone makes no line: it is drawn as a point. */
function lonely(values: ArrayLike<number | null | undefined> = []): number[] | null {
  const known = Array.from(values).flatMap((value, index) => (value === null || value === undefined ? [] : [index]));
  return known.length === 1 ? known : null;
}

/** On a logarithmic scale only the powers of ten are drawn. */
function roundOnly({ kind }: ChartSpec): (split: number) => number | null {
  return (split) => (kind === 'counts' || Number.isInteger(Math.log10(split)) ? split : null);
}

function hourAndMinute(seconds: number): string {
  return new Date(seconds * 1000).toLocaleTimeString('en-GB', { hour: '2-digit', minute: '2-digit' });
}

/** What the lines say where the pointer is. */
function reading({ lines }: ChartSpec, show: (value: number) => string): Uplot.Plugin {
  const box = document.createElement('div');
  box.className = 'plot-reading';
  box.hidden = true;
  return {
    hooks: {
      init: (plot) => plot.over.append(box),
      setCursor: ({ cursor, data, bbox }) => {
        const { idx, left = -1 } = cursor;
        box.hidden = idx === null || idx === undefined || left < 0;
        if (idx === null || idx === undefined) return;
        const told = lines.map(({ name }, index) => {
          const value = data[index + 1]?.[idx];
          return `${name} ${value === null || value === undefined ? '–' : show(value)}`;
        });
        box.textContent = [hourAndMinute(data[0][idx] ?? 0), ...told].join(' · ');
        box.classList.toggle('plot-reading-left', left > bbox.width / devicePixelRatio / 2);
      },
    },
  };
}
