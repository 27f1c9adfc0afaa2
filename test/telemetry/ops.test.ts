/** The alert rules, the dashboard and the README name metrics: all of them are those of a service that runs. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { Instruments } from '../../src/telemetry/instruments.ts';
import { type Collector, startCollector } from '../helpers/collector.ts';
import { type Samples, samplesIn } from '../helpers/exposition.ts';
import { namedIn } from '../helpers/promql.ts';
import { type Service, startService } from '../helpers/service.ts';
import { until } from '../helpers/until.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const DECLARED = await new Instruments().registry.getMetricsAsJSON();
const OWN = DECLARED.map(({ name }) => name);
/** Prometheus adds these to whatever it scrapes. */
const ADDED = ['job', 'instance'];

let service: Service;
let collector: Collector;
let samples: Samples;

beforeAll(async () => {
  collector = await startCollector();
  service = await startService(undefined, {}, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint });
  const body = (id: string) => JSON.stringify({ event: 'action_created', action: { id, title: 'A' } });
  service.sandbox.faults.add({ kind: 'error', error: 'channel_not_found', method: 'chat.postMessage' });
  await service.post('alo', body('a'));
  await until(async () => (await scrape()).of('alo_relay_deliveries_total')['verb=card,state=dead'] === 1);
  await service.post('alo', body('b'));
  await fetch(`${service.url}/webhooks/alo`, { method: 'POST', body: 'unsigned' });
  await until(async () => {
    samples = await scrape();
    const spans = samples.of('alo_relay_trace_spans_total')['result=exported'] ?? 0;
    return spans > 0 && samples.of('alo_relay_deliveries_total')['verb=card,state=sent'] === 1;
  });
}, 30_000);

afterAll(async () => {
  await service.stop();
  await collector.close();
});

async function scrape(): Promise<Samples> {
  const { port } = service.app.adminAddress() ?? { port: 0 };
  const answer = await fetch(`http://127.0.0.1:${port}/metrics`);
  expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  return samplesIn(await answer.text());
}

/** What is wrong with the names in an expression. Labels that are used elsewhere, such as in its text, are `more`. */
function faultsOf(expression: string, more: readonly string[] = []): string[] {
  const { selectors, grouped } = namedIn(expression);
  const known = new Set(ADDED);
  const faults = selectors.flatMap(({ metric, labels }) => {
    if (metric === 'up') return [];
    const has = samples.labels.get(metric);
    if (has === undefined) return [`${metric}: no such metric`];
    for (const label of has) known.add(label);
    return labels.filter((label) => !has.has(label) && !ADDED.includes(label)).map((label) => `${metric}{${label}}`);
  });
  if (selectors.length === 0) faults.push('names no metric');
  const kept = grouped.length > 0 ? new Set(grouped) : known;
  faults.push(...grouped.filter((label) => !known.has(label)).map((label) => `by (${label})`));
  faults.push(...more.filter((label) => !kept.has(label)).map((label) => `{{${label}}}`));
  return faults.map((fault) => `${fault} in ${expression}`);
}

describe('what is scraped', () => {
  it('has every metric that is declared, each with a value, and none besides but the process’s', () => {
    const own = [...samples.families].filter(([name]) => name.startsWith('alo_relay_'));
    expect(own.map(([name]) => name).toSorted()).toEqual(OWN.toSorted());
    for (const { name, help, type: declared } of DECLARED) {
      const type = String(declared);
      expect(samples.families.get(name)).toEqual({ type, help });
      const values = Object.values(samples.of(type === 'histogram' ? `${name}_count` : name));
      expect(values.length, name).toBeGreaterThan(0);
      if (type === 'histogram') expect(Math.max(...values), name).toBeGreaterThan(0);
    }
    const others = [...samples.families.keys()].filter((name) => !/^(alo_relay|process|nodejs)_/.test(name));
    expect(others).toEqual([]);
  });

  it('counts what happened, with the reasons', () => {
    expect(samples.of('alo_relay_webhooks_total')).toMatchObject({
      'source=alo,outcome=accepted': 2,
      'source=alo,outcome=refused': 1,
      'source=allo,outcome=accepted': 0,
    });
    expect(samples.of('alo_relay_attempts_failed_total')).toEqual({ 'code=channel_not_found': 1 });
    expect(samples.of('alo_relay_slack_calls_total')).toMatchObject({
      'method=auth.test,outcome=sent': 1,
      'method=chat.postMessage,outcome=sent': 1,
      'method=chat.postMessage,outcome=refused_destination': 1,
    });
    expect(samples.of('alo_relay_check_ok')).toEqual({ 'check=journal': 1, 'check=slack': 1, 'check=config': 1 });
    expect(samples.of('alo_relay_journal_size_bytes')['']).toBeGreaterThan(4096);
  });

  it('names nothing that came from outside', async () => {
    const { port } = service.app.adminAddress() ?? { port: 0 };
    const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
    for (const foreign of ['action_created', '#alo', 'xoxb', 'msg_', service.folder])
      expect(text).not.toContain(foreign);
  });
});

