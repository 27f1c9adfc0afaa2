import { inspect } from 'node:util';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Answerer, json, text } from './far-end.ts';
import { listed } from './listed-codes.ts';
import { PLACEMENT, POSTING, slackThat, TOKEN, WORDS } from './near-end.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const half: Answerer = (_, response, socket) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('{"ok":true,"channel":"C0AAA",', () => socket.destroy());
};
const page = `<html><body>Sign in to go on. ${WORDS} ${TOKEN}</body></html>`;
const complaint = { messages: [`[ERROR] ${WORDS} [json-pointer:/blocks/0]`, `[WARN] ${TOKEN}`] };
const CONSOLE = ['debug', 'error', 'info', 'log', 'warn'] as const;
const retry = { kind: 'retry', limited: false };
const unreadable = { kind: 'unknown', reason: { code: 'unreadable_answer' } };

/** What becomes of a post and of an update that are answered so. Neither says anything of the token or the message. */
async function ask(answer: Answerer) {
  const logged = CONSOLE.map((level) => vi.spyOn(console, level).mockReturnValue());
  const { end, gateway } = await slackThat(answer);
  const post = await gateway.post(POSTING);
  const update = await gateway.update(PLACEMENT, POSTING.message);
  expect(end.calls).toHaveLength(2);
  const printed = `${JSON.stringify([post, update])} ${inspect([post, update, gateway], { depth: 9 })}`;
  expect(printed).not.toContain(TOKEN);
  expect(printed).not.toContain(WORDS);
  for (const spy of logged) expect(spy).not.toHaveBeenCalled();
  return { post, update };
}

describe('what can come back', () => {
  test.each<[string, Answerer, { afterMs?: number }]>([
    ['429 with Retry-After', text('', 429, { 'retry-after': '30' }), { afterMs: 30_000 }],
    ['429 without', text('', 429), { afterMs: 10_000 }],
    ['429 with a date', text('', 429, { 'retry-after': 'Wed, 21 Oct 2026 07:28:00 GMT' }), { afterMs: 10_000 }],
    ['429 with nonsense', text('', 429, { 'retry-after': '-1' }), { afterMs: 1_000 }],
    ['ratelimited in a 200', json({ ok: false, error: 'ratelimited' }), {}],
  ])('%s is a limit, and says how long to wait', async (_, answer, wait) => {
    const { post, update } = await ask(answer);
    expect(post).toMatchObject({ kind: 'retry', limited: true, ...wait });
    expect(update).toMatchObject({ kind: 'retry', limited: true, ...wait });
  });

  test.each<[string, Answerer, string]>([
    ['a page in a 200', text(page), 'unreadable_answer'],
    ['one word in a 200', text('healthy'), 'unreadable_answer'],
    ['null', text('null'), 'unreadable_answer'],
    ['nothing in a 200', text(''), 'unreadable_answer'],
    ['JSON cut off', text('{"ok":true,'), 'unreadable_answer'],
    ['a 502 page', text(page, 502), 'http_502'],
    ['a body that ends half-way', half, 'connection_lost'],
    ['a reset before the headers', (_, __, socket) => socket.resetAndDestroy(), 'connection_lost'],
    ['an endless body', text('{'.padEnd(5_000_000)), 'answer_too_large'],
  ])('%s leaves a post in doubt, and an update to be made again', async (_, answer, code) => {
    const { post, update } = await ask(answer);
    expect(post).toMatchObject({ kind: 'unknown', reason: { code } });
    expect(update).toMatchObject(retry);
  });

  test('ok without channel and ts leaves a post in doubt, and is enough for an update', async () => {
    const { post, update } = await ask(json({ ok: true }));
    expect(post).toMatchObject(unreadable);
    expect(update).toMatchObject({ kind: 'sent' });
  });

  test.each<[string, Answerer, object]>([
    [
      'a refusal is the destination’s',
      json({ ok: false, error: 'not_in_channel' }),
      { kind: 'refused', scope: 'destination', reason: { code: 'not_in_channel' } },
    ],
    [
      'refused blocks are the payload’s, and say which',
      json({ ok: false, error: 'invalid_blocks', response_metadata: complaint }),
      { kind: 'refused', scope: 'payload', reason: { detail: expect.stringContaining('/blocks/0') } },
    ],
    ['404 is tried again: nothing was done', text(page, 404), { ...retry, reason: { code: 'http_404' } }],
  ])('%s', async (_, answer, outcome) => {
    const { post, update } = await ask(answer);
    expect(post).toMatchObject(outcome);
    expect(update).toMatchObject(outcome);
  });

  test('every code of the table is handed on as it is classified', async () => {
    const { gateway } = await slackThat((call, response, socket) => {
      const error = new URLSearchParams(call.body).get('text');
      json({ ok: false, error })(call, response, socket);
    });
    for (const { code, outcome } of listed) {
      const message = { text: code, summary: '' };
      expect(await gateway.post({ ...POSTING, message })).toMatchObject({ ...outcome, reason: { code } });
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
    const { gateway } = await slackThat((call, response, socket) => {
      if (call.path.endsWith('auth.test')) json({ ok: true, team: 'T', user: 'u' })(call, response, socket);
      else answer(call, response, socket);
    });
    expect(await gateway.find({ channel: 'C0AAA', deliveryId: 'd-17', since: 0, until: 0 })).toMatchObject(retry);
    expect(await gateway.channelId('#alo-actions')).toMatchObject(retry);
  });

  test('a redirect is not followed: the token stays with the server it is meant for', async () => {
    const { end: elsewhere } = await slackThat(json({ ok: true, channel: 'C0AAA', ts: '1.2' }));
    const { gateway } = await slackThat(text('', 302, { location: `${elsewhere.url}chat.postMessage` }));
    expect(await gateway.post(POSTING)).toMatchObject({ kind: 'retry', reason: { code: 'http_302' } });
    expect(elsewhere.calls).toEqual([]);
  });

  test('no answer in time: a post may have arrived, and nothing else is in doubt', async () => {
    const { end, gateway } = await slackThat(() => undefined, { timeoutMs: 80 });
    expect(await gateway.post(POSTING)).toMatchObject({ kind: 'unknown', reason: { code: 'timed_out' } });
    expect(await gateway.openDm('U0AAA')).toMatchObject({ kind: 'retry', reason: { code: 'timed_out' } });
    expect(end.calls).toHaveLength(2);
  });

  test('an answer that trickles in is bounded by the same time', async () => {
    const { gateway } = await slackThat(
      (_, response) => {
        const timer = setInterval(() => response.write(' '), 10);
        response.on('close', () => clearInterval(timer));
      },
      { timeoutMs: 80 },
    );
    expect(await gateway.post(POSTING)).toMatchObject({ kind: 'unknown', reason: { code: 'timed_out' } });
  });

  test('a connection that is closed as the request leaves is not tried once more', async () => {
    let seen = 0;
    const { end, gateway } = await slackThat((call, response, socket) => {
      seen += 1;
      if (seen === 2) socket.destroy();
      else json({ ok: true, channel: 'C0AAA', ts: '1.2' })(call, response, socket);
    });
    expect(await gateway.post(POSTING)).toMatchObject({ kind: 'sent' });
    expect(await gateway.post(POSTING)).toMatchObject({ kind: 'unknown', reason: { code: 'connection_lost' } });
    expect(end.calls).toHaveLength(2);
    expect(await gateway.post(POSTING)).toMatchObject({ kind: 'sent' });
  });
});
