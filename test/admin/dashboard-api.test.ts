import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EventPage, EventView } from '../../src/history/views.ts';
import type { Journal } from '../../src/journal/contract.ts';
import { type Service, startService } from '../helpers/service.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';
import { until } from '../helpers/until.ts';
import { NOW, receipt } from '../journal/samples.ts';
import { adminParts, dashboardApiParts, type Listener, listen } from './listener.ts';

describe('events', () => {
  let folder: string;
  let journal: Journal;
  let listener: Listener;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'dashboardApi-'));
    journal = await openSqliteJournal(join(folder, 'relay.db'));
    listener = await listen(adminParts({ dashboardApi: dashboardApiParts({ journal }) }));
  });

  afterEach(async () => {
    listener.close();
    await journal.close();
    await rm(folder, { recursive: true });
  });

  let made = 0;
  const accept = (count: number, changes: Partial<Parameters<typeof receipt>[0]> = {}) =>
    Promise.all(
      Array.from({ length: count }, () => journal.accept(receipt({ key: `k${++made}`, lanes: [], ...changes }))),
    );

  const page = async (query: string): Promise<EventPage> => (await listener.ask(`/api/events${query}`)).answer;

  it.each(['', '&topic=action_updated', '&text=action'])(
    'pages have neither gaps nor repeats while more come in%s',
    async (filter) => {
      await accept(57, { body: Buffer.from('{"an":"action"}') });
      const seen: number[] = [];
      let before = '';
      for (let pages = 0; pages < 99; pages++) {
        const { events, next } = await page(`?limit=10${filter}${before}`);
        seen.push(...events.map(({ number }) => number));
        await accept(7, { body: Buffer.from('{"an":"action"}') });
        if (next === null) break;
        before = `&before=${next}`;
      }
      expect(seen).toEqual(Array.from({ length: 57 }, (_, index) => 57 - index));
    },
  );

  it('a search that finds nothing ends after so many events, says how far it came, and goes on from there', async () => {
    await accept(1, { key: 'first', event: { topic: 'rare' }, receivedAt: NOW - 5000 });
    for (let count = 0; count < 25; count++) await accept(1000);
    const { events, next, searched_until } = await page('?topic=rare');
    expect([events, next, searched_until]).toEqual([[], 5002, new Date(NOW).toISOString()]);
    const rest = await page(`?topic=rare&before=${next}`);
    expect([rest.events.map(({ id }) => id), rest.next, rest.searched_until]).toEqual([['first'], null, null]);
  });

  it.each([
    ['?state=lost', /state/],
    ['?state=dead,parked', /state/],
    ['?limit=0', /limit/],
    ['?limit=201', /limit/],
    ['?text=', /text/],
    [`?text=${'x'.repeat(201)}`, /text/],
    ['?source=a&source=b', /source/],
    ['?since=yesterday', /ISO 8601/],
    ['?before=x', /before/],
    ['?topics=x', /Did you mean "topic"/],
    ['?topic=*a*b*', /At most two \*/],
  ])('%s: 400, and why', async (query, message) => {
    const { status, answer } = await listener.ask(`/api/events${query}`);
    expect([status, answer.error.message]).toEqual([400, expect.stringMatching(message)]);
  });

  it.each(["'; drop table events; --", '%', '_', '"', '\\', '\u0000', '💥', '<script>'])(
    'text %j is text',
    async (text) => {
      await accept(1, { body: Buffer.from('a=1') });
      expect(await page(`?text=${encodeURIComponent(text)}`)).toEqual({ events: [], next: null, searched_until: null });
    },
  );

  it.each(['x', '-1', '1e3', '9'.repeat(16), '0', '999'])('the view of event %s: 404', async (number) => {
    const { status, answer } = await listener.ask(`/api/events/${number}/view`);
    expect([status, answer.error.code]).toEqual([404, 'unknown-event']);
  });

  it('a body that is too large to be shown is cut where it must be', async () => {
    for (const bytes of [256 * 1024, 256 * 1024 + 1]) {
      await accept(1, { body: Buffer.from(`${'é'.repeat(bytes >> 1)}${'x'.repeat(bytes % 2)}`) });
    }
    const views = await Promise.all([1, 2].map((number) => listener.ask(`/api/events/${number}/view`)));
    const [whole, cut] = views.map((one): EventView => one.answer);
    expect([whole?.payload, whole?.payload_cut]).toEqual(['é'.repeat(128 * 1024), null]);
    expect(cut).toMatchObject({ payload: null, received: { bytes: 256 * 1024 + 1, verified: null } });
    expect(cut?.payload_cut).toEqual({ text: 'é'.repeat(128 * 1024), shown_bytes: 256 * 1024 });
    await accept(1, { body: Buffer.alloc(300_000, Buffer.from([0x1f, 0x8b, 0])) });
    const { answer: binary } = await listener.ask('/api/events/3/view');
    expect(binary).toMatchObject({
      payload: expect.stringMatching(/^\(300000 bytes that are not text/),
      payload_cut: null,
    });
  });

  it('a payload is shown with all digits of its integers', async () => {
    const body = '{"id":1524831183200260097}';
    await accept(1, { body: Buffer.from(body) });
    const { headers, text } = await listener.ask('/api/events/1/view');
    expect(headers['content-type']).toMatch(/^application\/json/);
    expect(text).toContain(`"payload":${body}`);
  });

  it('lanes, longest waiting first', async () => {
    await accept(2, { lanes: ['channel:#b'], receivedAt: NOW + 1 });
    await accept(1, { lanes: ['channel:#a'], receivedAt: NOW });
    const { answer } = await listener.ask('/api/lanes?limit=1');
    expect(answer).toEqual({
      lanes: [
        {
          ...{ lane: 'channel:#a', name: 'channel:#a', waiting: 1, held: 0, attempts: 0, in_doubt: 0, reason: null },
          ...{ state: 'waiting', until: null, quiet_hours: [], elsewhere: false },
          ...{ oldest_at: new Date(NOW).toISOString(), due_at: new Date(NOW).toISOString() },
        },
      ],
      total: 2,
    });
  });

  it('a series of as many minutes as asked for', async () => {
    const { answer } = await listener.ask('/api/series?minutes=1440');
    expect([answer.points.length, answer.step_seconds]).toEqual([1440, 60]);
    expect((await listener.ask('/api/series?minutes=1441')).status).toBe(400);
  });
});

