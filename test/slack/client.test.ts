import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { faultPoint } from '../../src/core/fault-point.ts';
import { Secret } from '../../src/core/secret.ts';
import { type ClosableGateway, createGateway, type GatewayOptions } from '../../src/slack/client.ts';
import type { Posting } from '../../src/slack/gateway.ts';
import { createTransport } from '../../src/slack/transport.ts';
import { type Answerer, closedPort, type FarEnd, farEnd, json, text } from './far-end.ts';
import { listed } from './listed-codes.ts';

vi.mock('../../src/core/fault-point.ts', () => ({ faultPoint: vi.fn() }));

const TOKEN = 'xoxb-1234-the-token';
const WORDS = 'Cancel the Meyer contract';
const posting: Posting = {
  channel: '#alo-actions',
  message: { text: WORDS, summary: 'unused' },
  deliveryId: 'd-17',
};
const placement = { channel: 'C0AAA', ts: '1700000000.000100' };
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  vi.restoreAllMocks();
  await Promise.all(cleanups.splice(0).map((cleanup) => cleanup()));
});

function gatewayAt(apiUrl: string, options: Partial<GatewayOptions> = {}): ClosableGateway {
  const gateway = createGateway({ token: new Secret(TOKEN), apiUrl, timeoutMs: 10_000, ...options });
  cleanups.push(() => gateway.close());
  return gateway;
}

async function slack(
  answer: Answerer,
  options: Partial<GatewayOptions> = {},
): Promise<{ end: FarEnd; gateway: ClosableGateway }> {
  const end = await farEnd(answer);
  const gateway = gatewayAt(end.url, options);
  cleanups.unshift(() => end.close());
  return { end, gateway };
}

const form = (end: FarEnd) => Object.fromEntries(new URLSearchParams(end.calls.at(-1)?.body));