const rules = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string().regex(/^AloRelay[A-Z]/),
          expr: z.string(),
          for: z
            .string()
            .regex(/^\d+[mh]$/)
            .optional(),
          labels: z.strictObject({ severity: z.enum(['critical', 'warning', 'info']) }),
          annotations: z.strictObject({ summary: z.string().min(20), description: z.string().min(60) }),
        }),
      ),
    }),
  ),
});

describe('ops/alerts.yaml', () => {
  const { groups } = rules.parse(parse(readFileSync(resolve(ROOT, 'ops/alerts.yaml'), 'utf8')));
  const alerts = groups.flatMap((group) => group.rules);

  it.each(alerts.map((alert) => [alert.alert, alert] as const))(
    '%s names what there is',
    (_, { expr, annotations }) => {
      const text = Object.values(annotations).join(' ');
      const labels = [...text.matchAll(/\{\{ \$labels\.(\w+) \}\}/g)].map(([, label = '']) => label);
      expect(text.replaceAll(/\{\{ \$(labels\.\w+|value( \| humanize\w*)?) \}\}/g, '')).not.toMatch(/[{}]/);
      expect(faultsOf(expr, labels)).toEqual([]);
    },
  );

  it('each has a name of its own', () => {
    expect(new Set(alerts.map(({ alert }) => alert)).size).toBe(alerts.length);
  });
});

const source = z.object({ type: z.literal('prometheus'), uid: z.literal('${datasource}') });
const panel = z.object({
  id: z.number(),
  type: z.enum(['row', 'stat', 'timeseries']),
  title: z.string().min(2),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  datasource: source.optional(),
  targets: z
    .array(z.object({ expr: z.string(), legendFormat: z.string(), refId: z.string(), datasource: source }))
    .default([]),
});
const dashboard = z.object({
  title: z.literal('alo-relay'),
  uid: z.string(),
  id: z.null(),
  schemaVersion: z.number().min(36),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), type: z.string(), definition: z.string().optional() })),
  }),
  panels: z.array(panel).min(10),
});

describe('ops/grafana-dashboard.json', () => {
  const written = readFileSync(resolve(ROOT, 'ops/grafana-dashboard.json'), 'utf8');
  const { panels, templating } = dashboard.parse(JSON.parse(written));
  const targets = panels.flatMap(({ title, targets }) => targets.map((target) => ({ title, ...target })));

  it.each(targets.map(({ title, refId, ...target }) => [`${title} ${refId}`, target] as const))(
    '%s names what there is',
    (_, { expr, legendFormat }) => {
      expect(expr).toContain('job=~"$job", instance=~"$instance"');
      const labels = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);
      expect(faultsOf(expr, labels)).toEqual([]);
    },
  );

  it('shows every metric', () => {
    const shown = new Set(targets.flatMap(({ expr }) => namedIn(expr).selectors.map(({ metric }) => metric)));
    const missing = OWN.filter(
      (name) => ![...shown].some((metric) => metric.replace(/_(bucket|sum|count)$/, '') === name),
    );
    // These two are for alerts.
    expect(missing).toEqual(['alo_relay_journal_disk_size_bytes', 'alo_relay_config_last_reload_timestamp_seconds']);
  });

  it('has the variables that it uses, and asks for metrics that there are', () => {
    expect(templating.list.map(({ name, type }) => [name, type])).toEqual([
      ['datasource', 'datasource'],
      ['job', 'query'],
      ['instance', 'query'],
    ]);
    const used = new Set([...written.matchAll(/\$\{?(\w+)/g)].map(([, name = '']) => name));
    expect([...used].toSorted()).toEqual(['__all', '__rate_interval', 'datasource', 'instance', 'job']);
    for (const { definition } of templating.list) {
      if (definition !== undefined)
        expect(definition).toMatch(/^label_values\(alo_relay_build_info(\{job=~\\?"\$job"\})?, (job|instance)\)$/);
    }
  });

  it('its panels stand beside each other', () => {
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    const taken = new Set<string>();
    for (const { title, gridPos } of panels) {
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x++) {
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y++) {
          expect(x, title).toBeLessThan(24);
          expect(taken.has(`${x} ${y}`), title).toBe(false);
          taken.add(`${x} ${y}`);
        }
      }
    }
  });
});

describe('the README', () => {
  const [, after] = readFileSync(resolve(ROOT, 'README.md'), 'utf8').split('\n### Metrics and traces\n');
  const section = after?.split('\n## ')[0];

  it.skipIf(section === undefined)('has every metric with its labels, and none that there is not', () => {
    const rows = [...(section ?? '').matchAll(/^\| `(alo_relay_\w+)`\s*\|([^|]*)\|/gm)].map(
      ([, name = '', labels = '']) => [name, [...labels.matchAll(/`(\w+)`/g)].map(([, label = '']) => label)],
    );
    const expected = OWN.map((name) => {
      const labels = samples.labels.get(name) ?? samples.labels.get(`${name}_bucket`) ?? [];
      return [name, [...labels].filter((label) => label !== 'le')];
    });
    expect(Object.fromEntries(rows)).toEqual(Object.fromEntries(expected));
    for (const [name] of (section ?? '').matchAll(/\b(?:process|nodejs)_\w+/g))
      expect(samples.families.has(name), name).toBe(true);
  });
});
