import nock from 'nock';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { type Delivery, post } from '../../src/client/sender.ts';
import { type Job, sendAll } from '../../src/commands/send.ts';
import type { Clock } from '../../src/core/clock.ts';
import { SOURCE_TYPES } from '../../src/sources/registry.ts';
import type { Source } from '../../src/sources/source.ts';
import { loadWith, VARIABLES } from '../helpers/example.ts';
import { freePort } from '../helpers/free-port.ts';

const ORIGIN = 'https://relay.example.com';
const NAMED = { 'event-id': 'evt_1' };

const START = Date.parse('2026-03-02T09:00:00Z');

let clock: HastyClock;
const sources = (await loadWith(VARIABLES)).sources;

beforeEach(() => {
  clock = new HastyClock();
  nock.disableNetConnect();
});

afterEach(() => {
  const pending = nock.pendingMocks();
  nock.cleanAll();
  nock.enableNetConnect();
  expect(pending).toEqual([]);
});

function sourceOf(name: string): Source {
  const found = sources.find((one) => one.name === name);
  if (found === undefined) throw new Error(name);
  return found;
}

const message = (name: string) => ({
  source: sourceOf(name),
  url: `${ORIGIN}/webhooks/${name}`,
  topic: 'x',
  body: '{"n":1}',
  messageId: 'msg_1',
});

/** Whatever is waited for has passed at once. */
class HastyClock implements Clock {
  readonly waits: number[] = [];
  #passed = 0;
  now = () => START + this.#passed;
  monotonic = () => this.#passed;

  after(ms: number, callback: () => void) {
    if (ms > 0) this.waits.push(ms);
    this.#passed += ms;
    const next = setImmediate(callback);
    return () => clearImmediate(next);
  }
}

describe('what is sent', () => {
  it.each(['alo', 'allo'])('%s: signed as its sender does, verified as the service does', async (name) => {
    const seen: { headers: Record<string, string>; body: Buffer }[] = [];
    nock(ORIGIN)
      .post(`/webhooks/${name}`)
      .reply(async (request: Request) => {
        seen.push({
          headers: Object.fromEntries(request.headers),
          body: Buffer.from(await request.arrayBuffer()),
        });
        return [200, {}, NAMED];
      });
    expect(await post(message(name), clock)).toEqual({
      ...{ ok: true, topic: 'x', id: 'evt_1', status: 200, attempts: 1, ms: 0, detail: 'accepted', unreachable: false },
    });
    const [request] = seen;
    // standardwebhooks reads the system's clock.
    vi.useFakeTimers({ toFake: ['Date'], now: START });
    onTestFinished(() => void vi.useRealTimers());
    expect(request?.headers['content-type']).toBe('application/json');
    expect(request && sourceOf(name).verify(request, clock.now())).toMatchObject({ ok: true });
  });
});

