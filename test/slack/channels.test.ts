import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { channelId as idOf } from '../../src/sandbox/ids.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { createGateway } from '../../src/slack/client.ts';
import { ManualClock } from '../helpers/clock.ts';
import { farEnd, json } from './far-end.ts';

/** A sandbox with channels c-0, c-1, …, and a gateway to it. */
async function workspace(channels = 3) {
  const clock = new ManualClock();
  const sandbox = await startSandbox({ port: 0, limits: null, clock });
  const gateway = createGateway({ token: new Secret('xoxb-1'), apiUrl: sandbox.apiUrl, timeoutMs: 10_000, clock });
  onTestFinished(async () => {
    await gateway.close();
    await sandbox.close();
  });
  for (let n = 0; n < channels; n++) sandbox.workspace.conversation(`#c-${n}`);
  return { clock, sandbox, gateway, lists: () => sandbox.calls['conversations.list'] ?? 0 };
}

const is = (name: string) => ({ kind: 'sent', value: idOf(name) });
const none = { kind: 'sent', value: null };

describe('the id of a channel', () => {
  test.each(['C024BE7LH', 'G024BE7LH', 'DU024BE7LH'])('%s is one', async (id) => {
    const { gateway, lists } = await workspace();
    expect(await gateway.channelId(id)).toEqual({ kind: 'sent', value: id });
    expect(lists()).toBe(0);
  });

  test('is known from a message that was posted to its name', async () => {
    const { gateway, lists } = await workspace();
    await gateway.post({ channel: '#new', message: { text: 'x', summary: '' }, deliveryId: 'd' });
    expect(await gateway.channelId('#new')).toEqual(is('new'));
    expect(await gateway.channelId('new')).toEqual(is('new'));
    expect(lists()).toBe(0);
  });

  test('else is looked up among all channels, archived ones too, page by page', async () => {
    const { gateway, sandbox, lists } = await workspace(1_200);
    sandbox.workspace.archive('#c-1100');
    expect(await gateway.channelId('#c-1100')).toEqual(is('c-1100'));
    expect(await gateway.channelId('#c-1')).toEqual(is('c-1'));
    expect(lists()).toBe(2);
    expect(await gateway.channelId('#c-1200')).toEqual(none);
  });

  test('is asked for once by all who want one at the same time', async () => {
    const { gateway, lists } = await workspace();
    const ids = await Promise.all(['#c-0', '#c-1', '#c-0', '#c-2'].map((name) => gateway.channelId(name)));
    expect(ids).toEqual([is('c-0'), is('c-1'), is('c-0'), is('c-2')]);
    expect(lists()).toBe(1);
  });

  test('is taken from the last list for a minute', async () => {
    const { gateway, clock, lists } = await workspace();
    await gateway.channelId('#c-0');
    await clock.advance(50_000);
    expect(await gateway.channelId('#c-1')).toEqual(is('c-1'));
    expect(lists()).toBe(1);
    await clock.advance(11_000);
    expect(await gateway.channelId('#c-2')).toEqual(is('c-2'));
    expect(lists()).toBe(2);
  });

  test('that came after the last list is found all the same', async () => {
    const { gateway, sandbox } = await workspace();
    expect(await gateway.channelId('#late')).toEqual(none);
    sandbox.workspace.conversation('#late');
    expect(await gateway.channelId('#late')).toEqual(is('late'));
  });

  test('that came while somebody else was listing is found all the same', async () => {
    const { gateway, sandbox, clock } = await workspace();
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
    const { gateway, sandbox, lists } = await workspace(2_500);
    sandbox.faults.add({ kind: 'rate_limited', retryAfter: 20, method: 'conversations.list', skip: 2 });
    expect(await gateway.channelId('#c-1')).toMatchObject({ kind: 'retry', limited: true, afterMs: 20_000 });
    expect(await gateway.channelId('#c-1')).toEqual(is('c-1'));
    expect(lists()).toBe(4);
  });

  test('a page that Slack has forgotten: from the first again', async () => {
    const { gateway, sandbox, lists } = await workspace(1_200);
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
  ])('%s', async (error, scope, detail) => {
    const { gateway, sandbox } = await workspace();
    sandbox.faults.add({ kind: 'error', error, method: 'conversations.list' });
    const refusal = { kind: 'refused', scope, reason: { code: error, detail: expect.stringMatching(detail) } };
    expect(await gateway.channelId('#c-0')).toEqual(refusal);
    expect(await gateway.channelId('#c-0')).toEqual(is('c-0'));
  });

  test('a list without end', async () => {
    const end = await farEnd(json({ ok: true, channels: [], response_metadata: { next_cursor: 'x' } }));
    const gateway = createGateway({ token: new Secret('xoxb-1'), apiUrl: end.url, timeoutMs: 10_000 });
    onTestFinished(async () => {
      await gateway.close();
      await end.close();
    });
    const refusal = { kind: 'refused', scope: 'destination', reason: { code: 'too_many_channels' } };
    expect(await gateway.channelId('#c-0')).toMatchObject(refusal);
    expect(end.calls).toHaveLength(50);
  });
});