describe('what goes over the wire', () => {
  test('a post', async () => {
    const { end, gateway } = await slack(json({ ok: true, channel: 'C0AAA', ts: '1700000000.000100' }), {
      userAgent: 'alo-relay/0.1.0',
    });
    expect(await gateway.post(posting)).toEqual({ kind: 'sent', value: placement });
    expect(end.calls).toMatchObject([
      {
        method: 'POST',
        path: '/api/chat.postMessage',
        headers: {
          authorization: `Bearer ${TOKEN}`,
          'content-type': 'application/x-www-form-urlencoded',
          'user-agent': 'alo-relay/0.1.0',
        },
      },
    ]);
    expect(form(end)).toEqual({
      channel: '#alo-actions',
      text: WORDS,
      metadata: '{"event_type":"alo_relay_delivery","event_payload":{"delivery_id":"d-17"}}',
      unfurl_links: 'false',
      unfurl_media: 'false',
    });
  });

  test('a reply with blocks, shown in the channel too', async () => {
    const { end, gateway } = await slack(json({ ok: true, channel: 'C0AAA', ts: '1700000000.000100' }));
    const blocks = [{ type: 'section', text: { type: 'mrkdwn', text: 'a & b = “ü” + 100 %\n*bold*' } }];
    await gateway.post({
      ...posting,
      message: { text: WORDS, summary: 'In short', blocks },
      thread: { ts: '1.2', broadcast: true },
    });
    expect(form(end)).toMatchObject({ text: 'In short', thread_ts: '1.2', reply_broadcast: 'true' });
    expect(JSON.parse(form(end).blocks ?? '')).toEqual(blocks);
  });

  test('an update keeps the metadata, and drops blocks that the new message does not have', async () => {
    const { end, gateway } = await slack(json({ ok: true }));
    expect(await gateway.update(placement, posting.message)).toEqual({ kind: 'sent', value: placement });
    expect(end.calls[0]?.path).toBe('/api/chat.update');
    expect(form(end)).toEqual({ ...placement, text: WORDS, blocks: '[]' });
  });

  test('a reaction; one that is there already counts', async () => {
    const { end, gateway } = await slack(json({ ok: false, error: 'already_reacted' }));
    expect(await gateway.react(placement, 'tada')).toEqual({ kind: 'sent', value: placement });
    expect(form(end)).toEqual({ channel: 'C0AAA', timestamp: placement.ts, name: 'tada' });
  });

  test('a direct conversation is opened once an hour', async () => {
    let now = 0;
    const clock = { now: () => now, monotonic: () => now, after: () => () => undefined };
    const { end, gateway } = await slack(json({ ok: true, channel: { id: 'D0AAA' } }), { clock });
    expect(await gateway.openDm('U0AAA')).toEqual({ kind: 'sent', value: 'D0AAA' });
    now = 3_599_000;
    expect(await gateway.openDm('U0AAA')).toEqual({ kind: 'sent', value: 'D0AAA' });
    expect(end.calls).toHaveLength(1);
    now = 3_601_000;
    await gateway.openDm('U0AAA');
    expect(end.calls).toHaveLength(2);
    expect(form(end)).toEqual({ users: 'U0AAA' });
  });

  test.each([
    [{ ok: true, user: { id: 'U0AAA' } }, 'U0AAA'],
    [{ ok: true, user: { id: 'U0AAA', deleted: true } }, null],
    [{ ok: false, error: 'users_not_found' }, null],
  ])('a look-up answered %j', async (answer, value) => {
    const { end, gateway } = await slack(json(answer));
    expect(await gateway.lookupByEmail('maria+x@example.com')).toEqual({ kind: 'sent', value });
    expect(form(end)).toEqual({ email: 'maria+x@example.com' });
  });

  test.each([
    [{ ok: true, user: { id: 'U0AAA', tz: 'Europe/Paris', tz_offset: 3600 } }, 'Europe/Paris'],
    [{ ok: true, user: { id: 'U0AAA', tz: null } }, null],
    [{ ok: true, user: { id: 'U0AAA', tz: 3600 } }, null],
    [{ ok: true, user: { id: 'U0AAA', deleted: true } }, null],
    [{ ok: false, error: 'user_not_found' }, null],
  ])('a time zone answered %j', async (answer, value) => {
    const { end, gateway } = await slack(json(answer));
    expect(await gateway.timeZone('U0AAA')).toEqual({ kind: 'sent', value });
    expect(end.calls[0]?.path).toBe('/api/users.info');
    expect(form(end)).toEqual({ user: 'U0AAA' });
  });

  test.each(['Europe/Paris', null])('a time zone, %s, is asked for once an hour', async (tz) => {
    let now = 0;
    const clock = { now: () => 0, monotonic: () => now, after: () => () => undefined };
    const { end, gateway } = await slack(json({ ok: true, user: { id: 'U0AAA', tz } }), { clock });
    await gateway.timeZone('U0AAA');
    now = 3_599_000;
    expect(await gateway.timeZone('U0AAA')).toEqual({ kind: 'sent', value: tz });
    expect(end.calls).toHaveLength(1);
    await gateway.timeZone('U0BBB');
    expect(end.calls).toHaveLength(2);
    now = 3_601_000;
    await gateway.timeZone('U0AAA');
    expect(end.calls).toHaveLength(3);
  });

  test.each([
    [{ ok: true }, { kind: 'retry', reason: { code: 'unreadable_answer' } }],
    [
      { ok: false, error: 'missing_scope', needed: 'users:read' },
      { kind: 'refused', scope: 'destination' },
    ],
    [
      { ok: false, error: 'user_not_visible' },
      { kind: 'refused', scope: 'destination' },
    ],
  ])('a time zone that is not to be had, %j, is asked for again', async (answer, failure) => {
    const { end, gateway } = await slack(json(answer));
    expect(await gateway.timeZone('U0AAA')).toMatchObject(failure);
    await gateway.timeZone('U0AAA');
    expect(end.calls).toHaveLength(2);
  });

  test('whose token it is', async () => {
    const { gateway } = await slack(json({ ok: true, team: 'Example', user: 'alo-relay', url: 'x' }));
    expect(await gateway.identify()).toEqual({ kind: 'sent', value: { team: 'Example', user: 'alo-relay', url: 'x' } });
  });

  test('an address in another spelling is the same server', async () => {
    const { end, gateway } = await slack(json({ ok: true, team: 'T', user: 'u' }));
    const other = gatewayAt(end.url.replace('http://', 'HTTP://').replace(/\/$/, ''));
    expect((await other.identify()).kind).toBe('sent');
    expect((await gateway.identify()).kind).toBe('sent');
  });

  test('connections are kept and used again', async () => {
    const sockets = new Set<unknown>();
    const { gateway } = await slack((call, response, socket) => {
      sockets.add(socket);
      json({ ok: true, channel: 'C0AAA', ts: '1.2' })(call, response, socket);
    });
    for (let i = 0; i < 20; i++) await gateway.post(posting);
    // undici opens a second one when the next request comes while the first is being checked for an early end.
    expect(sockets.size).toBeLessThanOrEqual(2);
  });
});

