/** Traces of the real service, as a collector gets them. */
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type CollectedSpan, type Collector, startCollector } from '../helpers/collector.ts';
import { makeHome } from '../helpers/home.ts';
import { start } from '../helpers/program.ts';
import { type Service, startService } from '../helpers/service.ts';
import { until } from '../helpers/until.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const SECRET_TEXT = 'nobody else is to read this';

let collector: Collector;
let service: Service | null;

beforeEach(async () => {
  collector = await startCollector();
  service = null;
});

afterEach(async () => {
  await service?.stop();
  await collector.close();
});

async function traced(variables: Record<string, string> = {}): Promise<Service> {
  service = await startService(undefined, {}, { OTEL_EXPORTER_OTLP_ENDPOINT: collector.endpoint, ...variables });
  return service;
}

function body(id: string): string {
  return JSON.stringify({ event: 'action_created', action: { id, title: SECRET_TEXT, status: 'New' } });
}

function named(name: string): CollectedSpan[] {
  return collector.spans.filter((span) => span.name === name);
}

/** Name → the name of its parent, or the parent's id where it is not among them. */
function parents(spans: readonly CollectedSpan[]): Record<string, string | undefined> {
  const names = new Map(spans.map(({ spanId, name }) => [spanId, name]));
  return Object.fromEntries(
    spans.map(({ name, parentSpanId = '' }) => [name, names.get(parentSpanId) ?? parentSpanId]),
  );
}

describe('an event', () => {
  it('is one trace from the sender to Slack, without a word of it', async () => {
    const { post } = await traced({ OTEL_SERVICE_NAME: 'relay-eu' });
    const answer = await post('alo', body('act_1'), {
      headers: { traceparent: `00-${TRACE}-${SPAN}-01` },
    });
    expect(answer.status).toBe(200);
    await until(() => named('deliver').length === 1);
    expect(new Set(collector.spans.map(({ traceId }) => traceId))).toEqual(new Set([TRACE]));
    expect(parents(collector.spans)).toEqual({
      receive: SPAN,
      verify: 'receive',
      plan: 'receive',
      commit: 'receive',
      deliver: 'receive',
      'slack chat.postMessage': 'deliver',
    });
    const [receive] = named('receive');
    const [deliver] = named('deliver');
    expect(receive).toMatchObject({
      kind: 2,
      attributes: {
        'alo_relay.source': 'alo',
        'alo_relay.event.id': expect.stringMatching(/^evt_/),
        'alo_relay.event.number': 1,
        'alo_relay.topic': 'action_created',
        'alo_relay.outcome': 'accepted',
      },
    });
    expect(deliver).toMatchObject({
      kind: 5,
      attributes: { 'alo_relay.verb': 'card', 'alo_relay.outcome': 'sent', 'alo_relay.route': 'card' },
    });
    for (const { startTimeUnixNano: from, endTimeUnixNano: to } of collector.spans) expect(from <= to).toBe(true);
    expect(collector.resource['service.name']).toBe('relay-eu');
    for (const text of collector.bodies) {
      for (const foreign of [SECRET_TEXT, 'xoxb', 'whsec', 'alo-secret']) expect(text).not.toContain(foreign);
    }
  });

  it('keeps its trace over a restart, with an attempt that failed before', async () => {
    const relay = await traced();
    relay.sandbox.faults.add({ kind: 'http', status: 503, method: 'chat.postMessage', times: 'always' });
    await relay.post('alo', body('act_1'), { headers: { traceparent: `00-${TRACE}-${SPAN}-01` } });
    await until(() => named('deliver').length > 0);
    relay.sandbox.faults.clear();
    await relay.restart();
    await until(() => named('deliver').some(({ attributes }) => attributes['alo_relay.outcome'] === 'sent'));
    const attempts = named('deliver');
    expect(attempts[0]).toMatchObject({
      status: { code: 2 },
      attributes: { 'alo_relay.outcome': 'retry', 'error.type': 'http_503' },
    });
    const [receive] = named('receive');
    expect(attempts.every(({ traceId, parentSpanId }) => traceId === TRACE && parentSpanId === receive?.spanId)).toBe(
      true,
    );
  });

  it('begins a trace of its own where the sender says none that can be read, and none at all for what is not signed', async () => {
    const { post, url } = await traced();
    await fetch(`${url}/webhooks/alo`, {
      method: 'POST',
      body: body('x'),
      headers: { traceparent: `00-${TRACE}-${SPAN}-01` },
    });
    await post('alo', body('act_1'), { headers: { traceparent: `00-${TRACE}-${SPAN}-01-more` } });
    await until(() => named('deliver').length === 1);
    expect(new Set(collector.spans.map(({ traceId }) => traceId)).size).toBe(1);
    expect(collector.spans.map(({ traceId }) => traceId)).not.toContain(TRACE);
    expect(named('receive')[0]?.parentSpanId).toBeUndefined();
  });

  it('goes out as fast where the collector never answers, and the service ends in time', async () => {
    collector.mood = 'hangs';
    const relay = await traced();
    for (let n = 0; n < 4; n++) expect((await relay.post('alo', body(`act_${n}`))).status).toBe(200);
    await until(() => relay.sandbox.calls['chat.postMessage'] === 4);
    // Bounded by the test's own time, which is less than the exporter would wait for an answer.
    await relay.app.stop();
  }, 9_000);
});

describe('the program', () => {
  const WATCHED = `import{registerHooks}from'node:module';registerHooks({load(url,context,next){if(/opentelemetry/.test(url))process.stderr.write('LOADED '+url+'\\n');return next(url,context)}})`;
  const NODE_OPTIONS = `--disable-warning=ExperimentalWarning --import=data:text/javascript,${encodeURIComponent(WATCHED)}`;

  it.each([
    ['where there is a collector', { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:9' }, true],
    ['nowhere else', {}, false],
  ])('loads OpenTelemetry %s', async (_, variables, used) => {
    const home = await makeHome();
    onTestFinished(home.remove);
    const program = start(['serve'], { cwd: home.cwd, env: { NODE_OPTIONS, ...variables } });
    await program.printed(/(is ready)/);
    program.process.kill('SIGTERM');
    expect(await program.ended()).toBe(0);
    // The Prometheus client brings OpenTelemetry's api along, and nothing else of it.
    expect(/LOADED .*@opentelemetry\/(?!api\/)/.test(program.stderr())).toBe(used);
  });
});