describe('what is answered', () => {
  it.each<[string, number, Record<string, string>, number]>([
    ['no Retry-After: after 5 s', 503, {}, 5_000],
    ['seconds', 503, { 'retry-after': '12' }, 12_000],
    ['a date', 503, { 'retry-after': 'Mon, 02 Mar 2026 09:00:20 GMT' }, 20_000],
    ['more than a minute', 500, { 'retry-after': '3600' }, 60_000],
    ['a date that is past', 502, { 'retry-after': 'Mon, 02 Mar 2026 08:00:00 GMT' }, 5_000],
    ['nonsense', 503, { 'retry-after': 'soon' }, 5_000],
  ])('%s', async (_, status, headers, waited) => {
    const ids: unknown[] = [];
    const answer = (code: number, more: Record<string, string>) =>
      nock(ORIGIN)
        .post('/webhooks/allo')
        .reply(({ headers: asked }: Request) => {
          ids.push([asked.get('webhook-id'), Number(asked.get('webhook-timestamp'))]);
          return [code, {}, more];
        });
    answer(status, headers);
    answer(200, NAMED);
    const began = clock.now() / 1000;
    const delivery = await post(message('allo'), clock);
    expect(clock.waits).toEqual([waited]);
    expect(delivery).toMatchObject({ ok: true, attempts: 2, id: 'evt_1', ms: waited });
    // Signed anew, under the same id.
    expect(ids).toEqual([
      ['msg_1', began],
      ['msg_1', began + waited / 1000],
    ]);
  });

  it('gives up after three attempts, and says what was answered', async () => {
    nock(ORIGIN)
      .post('/webhooks/alo')
      .times(3)
      .reply(503, { error: { code: 'unavailable' } });
    const delivery = await post(message('alo'), clock);
    expect(clock.waits).toEqual([5_000, 5_000]);
    expect(delivery).toMatchObject({ ok: false, status: 503, attempts: 3, id: null });
    expect(delivery.detail).toBe('{"error":{"code":"unavailable"}}');
  });

  it.each([301, 400, 401, 404, 405, 413])('%i is not repeated', async (status) => {
    nock(ORIGIN).post('/webhooks/alo').reply(status, 'what to do'.padEnd(400, '!'));
    const delivery = await post(message('alo'), clock);
    expect(delivery).toMatchObject({ ok: false, status, attempts: 1, id: null, unreachable: false });
    expect(delivery.detail).toHaveLength(300);
  });

  it('a connection that breaks is repeated; one that nobody takes is not', async () => {
    nock(ORIGIN)
      .post('/webhooks/alo')
      .replyWithError(Object.assign(new Error('gone'), { code: 'ECONNRESET' }));
    nock(ORIGIN).post('/webhooks/alo').reply(200, {}, NAMED);
    expect(await post(message('alo'), clock)).toMatchObject({ ok: true, attempts: 2 });
    nock.enableNetConnect();
    const url = `http://127.0.0.1:${await freePort()}/webhooks/alo`;
    expect(await post({ ...message('alo'), url }, clock)).toMatchObject({
      ...{ ok: false, status: null, attempts: 1, unreachable: true },
      detail: expect.stringContaining(`Nothing listens at ${url}. Start it first`),
    });
  });
});

describe('several', () => {
  async function sendMany(options: Job['options'], answers: () => void): Promise<Delivery[]> {
    answers();
    const source = sourceOf('alo');
    const chosen = SOURCE_TYPES.alo.samples.filter(({ topic }) => topic === 'action_created');
    const reported: Delivery[] = [];
    const report = (delivery: Delivery) => reported.push(delivery);
    await sendAll({ source, chosen, url: `${ORIGIN}/webhooks/alo`, options, report, clock });
    return reported;
  }

  it('--count and --rate: each at its instant, each about something else', async () => {
    const bodies = new Set<string>();
    const sent = await sendMany({ count: 3, rate: 1, story: 5 }, () =>
      nock(ORIGIN)
        .post('/webhooks/alo')
        .times(3)
        .reply(async (request: Request) => {
          bodies.add(await request.text());
          return [200, {}, { 'event-id': `evt_${bodies.size}` }];
        }),
    );
    expect([clock.waits, bodies.size]).toEqual([[1000, 1000], 3]);
    expect(sent.map(({ id }) => id).toSorted()).toEqual(['evt_1', 'evt_2', 'evt_3']);
  });

  it('--duplicate: twice the same request, and both are the event that the first one made', async () => {
    const bodies: string[] = [];
    const duplicate = (headers: Record<string, string>) =>
      nock(ORIGIN)
        .post('/webhooks/alo')
        .reply(async (request: Request) => {
          bodies.push(await request.text());
          return [200, {}, headers];
        });
    const sent = await sendMany({ count: 1, rate: 5, story: 0, duplicate: true }, () => {
      duplicate(NAMED);
      duplicate({});
    });
    expect(sent.map(({ id, ok }) => [id, ok])).toEqual([
      ['evt_1', true],
      ['evt_1', true],
    ]);
    expect(bodies[0]).toBe(bodies[1]);
  });

  it('nobody there: the rest is not tried', async () => {
    const refused = Object.assign(new Error('refused'), { code: 'ECONNREFUSED' });
    const sent = await sendMany({ count: 9, rate: 1, story: 0 }, () =>
      nock(ORIGIN).post('/webhooks/alo').replyWithError(refused),
    );
    expect(sent).toMatchObject([{ ok: false, unreachable: true }]);
  });
});
