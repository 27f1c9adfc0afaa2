import { describe, expect, test } from 'vitest';
import { json } from './far-end.ts';
import { slackThat } from './near-end.ts';
import { lose, say, workspace } from './workspace.ts';

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

  test('a channel without the app, and a missing scope for direct messages, are too', async () => {
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

  test('a token that is no longer one is everybody’s', async () => {
    const w = await workspace();
    const { search } = await lose(w);
    w.sandbox.faults.add({ kind: 'error', error: 'token_revoked', method: 'conversations.history' });
    expect(await w.gateway.find(search)).toMatchObject({ kind: 'refused', scope: 'credential' });
  });
});

const EMPTY = { ok: true, team: 'T', user: 'u', messages: [] };
const SEARCH = { channel: 'C0AAA', deliveryId: 'd-17', since: 0, until: 0 };

describe('a search that is interrupted', () => {
  test('goes on at the page it had come to', async () => {
    const w = await workspace();
    const { search, ts } = await lose(w);
    say(w.sandbox, 700);
    await w.gateway.identify();
    w.sandbox.faults.add({ kind: 'rate_limited', retryAfter: 30, method: 'conversations.history', skip: 2 });
    expect(await w.gateway.find(search)).toMatchObject({ kind: 'retry', limited: true, afterMs: 30_000 });
    await w.clock.advance(30_000);
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
    const { end, gateway } = await slackThat(json({ ...EMPTY, response_metadata: { next_cursor: 'x' } }));
    const outcome = await gateway.find(SEARCH);
    expect(outcome).toMatchObject({ kind: 'refused', scope: 'destination', reason: { code: 'history_too_long' } });
    expect(end.calls).toHaveLength(51);
  });

  test('takes no answer for the end that says there is more', async () => {
    const { gateway } = await slackThat(json({ ...EMPTY, has_more: true }));
    const outcome = await gateway.find(SEARCH);
    expect(outcome).toMatchObject({ kind: 'retry', reason: { code: 'unreadable_answer' } });
  });
});
