import { afterEach, describe, expect, test } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { type ClosableGateway, createGateway } from '../../src/slack/client.ts';
import type { Search } from '../../src/slack/gateway.ts';
import { ManualClock } from '../helpers/clock.ts';
import { farEnd, json, text } from './far-end.ts';

const HOUR = 60 * 60 * 1000;
const TIMEOUT = 10_000;
const WORDS = { text: 'Cancel the Meyer contract', summary: '' };
const cleanups: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

/** A sandbox whose clock is right, and a gateway whose clock is off by `off.ms`. */
async function workspace() {
  const clock = new ManualClock();
  const sandbox = await startSandbox({ port: 0, limits: null, clock });
  cleanups.push(() => sandbox.close());
  const off = { ms: 0 };
  const ours = { now: () => clock.now() + off.ms, monotonic: clock.monotonic, after: clock.after };
  const start = () => gatewayAt(sandbox.apiUrl, ours);
  return { sandbox, clock, off, now: ours.now, start, gateway: start() };
}

function gatewayAt(apiUrl: string, clock: ManualClock | Parameters<typeof createGateway>[0]['clock']): ClosableGateway {
  const gateway = createGateway({
    token: new Secret('xoxb-1'),
    apiUrl,
    timeoutMs: TIMEOUT,
    ...(clock === undefined ? {} : { clock }),
  });
  cleanups.push(() => gateway.close());
  return gateway;
}

type Workspace = Awaited<ReturnType<typeof workspace>>;

/** Posts, and loses the answer. Gives where it is, and the search for it. */
async function lose(
  { gateway, sandbox, clock, now }: Workspace,
  posting: Partial<Parameters<ClosableGateway['post']>[0]> = {},
): Promise<{ search: Search; ts: string }> {
  const since = now();
  const channel = posting.channel ?? '#ops';
  sandbox.faults.add({ kind: 'drop_after', method: 'chat.postMessage' });
  const outcome = await gateway.post({ channel, message: WORDS, deliveryId: 'd-17', ...posting });
  expect(outcome.kind).toBe('unknown');
  const conversation = sandbox.workspace.conversation(channel);
  await clock.advance(1000);
  const search = { channel: conversation?.id ?? '', deliveryId: 'd-17', since, until: since };
  return { search, ts: conversation?.all.at(-1)?.ts ?? '' };
}

const say = (sandbox: Sandbox, count: number, channel = '#ops') => {
  for (let n = 0; n < count; n++) sandbox.workspace.say(channel, 'maria@example.com', { text: String(n) });
};

describe('a message that is there', () => {
  test('in a channel, pages before the newest', async () => {
    const w = await workspace();
    say(w.sandbox, 150);
    const { search, ts } = await lose(w);
    say(w.sandbox, 450);
    expect(await w.gateway.find(search)).toEqual({ kind: 'sent', value: { channel: search.channel, ts } });
    expect(w.sandbox.calls['conversations.history']).toBe(3);
  });

  test.each([
    ['a reply, in its thread', false, true, true],
    ['a reply, in the channel', false, false, false],
    ['a reply shown in the channel, in its thread', true, true, true],
    ['a reply shown in the channel, there', true, false, true],
  ])('%s', async (_, broadcast, inThread, visible) => {
    const w = await workspace();
    const root = await w.gateway.post({ channel: '#ops', message: WORDS, deliveryId: 'd-17.root' });
    const threadTs = root.kind === 'sent' ? root.value.ts : '';
    const { workspace: there } = w.sandbox;
    const reply = () => {
      const ops = there.conversation('#ops');
      if (ops !== undefined) there.post(ops, { text: 'x', threadTs });
    };
    for (let n = 0; n < 250; n++) reply();
    const { search, ts } = await lose(w, { thread: { ts: threadTs, broadcast } });
    const found = await w.gateway.find({ ...search, ...(inThread ? { threadTs } : {}) });
    expect(found).toEqual({ kind: 'sent', value: visible ? { channel: search.channel, ts } : null });
  });

  test('in a direct conversation', async () => {
    const w = await workspace();
    const dm = await w.gateway.openDm('U024BE7LH');
    const { search, ts } = await lose(w, { channel: dm.kind === 'sent' ? dm.value : '' });
    expect(await w.gateway.find(search)).toEqual({ kind: 'sent', value: { channel: 'DU024BE7LH', ts } });
  });

  test('in a thread whose first message was deleted since', async () => {
    const w = await workspace();
    const root = await w.gateway.post({ channel: '#ops', message: WORDS, deliveryId: 'd-17.root' });
    const threadTs = root.kind === 'sent' ? root.value.ts : '';
    const { search, ts } = await lose(w, { thread: { ts: threadTs, broadcast: false } });
    w.sandbox.workspace.delete('#ops', threadTs);
    expect(await w.gateway.find({ ...search, threadTs })).toMatchObject({ value: { ts } });
  });

  test('in an archived channel', async () => {
    const w = await workspace();
    const { search, ts } = await lose(w);
    w.sandbox.workspace.archive('#ops');
    expect(await w.gateway.find(search)).toMatchObject({ value: { ts } });
  });

  test('though history lags at first', async () => {
    const w = await workspace();
    const { search, ts } = await lose(w);
    w.sandbox.faults.add({ kind: 'lag', ms: 5000, times: 'always' });
    expect(await w.gateway.find(search)).toEqual({ kind: 'sent', value: null });
    await w.clock.advance(5000);
    expect(await w.gateway.find(search)).toMatchObject({ value: { ts } });
  });
});