describe('an event, in the running service', () => {
  let service: Service;

  beforeEach(async () => {
    service = await startService(`
routes:
  - name: odd
    on: "action_*"
    when: event.payload.?junk.orValue("") != "never"
    card: { channel: "#alo", template: action_card }
  - name: people
    on: shared
    dm: { to: event.assignees.current, template: assigned_to_you }
  - name: other
    on: "*"
    post: { channel: "#other", template: any_event }
`);
  });

  afterEach(() => service.stop());

  const admin = async (path: string) => {
    const response = await fetch(`http://127.0.0.1:${service.app.adminAddress()?.port}${path}`);
    const text = await response.text();
    return { response, text, answer: JSON.parse(text) };
  };

  const view = async (number: number) => {
    const { answer, ...rest } = await admin(`/api/events/${number}/view`);
    const found: EventView = answer;
    return { ...rest, view: found };
  };

  const settled = () =>
    until(
      async () =>
        (await admin('/api/status')).answer.deliveries.sent > 0 && (await admin('/api/lanes')).answer.total === 0,
    );

  it('how it came in, what became of it, and where it is', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const body = JSON.stringify({ event_type: 'action_created', event_id: 'e1', action: { id: 'a1', title: 'One' } });
    await service.post('alo', body, { headers: { traceparent, 'x-request-id': 'req-7' } });
    await settled();
    const { view: found } = await view(1);
    expect(found).toMatchObject({
      event: { number: 1, source: 'alo', topic: 'action_created', subject: 'a1' },
      received: {
        bytes: Buffer.byteLength(body),
        verified: { scheme: 'alo-v0', secret: 1, of: 1 },
        request_id: 'req-7',
        dedupe: { key: expect.any(String), keep_until: expect.any(String) },
      },
      payload: JSON.parse(body),
      payload_cut: null,
      routes: [
        { name: 'odd', taken: true },
        { name: 'people', taken: false, why: 'other_topic' },
        { name: 'other', taken: true },
      ],
      deliveries: [
        { route: 'odd', state: 'sent', tries: [], message: { plain: expect.stringContaining('One') }, fault: null },
        { route: 'other', state: 'sent', verb: 'post' },
      ],
    });
    expect(found.received.traceparent).toContain('0af7651916cd43dd8448eb211c80319c');
    const [delivery] = found.deliveries;
    const link = `${service.sandbox.url}archives/${delivery?.channel}/p${delivery?.ts?.replace('.', '')}`;
    expect(delivery?.permalink).toBe(link);
    const { points } = (await admin('/api/series?minutes=2')).answer;
    const sum = (name: string) =>
      points.reduce((total: number, point: Record<string, number>) => total + (point[name] ?? 0), 0);
    expect([sum('accepted'), sum('sent')]).toEqual([1, 2]);
  });

  const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
  const title = '</script><img src=x onerror=alert(1)> & {{ 7 | times: 6 }} ${ALO} \u202e\u0000 💥';

  it.each([
    ['HTML, and what templates are made of', { event_type: 'action_created', action: { id: title, title } }],
    ['keys of objects themselves', JSON.parse('{"event_type":"action_created","__proto__":{"a":1},"constructor":"x"}')],
    ['half a surrogate pair', { event_type: 'action_created', action: { id: '\ud83d', title: '\udca5' } }],
    ['a whole payload that a condition looks at', { event_type: 'action_created', junk: 'x'.repeat(100_000) }],
    ['numbers beyond what is exact', '{"event_type":"action_created","junk":123456789012345678901234567890}'],
    ['no JSON', 'event_type=action_created&<b>'],
    ['JSON that is too deep', deep],
    ['nothing', ''],
  ])('a hostile payload, of %s, is given as it came', async (_, payload) => {
    const body = typeof payload === 'string' ? payload : JSON.stringify(payload);
    expect((await service.post('alo', body)).status).toBe(200);
    const { response, text, view: found } = await view(1);
    expect([response.status, response.headers.get('content-type')]).toEqual([200, 'application/json; charset=utf-8']);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(found.payload).toEqual(body.startsWith('{') ? JSON.parse(body) : body);
    expect(text.length).toBeLessThan(2 * body.length + 40_000);
    expect((await admin('/api/events?text=event')).response.status).toBe(200);
    for (const secret of ['alo-secret-for-tests', 'xoxb-token']) expect(text).not.toContain(secret);
  });

  it('an event for thousands of people is told in part', async () => {
    const people = Array.from({ length: 2_000 }, (_, index) => ({ id: `u${index}` }));
    await service.post('alo', JSON.stringify({ event_type: 'shared', assignees: people }));
    const { view: found, text } = await view(1);
    const route = found.routes?.find(({ name }) => name === 'people');
    expect([route?.deliveries.length, route?.notes]).toEqual([51, ['There would be 50 more of them.']]);
    expect(route?.deliveries.at(-1)?.fault).toContain('1900 more deliveries were not made');
    // Two routes were cut.
    expect(found.deliveries).toHaveLength(102);
    expect(found.deliveries.filter(({ verb, state }) => verb === 'none' && state === 'dead')).toHaveLength(2);
    expect(text.length).toBeLessThan(600_000);
  });

  it('what was tried in vain is listed, with the reason', async () => {
    service.sandbox.faults.add({ method: 'chat.postMessage', kind: 'error', error: 'channel_not_found', times: 1 });
    await service.post('alo', JSON.stringify({ event_type: 'x' }));
    const [delivery] = await until(async () => {
      const { deliveries } = (await view(1)).view;
      return deliveries.some(({ state }) => state === 'dead') && deliveries;
    });
    expect(delivery?.tries).toMatchObject([{ outcome: 'dead', code: 'channel_not_found', ms: expect.any(Number) }]);
    expect(delivery?.permalink).toBeNull();
  });
});
