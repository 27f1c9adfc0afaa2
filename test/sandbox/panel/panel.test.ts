import { describe, expect, it } from 'vitest';
import { isLocal } from '../../../src/sandbox/guard.ts';
import type { RelayStatus, SampleEvents, SendOrder } from '../../../src/sandbox/panel/sample-events.ts';
import { ManualClock } from '../../helpers/clock.ts';
import { until } from '../../helpers/until.ts';
import { codeOf, open } from '../workspace.ts';

const STATUS: RelayStatus = {
  waiting: 3,
  held: 0,
  sent: 7,
  merged: 0,
  superseded: 0,
  dead: 0,
  parked: 0,
  dismissed: 0,
};

function samples(): SampleEvents & { readonly orders: SendOrder[] } {
  const orders: SendOrder[] = [];
  return {
    orders,
    dashboard: null,
    sources: [{ name: 'alo', topics: ['a'], oldTopics: [], stories: ['s'], reorders: false }],
    status: () => Promise.resolve(STATUS),
    async send(order) {
      orders.push(order);
      if ('source' in order && order.source === 'wrong') throw new Error('There is no such source.');
      return { topic: 'a', sent: 1, accepted: 1, slowestMs: 4, trouble: null };
    },
  };
}

/** The status and body of a POST to the control endpoint. */
async function order(url: string, path: string, body: unknown, headers: Record<string, string> = {}) {
  const response = await fetch(`${url}_sandbox/${path}`, { method: 'POST', body: JSON.stringify(body), headers });
  return { status: response.status, body: await response.json() };
}

/** What the page is told, by topic, as it comes. */
async function listen(url: string): Promise<Record<string, unknown>> {
  const told: Record<string, unknown> = {};
  const response = await fetch(`${url}_sandbox/events`);
  void (async () => {
    for await (const text of response.body?.pipeThrough(new TextDecoderStream()) ?? [])
      for (const [, topic = '', data = ''] of text.matchAll(/^event: (\w+)\ndata: (.*)$/gm))
        told[topic] = JSON.parse(data);
  })().catch(() => undefined);
  await until(() => 'status' in told);
  return told;
}

describe('orders to send', () => {
  it('go to what was attached, and say what came of them', async () => {
    const { sandbox } = await open();
    expect(await order(sandbox.url, 'send', { kind: 'duplicate' })).toMatchObject({ status: 404 });
    const given = samples();
    sandbox.attach(given);
    const one = { kind: 'one', source: 'alo', topic: 'a', story: 2 };
    expect(await order(sandbox.url, 'send', one)).toMatchObject({ status: 200, body: { accepted: 1, slowestMs: 4 } });
    expect(given.orders).toEqual([one]);
    expect(await order(sandbox.url, 'send', { kind: 'burst', source: 'wrong' })).toEqual({
      status: 400,
      body: { error: 'There is no such source.' },
    });
    for (const wrong of [{ kind: 'one' }, { ...one, story: -1 }, { ...one, extra: 1 }, { kind: 'raid' }, null, []])
      expect(await order(sandbox.url, 'send', wrong)).toMatchObject({ status: 400 });
    expect(given.orders).toHaveLength(2);
  });

  it('do not pile up', async () => {
    const { sandbox } = await open();
    const waiting: (() => void)[] = [];
    sandbox.attach({
      ...samples(),
      send: () =>
        new Promise((resolve) =>
          waiting.push(() => resolve({ topic: null, sent: 0, accepted: 0, slowestMs: 0, trouble: null })),
        ),
    });
    const first = Array.from({ length: 8 }, () => order(sandbox.url, 'send', { kind: 'duplicate' }));
    await until(() => waiting.length === 8);
    expect(await order(sandbox.url, 'send', { kind: 'duplicate' })).toMatchObject({ status: 429 });
    for (const done of waiting) done();
    expect((await Promise.all(first)).map(({ status }) => status)).toEqual(Array(8).fill(200));
  });

  it.each(['send', 'outages', 'all-well', 'archive', 'reset'])('%s takes none from another site', async (path) => {
    const { sandbox } = await open();
    const given = samples();
    sandbox.attach(given);
    for (const origin of ['http://evil.example', 'null', `${sandbox.url.slice(0, -1)}1`, 'http://localhost'])
      expect(await order(sandbox.url, path, { kind: 'duplicate' }, { origin })).toMatchObject({ status: 403 });
    expect(given.orders).toEqual([]);
  });
});

