import { describe, expect, test, vi } from 'vitest';
import { channelId as idOf } from '../../src/sandbox/ids.ts';
import { json } from './far-end.ts';
import { slackThat } from './near-end.ts';
import { workspace } from './workspace.ts';

/** With channels c-0, c-1, … */
async function setUp(channels = 3) {
  const { clock, sandbox, gateway } = await workspace();
  for (let n = 0; n < channels; n++) sandbox.workspace.conversation(`#c-${n}`);
  return { clock, sandbox, gateway, lists: () => sandbox.calls['conversations.list'] ?? 0 };
}

const is = (name: string) => ({ kind: 'sent', value: idOf(name) });
const none = { kind: 'sent', value: null };

describe('the id of a channel', () => {
  test.each(['C024BE7LH', 'G024BE7LH', 'DU024BE7LH'])('%s is one', async (id) => {
    const { gateway, lists } = await setUp();
    expect(await gateway.channelId(id)).toEqual({ kind: 'sent', value: id });
    expect(lists()).toBe(0);
  });

  test('is known from a message that was posted to its name', async () => {
    const { gateway, lists } = await setUp();
    await gateway.post({ channel: '#new', message: { text: 'x', summary: '' }, deliveryId: 'd' });
    expect(await gateway.channelId('#new')).toEqual(is('new'));
    expect(await gateway.channelId('new')).toEqual(is('new'));
    expect(lists()).toBe(0);
  });

  test('else is looked up among all channels, archived ones too, page by page', async () => {
    const { gateway, sandbox, lists } = await setUp(1_200);
    sandbox.workspace.archive('#c-1100');
    expect(await gateway.channelId('#c-1100')).toEqual(is('c-1100'));
    expect(await gateway.channelId('#c-1')).toEqual(is('c-1'));
    expect(lists()).toBe(2);
    expect(await gateway.channelId('#c-1200')).toEqual(none);
  });

  test('is asked for once by all who want one at the same time', async () => {
    const { gateway, lists } = await setUp();
    const ids = await Promise.all(['#c-0', '#c-1', '#c-0', '#c-2'].map((name) => gateway.channelId(name)));
    expect(ids).toEqual([is('c-0'), is('c-1'), is('c-0'), is('c-2')]);
    expect(lists()).toBe(1);
  });

  test('is taken from the last list for a minute', async () => {
    const { gateway, clock, lists } = await setUp();
    await gateway.channelId('#c-0');
    await clock.advance(50_000);
    expect(await gateway.channelId('#c-1')).toEqual(is('c-1'));
    expect(lists()).toBe(1);
    await clock.advance(11_000);
    expect(await gateway.channelId('#c-2')).toEqual(is('c-2'));
    expect(lists()).toBe(2);
  });

  test('that came after the last list is found all the same', async () => {
    const { gateway, sandbox } = await setUp();
    expect(await gateway.channelId('#late')).toEqual(none);
    sandbox.workspace.conversation('#late');
    expect(await gateway.channelId('#late')).toEqual(is('late'));
  });

  test('that came while somebody else was listing is found all the same', async () => {
    const { gateway, sandbox, clock } = await setUp();
    sandbox.faults.add({ kind: 'slow', ms: 1_000, method: 'conversations.list' });
    const somebody = gateway.channelId('#c-0');
    const [early, late] = [gateway.channelId('#late'), gateway.channelId('#never')];
    await vi.waitFor(() => expect(sandbox.calls['conversations.list']).toBe(1));
    sandbox.workspace.conversation('#late');
    await clock.advance(1_000);
    expect(await somebody).toEqual(is('c-0'));
    expect([await early, await late]).toEqual([is('late'), none]);
  });

  test('a listing that is interrupted goes on where it stood', async () => {
    const { clock, gateway, sandbox, lists } = await setUp(2_500);
    sandbox.faults.add({ kind: 'rate_limited', retryAfter: 20, method: 'conversations.list', skip: 2 });
    expect(await gateway.channelId('#c-1')).toMatchObject({ kind: 'retry', limited: true, afterMs: 20_000 });
    expect(await gateway.channelId('#c-1')).toMatchObject({ kind: 'retry', limited: true });
    expect(lists()).toBe(3);
    await clock.advance(20_000);
    expect(await gateway.channelId('#c-1')).toEqual(is('c-1'));
    expect(lists()).toBe(4);
  });

  test('a page that Slack has forgotten: from the first again', async () => {
    const { gateway, sandbox, lists } = await setUp(1_200);
    sandbox.faults.add({ kind: 'error', error: 'invalid_cursor', method: 'conversations.list', skip: 1 });
    expect(await gateway.channelId('#c-1')).toMatchObject({ kind: 'retry', limited: false });
    expect(await gateway.channelId('#c-1')).toEqual(is('c-1'));
    expect(lists()).toBe(4);
  });
});

describe('where there is no answer', () => {
  test.each([
    ['missing_scope', 'destination', /channels:read and groups:read/],
    ['no_permission', 'destination', /channels:read/],
    ['brand_new_refusal', 'destination', /brand_new_refusal/],
    ['token_revoked', 'credential', /token/],
  ])('%s refuses the %s, says why, and is not remembered', async (error, scope, detail) => {
    const { gateway, sandbox } = await setUp();
    sandbox.faults.add({ kind: 'error', error, method: 'conversations.list' });
    const refusal = { kind: 'refused', scope, reason: { code: error, detail: expect.stringMatching(detail) } };
    expect(await gateway.channelId('#c-0')).toEqual(refusal);
    expect(await gateway.channelId('#c-0')).toEqual(is('c-0'));
  });

  test('a list without end is given up', async () => {
    const answer = json({ ok: true, channels: [], response_metadata: { next_cursor: 'x' } });
    const { end, gateway } = await slackThat(answer);
    const refusal = { kind: 'refused', scope: 'destination', reason: { code: 'too_many_channels' } };
    expect(await gateway.channelId('#c-0')).toMatchObject(refusal);
    expect(end.calls).toHaveLength(50);
  });
});