describe('a message that is not there', () => {
  const other = (event_type: string, delivery_id: string) => ({ event_type, event_payload: { delivery_id } });
  test.each([
    ['the same text of another app', undefined],
    ['another app’s delivery of that id', other('their_delivery', 'd-17')],
    ['another delivery of ours', other('alo_relay_delivery', 'd-177')],
    ['the root that belongs to it', other('alo_relay_delivery', 'd-17.root')],
  ])('%s is not taken for it', async (_, metadata) => {
    const w = await workspace();
    const ops = w.sandbox.workspace.conversation('#ops');
    if (ops === undefined) throw new Error('no channel');
    w.sandbox.workspace.post(ops, { text: WORDS.text, ...(metadata === undefined ? {} : { metadata }) });
    const search = { channel: ops.id, deliveryId: 'd-17', since: w.now(), until: w.now() };
    expect(await w.gateway.find(search)).toEqual({ kind: 'sent', value: null });
  });

  test('in a thread that is gone, or not to be seen yet', async () => {
    const w = await workspace();
    const { search } = await lose(w);
    const find = (threadTs: string) => w.gateway.find({ ...search, deliveryId: 'd-18', threadTs });
    expect(await find('1700000000.000001')).toEqual({ kind: 'sent', value: null });
    w.sandbox.faults.add({ kind: 'error', error: 'message_not_found', method: 'conversations.replies' });
    expect(await find('1700000000.000001')).toEqual({ kind: 'sent', value: null });
  });

  test('days later, only the time of the attempt is read', async () => {
    const w = await workspace();
    say(w.sandbox, 500);
    await w.clock.advance(HOUR);
    const search = { channel: w.sandbox.workspace.conversation('#ops')?.id ?? '', deliveryId: 'd-17' };
    const until = w.now();
    await w.clock.advance(HOUR);
    say(w.sandbox, 500);
    await w.clock.advance(48 * HOUR);
    expect(await w.gateway.find({ ...search, since: until, until })).toEqual({ kind: 'sent', value: null });
    expect(w.sandbox.calls['conversations.history']).toBe(1);
  });
});