describe('the outages', () => {
  it('lasts its time, is told while it does, and strikes what it is meant to', async () => {
    const clock = new ManualClock();
    const { sandbox, slack } = await open({ clock });
    const told = await listen(sandbox.url);
    const turn = (condition: string, on: boolean) => order(sandbox.url, 'outages', { condition, on });
    expect(await turn('outage', true)).toMatchObject({
      body: { outages: [{ condition: 'outage', endsInMs: 10_000, callsLeft: null, struck: 0 }] },
    });
    expect(await codeOf(slack.auth.test())).toBe('slack_webapi_http_error');
    await clock.advance(4_000);
    await until(() => JSON.stringify(told.outages).includes('"endsInMs":9900,"callsLeft":null,"struck":1'));
    await clock.advance(6_000);
    expect(await slack.auth.test()).toMatchObject({ ok: true });
    await clock.advance(100);
    await until(() => JSON.stringify(told.outages) === '[]');

    await turn('answers_lost', true);
    for (let n = 0; n < 3; n++)
      expect(await codeOf(slack.chat.postMessage({ channel: '#ops', text: 'x' }))).not.toBe('');
    await slack.chat.postMessage({ channel: '#ops', text: 'x' });
    expect(sandbox.workspace.conversation('#ops')?.posted).toBe(4);

    await turn('token_revoked', true);
    await clock.advance(3_600_000);
    expect(await codeOf(slack.auth.test())).toBe('token_revoked');
    expect(await turn('token_revoked', false)).toMatchObject({ body: { outages: [] } });
    expect(await slack.auth.test()).toMatchObject({ ok: true });
    expect(await turn('hail', true)).toMatchObject({ status: 400 });
  });

  it('ends, with every fault and archive, once all is well', async () => {
    const { sandbox, slack } = await open();
    await slack.chat.postMessage({ channel: '#ops', text: 'x' });
    sandbox.workspace.archive('#ops');
    for (const condition of ['rate_limited', 'rate_limited', 'token_revoked'])
      await order(sandbox.url, 'outages', { condition, on: true });
    sandbox.faults.add({ kind: 'hang' });
    expect(sandbox.faults.pending).toHaveLength(3);
    expect(await order(sandbox.url, 'all-well', {})).toMatchObject({ status: 200 });
    expect(sandbox.faults.pending).toEqual([]);
    await slack.chat.postMessage({ channel: '#ops', text: 'x' });
  });
});

describe('the status of the relay', () => {
  it('is asked only while somebody looks, and told again and again', async () => {
    const clock = new ManualClock();
    const { sandbox } = await open({ clock });
    let asked = 0;
    sandbox.attach({
      ...samples(),
      async status() {
        asked += 1;
        return { ...STATUS, sent: asked };
      },
    });
    await clock.advance(5_000);
    expect(asked).toBe(0);
    const told = await listen(sandbox.url);
    expect(told).toMatchObject({ samples: { sources: [{ name: 'alo' }] }, status: null });
    await clock.advance(1_100);
    await clock.advance(1_100);
    await until(() => JSON.stringify(told.status).includes('"sent":2'));
    await sandbox.close();
    expect(clock.waiting).toBe(0);
  });
});

describe('links to messages', () => {
  it('are given out as Slack does, and lead to the page', async () => {
    const { slack, sandbox } = await open();
    const { channel = '', ts = '' } = await slack.chat.postMessage({ channel: '#ops', text: 'x' });
    const reply = await slack.chat.postMessage({ channel, text: 'y', thread_ts: ts });
    const link = async (message_ts: string) => (await slack.chat.getPermalink({ channel, message_ts })).permalink ?? '';
    const where = async (url: string) => (await fetch(url, { redirect: 'manual' })).headers.get('location');
    expect(await link(ts)).toBe(`${sandbox.url}archives/${channel}/p${ts.replace('.', '')}`);
    expect(await where(await link(ts))).toBe(`/#${channel}/p${ts}`);
    expect(await where(await link(reply.ts ?? ''))).toBe(`/#${channel}/${ts}/p${reply.ts}`);
    expect((await slack.auth.test()).url).toBe(sandbox.url);
    expect(await codeOf(slack.chat.getPermalink({ channel, message_ts: '1.000001' }))).toBe('message_not_found');
    for (const path of ['archives/x', `archives/${channel}/q1`, `archives/${channel}/p1/../..`])
      expect(await where(sandbox.url + path)).toBe(null);
  });
});

describe('a conversation in windows of 200', () => {
  it.each([
    ['the newest', null, [300, 499]],
    ['around one in the middle', 200, [100, 299]],
    ['around the first', 0, [0, 199]],
    ['around the last', 499, [300, 499]],
  ])('%s', async (_, around, [first, last]) => {
    const { sandbox } = await open();
    const all = Array.from({ length: 500 }, (_, n) =>
      sandbox.workspace.say('#ops', 'maria@example.com', { text: String(n) }),
    );
    const id = sandbox.workspace.conversation('#ops')?.id ?? '';
    const query = new URLSearchParams({ id, ...(around !== null && { around: all[around]?.ts ?? '' }) });
    const view = await (await fetch(`${sandbox.url}_sandbox/conversation?${query}`)).json();
    const { messages, older, newer } = Object(view);
    expect([messages[0].text, messages.at(-1).text].map(Number)).toEqual([first, last]);
    expect([older, newer]).toEqual([first, 499 - Number(last)]);
  });
});

it.each([
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['::ffff:127.0.0.1', true],
  ['10.0.0.1', false],
  ['::ffff:10.0.0.1', false],
  ['::1:1', false],
  [undefined, false],
])('orders from %s are taken: %s', (address, taken) => {
  expect(isLocal(address)).toBe(taken);
});
