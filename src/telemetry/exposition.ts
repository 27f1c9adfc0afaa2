/**
 * `/metrics`: what was counted so far, and what is asked for at the scrape, in Prometheus' own format. Loaded with the first
 * scrape: a service that nobody scrapes carries none of it.
 */
import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { COUNTERS, GAUGES, type GaugeName, HISTOGRAMS, type HistogramMetric } from './catalogue.ts';
import type { Series } from './counts.ts';
import type { Distribution } from './distribution.ts';
import type { Recorder } from './recorder.ts';

/** What a gauge shows now; empty where it is not known. */
export type Readings = Readonly<Record<GaugeName, readonly Series[]>>;

export interface Exposition {
  readonly contentType: string;
  render(readings: Readings): Promise<string>;
}

export function createExposition(recorder: Recorder): Exposition {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const registers = [registry];
  for (const [name, metric] of entries(COUNTERS)) {
    const counts = recorder.counts[name];
    new Counter({
      ...described(name, metric),
      registers,
      collect() {
        this.reset();
        for (const { labels, value } of counts.series()) this.inc(labelled(metric.labels, labels), value);
      },
    });
  }
  for (const [name, metric] of entries(HISTOGRAMS)) {
    registry.registerMetric(new KnownHistogram(name, metric, recorder.distributions[name]));
  }
  let current: Partial<Readings> = {};
  for (const [name, metric] of entries(GAUGES)) {
    new Gauge({
      ...described(name, metric),
      registers,
      collect() {
        this.reset();
        // A gauge without labels is 0 when it is reset; what is not known is not shown at all.
        if (metric.labels.length === 0) this.remove();
        for (const { labels, value } of current[name] ?? []) this.set(labelled(metric.labels, labels), value);
      },
    });
  }
  return {
    contentType: registry.contentType,
    render(readings) {
      current = readings;
      return registry.metrics();
    },
  };
}

/** A histogram whose observations were made elsewhere. */
class KnownHistogram extends Histogram {
  readonly #name: string;
  readonly #metric: HistogramMetric;
  readonly #distribution: Distribution;

  constructor(name: string, metric: HistogramMetric, distribution: Distribution) {
    super({ ...described(name, metric), buckets: [...metric.bounds], registers: [] });
    this.#name = name;
    this.#metric = metric;
    this.#distribution = distribution;
  }

  /** What the registry asks a histogram for. */
  async getForPromString() {
    const values = this.#distribution.spreads().flatMap((spread) => this.#values(spread));
    return { name: this.#name, help: this.#metric.help, type: 'histogram', values };
  }

  #values({ label, upTo, count, sum }: ReturnType<Distribution['spreads']>[number]) {
    const name = this.#name;
    const labels = labelled(this.#metric.labels, label === null ? [] : [label]);
    const buckets = upTo.map((value, index) => ({
      labels: { ...labels, le: String(this.#metric.bounds[index]) },
      value,
      metricName: `${name}_bucket`,
    }));
    return [
      ...buckets,
      { labels: { ...labels, le: '+Inf' }, value: count, metricName: `${name}_bucket` },
      { labels, value: sum, metricName: `${name}_sum` },
      { labels, value: count, metricName: `${name}_count` },
    ];
  }
}

function described(name: string, { help, labels }: { readonly help: string; readonly labels: readonly string[] }) {
  return { name, help, labelNames: [...labels] };
}

function labelled(names: readonly string[], values: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? '']));
}

function entries<K extends string, M>(table: Readonly<Record<K, M>>): [K, M][] {
  return Object.entries(table) as [K, M][];
}