const half: Answerer = (_, response, socket) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{"ok":true,"channel":"C0AAA",', () => socket.destroy());
};
const page = `<html><body>Sign in to go on. ${WORDS} ${TOKEN}</body></html>`;
const complaint = { messages: [`[ERROR] ${WORDS} [json-pointer:/blocks/0]`, `[WARN] ${TOKEN}`] };
const CONSOLE = ['debug', 'error', 'info', 'log', 'warn'] as const;
const retry = { kind: 'retry', limited: false };
const unknown = { kind: 'unknown' };

describe('what can come back', () => {
  test.each<[string, Answerer, object, object]>([
    [
      '429 with Retry-After',
      text('', 429, { 'retry-after': '30' }),
      { kind: 'retry', limited: true, afterMs: 30_000 },
      { limited: true, afterMs: 30_000 },
    ],
    [
      '429 without',
      text('', 429),
      { kind: 'retry', limited: true, afterMs: 10_000 },
      { limited: true, afterMs: 10_000 },
    ],
    [
      '429 with a date',
      text('', 429, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }),
      { limited: true, afterMs: 10_000 },
      { limited: true },
    ],
    ['429 with nonsense', text('', 429, { 'retry-after': '-1' }), { limited: true, afterMs: 1_000 }, { limited: true }],
    [
      'ratelimited in a 200',
      json({ ok: false, error: 'ratelimited' }),
      { kind: 'retry', limited: true },
      { limited: true },
    ],
    ['a page in a 200', text(page), { ...unknown, reason: { code: 'unreadable_answer' } }, retry],
    ['one word in a 200', text('healthy'), { ...unknown, reason: { code: 'unreadable_answer' } }, retry],
    ['null', text('null'), { ...unknown, reason: { code: 'unreadable_answer' } }, retry],
    ['nothing in a 200', text(''), { ...unknown, reason: { code: 'unreadable_answer' } }, retry],
    ['JSON cut off', text('{"ok":true,'), { ...unknown, reason: { code: 'unreadable_answer' } }, retry],
    [
      'ok without channel and ts',
      json({ ok: true }),
      { ...unknown, reason: { code: 'unreadable_answer' } },
      { kind: 'sent' },
    ],
    [
      'a refusal',
      json({ ok: false, error: 'not_in_channel' }),
      { kind: 'refused', scope: 'destination', reason: { code: 'not_in_channel' } },
      { kind: 'refused' },
    ],
    [
      'refused blocks',
      json({ ok: false, error: 'invalid_blocks', response_metadata: complaint }),
      { kind: 'refused', scope: 'payload', reason: { detail: expect.stringContaining('/blocks/0') } },
      { kind: 'refused' },
    ],
    ['a 502 page', text(page, 502), { ...unknown, reason: { code: 'http_502' } }, retry],
    ['404', text(page, 404), { ...retry, reason: { code: 'http_404' } }, retry],
    ['a body that ends half-way', half, { ...unknown, reason: { code: 'connection_lost' } }, retry],
    [
      'a reset before the headers',
      (_, __, socket) => socket.resetAndDestroy(),
      { ...unknown, reason: { code: 'connection_lost' } },
      retry,
    ],
    ['an endless body', text('{'.padEnd(5_000_000)), { ...unknown, reason: { code: 'answer_too_large' } }, retry],
  ])('%s', async (_, answer, forPost, forUpdate) => {
    const logged = CONSOLE.map((level) => vi.spyOn(console, level).mockReturnValue());
    const { end, gateway } = await slack(answer);
    const post = await gateway.post(posting);
    const update = await gateway.update(placement, posting.message);
    const printed = `${JSON.stringify([post, update])} ${inspect([post, update, gateway], { depth: 9 })}`;
    expect(post).toMatchObject(forPost);
    expect(update).toMatchObject(forUpdate);
    expect(end.calls).toHaveLength(2);
    expect(printed).not.toContain(TOKEN);
    expect(printed).not.toContain(WORDS);
    for (const spy of logged) expect(spy).not.toHaveBeenCalled();
  });

  test('every code of the table, as the real client hands it on', async () => {
    const { gateway } = await slack((call, response, socket) => {
      const error = new URLSearchParams(call.body).get('text');
      json({ ok: false, error })(call, response, socket);
    });
    for (const { code, outcome } of listed) {
      const message = { text: code, summary: '' };
      expect(await gateway.post({ ...posting, message })).toMatchObject({ ...outcome, reason: { code } });
    }
  });

  test.each<[string, Answerer]>([
    ['a 502 page', text(page, 502)],
    ['a page in a 200', text(page)],
    ['null', text('null')],
    ['a body that ends half-way', half],
    ['a redirect', text('', 302, { location: '/elsewhere' })],
    ['an answer that lacks what was asked for', json({ ok: true })],
  ])('looking around after %s: again later, never a no', async (_, answer) => {
    const { gateway } = await slack((call, response, socket) => {
      if (call.path.endsWith('auth.test')) json({ ok: true, team: 'T', user: 'u' })(call, response, socket);
      else answer(call, response, socket);
    });
    expect(await gateway.find({ channel: 'C0AAA', deliveryId: 'd-17', since: 0, until: 0 })).toMatchObject(retry);
    expect(await gateway.channelId('#alo-actions')).toMatchObject(retry);
  });

  test('a redirect is not followed: the token stays with the server it is meant for', async () => {
    const { end: elsewhere } = await slack(json({ ok: true, channel: 'C0AAA', ts: '1.2' }));
    const { gateway } = await slack(text('', 302, { location: `${elsewhere.url}chat.postMessage` }));
    expect(await gateway.post(posting)).toMatchObject({ kind: 'retry', reason: { code: 'http_302' } });
    expect(elsewhere.calls).toEqual([]);
  });

  test('no answer in time', async () => {
    const { end, gateway } = await slack(() => undefined, { timeoutMs: 80 });
    expect(await gateway.post(posting)).toMatchObject({ kind: 'unknown', reason: { code: 'timed_out' } });
    expect(await gateway.openDm('U0AAA')).toMatchObject({ kind: 'retry', reason: { code: 'timed_out' } });
    expect(end.calls).toHaveLength(2);
  });

  test('an answer that trickles in is bounded by the same time', async () => {
    const { gateway } = await slack(
      (_, response) => {
        const timer = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(timer));
      },
      { timeoutMs: 80 },
    );
    expect(await gateway.post(posting)).toMatchObject({ kind: 'unknown', reason: { code: 'timed_out' } });
  });

  test('a connection that is closed as the request leaves is not tried once more', async () => {
    let seen = 0;
    const { end, gateway } = await slack((call, response, socket) => {
      seen += 1;
      if (seen === 2) socket.destroy();
      else json({ ok: true, channel: 'C0AAA', ts: '1.2' })(call, response, socket);
    });
    expect(await gateway.post(posting)).toMatchObject({ kind: 'sent' });
    expect(await gateway.post(posting)).toMatchObject({ kind: 'unknown', reason: { code: 'connection_lost' } });
    expect(end.calls).toHaveLength(2);
    expect(await gateway.post(posting)).toMatchObject({ kind: 'sent' });
  });
});