describe('clocks', () => {
  test.each([2 * HOUR, -2 * HOUR])('ours is %d ms off Slack’s', async (ms) => {
    const w = await workspace();
    w.off.ms = ms;
    const { search, ts } = await lose(w);
    expect(await w.start().find(search)).toMatchObject({ value: { ts } });
    await w.clock.advance(24 * HOUR);
    expect(await w.start().find(search)).toMatchObject({ value: { ts } });
  });

  test('before the first answer, it asks for one', async () => {
    const w = await workspace();
    const { search, ts } = await lose(w);
    expect(w.sandbox.calls['auth.test']).toBeUndefined();
    await w.gateway.find(search);
    expect(await w.gateway.find(search)).toMatchObject({ value: { ts } });
    expect(w.sandbox.calls['auth.test']).toBe(1);
    w.sandbox.faults.add({ kind: 'error', error: 'token_revoked', method: 'auth.test' });
    expect(await w.start().find(search)).toMatchObject({ kind: 'refused', scope: 'credential' });
  });

  test.each([
    [2 * HOUR, 0],
    [-2 * HOUR, 0],
    [0, 2 * HOUR],
    [0, -2 * HOUR],
  ])('%d ms off when it was posted, %d ms when it is looked for', async (before, after) => {
    const w = await workspace();
    w.off.ms = before;
    await w.gateway.identify();
    const { search, ts } = await lose(w);
    w.off.ms = after;
    // So long that nothing lies ahead of us.
    await w.clock.advance(5 * HOUR);
    await w.gateway.identify();
    expect(await w.gateway.find(search)).toMatchObject({ value: { ts } });
  });

  test.each([0, 2 * HOUR, -2 * HOUR])('right when it was posted, %d ms off after a restart', async (after) => {
    const w = await workspace();
    const { search, ts } = await lose(w);
    w.off.ms = after;
    expect(await w.start().find(search)).toMatchObject({ value: { ts } });
  });

  test('set back since, and still wrong', async () => {
    const w = await workspace();
    w.off.ms = 30 * 24 * HOUR;
    const { search, ts } = await lose(w);
    w.off.ms = 10 * 24 * HOUR;
    expect(await w.start().find(search)).toMatchObject({ value: { ts } });
  });

  test('set back since, by a process that is gone', async () => {
    const w = await workspace();
    w.off.ms = 30 * HOUR;
    const { search, ts } = await lose(w);
    await w.clock.advance(20 * HOUR);
    w.off.ms = 0;
    expect(await w.start().find(search)).toMatchObject({ value: { ts } });
    expect(await w.start().find({ ...search, until: 0 })).toMatchObject({ value: { ts } });
  });
});

describe('where we may not look', () => {
  test.each([
    ['missing_scope', /channels:history and groups:history/],
    ['no_permission', /channels:history/],
    ['not_allowed_token_type', /channels:history/],
    ['channel_not_found', /\/invite/],
    ['method_not_supported_for_channel_type', /.{20}/],
    ['brand_new_refusal', /brand_new_refusal/],
  ])('%s is the destination’s, and says what to do', async (error, detail) => {
    const w = await workspace();
    const { search } = await lose(w);
    w.sandbox.faults.add({ kind: 'error', error, method: 'conversations.history' });
    expect(await w.gateway.find(search)).toEqual({
      kind: 'refused',
      scope: 'destination',
      reason: { code: error, detail: expect.stringMatching(detail) },
    });
  });

  test('a channel without the app, and a scope for direct messages', async () => {
    const w = await workspace();
    const { search } = await lose(w);
    w.sandbox.workspace.setMember('#ops', false);
    const refusal = { kind: 'refused', scope: 'destination', reason: { code: 'not_in_channel' } };
    expect(await w.gateway.find(search)).toMatchObject(refusal);
    expect(await w.gateway.find({ ...search, threadTs: '1700000000.000001' })).toMatchObject(refusal);
    w.sandbox.faults.add({ kind: 'error', error: 'missing_scope', method: 'conversations.history' });
    const dm = await w.gateway.find({ ...search, channel: 'DU024BE7LH' });
    expect(dm).toMatchObject({ reason: { detail: expect.stringContaining('im:history') } });
  });

  test('a token that is no longer one stops everything', async () => {
    const w = await workspace();
    const { search } = await lose(w);
    w.sandbox.faults.add({ kind: 'error', error: 'token_revoked', method: 'conversations.history' });
    expect(await w.gateway.find(search)).toMatchObject({ kind: 'refused', scope: 'credential' });
  });
});