describe('the points where a test may kill it', () => {
  test('before it posts, and after Slack took a message or a change', async () => {
    const passed = vi.mocked(faultPoint).mockClear();
    const before = ['deliver.posting'];
    const answers = [
      { ok: false, error: 'fatal_error' },
      { ok: true, channel: 'C0AAA', ts: '1.2' },
      { ok: false, error: 'message_not_found' },
      { ok: true },
    ];
    const { gateway } = await slack((call, response, socket) => json(answers.shift())(call, response, socket));
    await gateway.post(posting);
    expect(passed.mock.calls).toEqual([before]);
    await gateway.post(posting);
    expect(passed.mock.calls).toEqual([before, before, ['deliver.posted']]);
    await gateway.update(placement, posting.message);
    await gateway.update(placement, posting.message);
    expect(passed.mock.calls).toEqual([before, before, ['deliver.posted'], ['deliver.updated']]);
  });
});

describe('no connection: certainly not posted', () => {
  test('nobody listens', async () => {
    const gateway = gatewayAt(`http://127.0.0.1:${await closedPort()}/api/`);
    expect(await gateway.post(posting)).toMatchObject({
      kind: 'retry',
      limited: false,
      reason: { code: 'connection_refused' },
    });
  });

  test('no such name', async () => {
    const gateway = gatewayAt('http://slack.invalid/api/');
    expect(await gateway.post(posting)).toMatchObject({
      kind: 'retry',
      limited: false,
      reason: { code: 'name_not_found' },
    });
  });

  test('a server that speaks no TLS', async () => {
    const { end } = await slack(text(''));
    const gateway = gatewayAt(end.url.replace('http:', 'https:'));
    expect(await gateway.post(posting)).toMatchObject({
      kind: 'retry',
      limited: false,
      reason: { code: 'tls_failure' },
    });
  });

  test('a token that no header can hold', async () => {
    const { end } = await slack(text(''));
    const gateway = gatewayAt(end.url, { token: new Secret('xoxb-1\nxoxb-2') });
    expect(await gateway.post(posting)).toMatchObject({ kind: 'retry', reason: { code: 'request_invalid' } });
    expect(end.calls).toEqual([]);
  });

  test('after close', async () => {
    const { end, gateway } = await slack(json({ ok: true }));
    await gateway.close();
    await gateway.close();
    expect(await gateway.post(posting)).toMatchObject({ kind: 'retry', reason: { code: 'client_closed' } });
    expect(end.calls).toEqual([]);
  });

  test('no longer ours: what would change something is not written, and everything may be asked', async () => {
    let ours = false;
    const { end, gateway } = await slack(
      json({ ok: true, channel: 'C0AAA', ts: '1.2', team: 'T', user: { id: 'U0AAA' } }),
      { mayCall: () => ours },
    );
    const notOurs = { kind: 'retry', limited: true, reason: { code: 'not_ours' } };
    expect(await gateway.post(posting)).toMatchObject(notOurs);
    expect(await gateway.post(posting)).not.toHaveProperty('afterMs');
    expect(await gateway.update(placement, posting.message)).toMatchObject(notOurs);
    expect(await gateway.react(placement, 'tada')).toMatchObject(notOurs);
    expect(end.calls).toEqual([]);
    expect(await gateway.lookupByEmail('maria@example.com')).toMatchObject({ kind: 'sent' });
    ours = true;
    expect(await gateway.post(posting)).toMatchObject({ kind: 'sent' });
    expect(end.calls.map(({ path }) => path)).toEqual(['/api/users.lookupByEmail', '/api/chat.postMessage']);
  });

  test('no longer ours while it waited for a connection: never written', async () => {
    let ours = true;
    const taken = Promise.withResolvers<() => void>();
    const { end, gateway } = await slack(
      (call, response, socket) => {
        taken.resolve(() => json({ ok: true, channel: 'C0AAA', ts: '1.2' })(call, response, socket));
      },
      { mayCall: () => ours, connections: 1 },
    );
    const first = gateway.post(posting);
    const second = gateway.post(posting);
    const answer = await taken.promise;
    ours = false;
    answer();
    expect(await first).toMatchObject({ kind: 'sent' });
    expect(await second).toMatchObject({ kind: 'retry', limited: true, reason: { code: 'not_ours' } });
    expect(end.calls).toHaveLength(1);
  });

  test('given up while waiting for a connection: never written afterwards', async () => {
    const waiting: (() => void)[] = [];
    const busy = Promise.withResolvers<void>();
    const end = await farEnd((call, response, socket) => {
      waiting.push(() => json({ ok: true })(call, response, socket));
      busy.resolve();
    });
    const transport = createTransport({ apiUrl: end.url, timeoutMs: 10_000, connections: 1 });
    cleanups.push(
      () => end.close(),
      () => transport.close(),
    );
    const send = (body: string, signal?: AbortSignal) =>
      transport.fetch(`${end.url}chat.postMessage`, {
        method: 'POST',
        body,
        ...(signal === undefined ? {} : { signal }),
      });
    const first = send('first');
    await busy.promise;
    const cancel = new AbortController();
    const second = send('second', cancel.signal);
    cancel.abort();
    await expect(second).rejects.toMatchObject({ code: 'ABORTED', reached: false });
    waiting.shift()?.();
    expect((await first).status).toBe(200);
    const third = send('third');
    await vi.waitFor(() => expect(waiting).toHaveLength(1));
    waiting.shift()?.();
    expect((await third).status).toBe(200);
    expect(end.calls.map(({ body }) => body)).toEqual(['first', 'third']);
  });
});