describe('a search that is interrupted', () => {
  test('goes on at the page it had come to', async () => {
    const w = await workspace();
    const { search, ts } = await lose(w);
    say(w.sandbox, 700);
    await w.gateway.identify();
    w.sandbox.faults.add({ kind: 'rate_limited', retryAfter: 30, method: 'conversations.history', skip: 2 });
    expect(await w.gateway.find(search)).toMatchObject({ kind: 'retry', limited: true, afterMs: 30_000 });
    w.sandbox.faults.add({ kind: 'drop_before', method: 'conversations.history', skip: 1 });
    expect(await w.gateway.find(search)).toMatchObject({ kind: 'retry', limited: false });
    expect(w.sandbox.calls['conversations.history']).toBe(5);
    expect(await w.gateway.find(search)).toMatchObject({ value: { ts } });
    expect(w.sandbox.calls['conversations.history']).toBe(6);
    expect(await w.gateway.find(search)).toMatchObject({ value: { ts } });
    expect(w.sandbox.calls['conversations.history']).toBe(10);
  });

  test('starts anew when Slack has forgotten the page, and for every new question', async () => {
    const w = await workspace();
    const { search, ts } = await lose(w);
    say(w.sandbox, 300);
    w.sandbox.faults.add({ kind: 'error', error: 'invalid_cursor', method: 'conversations.history', skip: 1 });
    expect(await w.gateway.find(search)).toMatchObject({ kind: 'retry', limited: false });
    expect(await w.gateway.find(search)).toMatchObject({ value: { ts } });
    expect(w.sandbox.calls['conversations.history']).toBe(4);
    expect(await w.gateway.find(search)).toMatchObject({ value: { ts } });
    expect(w.sandbox.calls['conversations.history']).toBe(6);
  });

  test('gives up on a conversation without end, and says so', async () => {
    const end = await farEnd(
      json({ ok: true, team: 'T', user: 'u', messages: [], response_metadata: { next_cursor: 'x' } }),
    );
    cleanups.push(() => end.close());
    const gateway = gatewayAt(end.url, undefined);
    const outcome = await gateway.find({ channel: 'C0AAA', deliveryId: 'd-17', since: 0, until: 0 });
    expect(outcome).toMatchObject({ kind: 'refused', scope: 'destination', reason: { code: 'history_too_long' } });
    expect(end.calls).toHaveLength(51);
  });

  test('takes no answer for the end that says there is more', async () => {
    const end = await farEnd(json({ ok: true, team: 'T', user: 'u', messages: [], has_more: true }));
    cleanups.push(() => end.close());
    const gateway = gatewayAt(end.url, undefined);
    const outcome = await gateway.find({ channel: 'C0AAA', deliveryId: 'd-17', since: 0, until: 0 });
    expect(outcome).toMatchObject({ kind: 'retry', reason: { code: 'unreadable_answer' } });
  });
});

test('what goes over the wire, and whose date counts', async () => {
  const clock = new ManualClock(1_700_000_000_000);
  const proxy = text('', 502, { date: 'Thu, 01 Jan 1970 00:00:00 GMT' });
  const slack = json({ ok: true, team: 'T', user: 'u', messages: [] }, 200, { date: 'Tue, 14 Nov 2023 22:13:20 GMT' });
  const answers = [proxy];
  const end = await farEnd((...call) => (answers.shift() ?? slack)(...call));
  cleanups.push(() => end.close());
  const gateway = gatewayAt(end.url, clock);
  const search = { channel: 'C0AAA', deliveryId: 'd-17', since: clock.now() - 9000, until: clock.now() - 3000 };
  await gateway.identify();
  await gateway.find(search);
  await gateway.find({ ...search, threadTs: '1.2' });
  const asked = end.calls.slice(2).map(({ path, body }) => [path, Object.fromEntries(new URLSearchParams(body))]);
  const window = {
    oldest: '1699999691.000000',
    latest: '1700000307.000000',
    limit: '200',
    include_all_metadata: 'true',
  };
  expect(asked).toEqual([
    ['/api/conversations.history', { channel: 'C0AAA', ...window }],
    ['/api/conversations.replies', { channel: 'C0AAA', ts: '1.2', ...window }],
  ]);
});
