import { describe, expect, test } from 'vitest';
import { ManualClock } from '../helpers/clock.ts';
import { json, text } from './far-end.ts';
import { slackThat } from './near-end.ts';
import { lose, workspace } from './workspace.ts';

const HOUR_MS = 60 * 60 * 1000;

describe('a message that is there is found though our clock was', () => {
  test.each([2 * HOUR_MS, -2 * HOUR_MS])('%d ms off Slack’s', async (ms) => {
    const w = await workspace();
    w.off.ms = ms;
    const { search, ts } = await lose(w);
    expect(await w.start().find(search)).toMatchObject({ value: { ts } });
    await w.clock.advance(24 * HOUR_MS);
    expect(await w.start().find(search)).toMatchObject({ value: { ts } });
  });

  test('never compared with Slack’s, which is then asked for it', async () => {
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
    [2 * HOUR_MS, 0],
    [-2 * HOUR_MS, 0],
    [0, 2 * HOUR_MS],
    [0, -2 * HOUR_MS],
  ])('%d ms off when it was posted, and %d ms when it is looked for', async (before, after) => {
    const w = await workspace();
    w.off.ms = before;
    await w.gateway.identify();
    const { search, ts } = await lose(w);
    w.off.ms = after;
    // So long that nothing lies ahead of us.
    await w.clock.advance(5 * HOUR_MS);
    await w.gateway.identify();
    expect(await w.gateway.find(search)).toMatchObject({ value: { ts } });
  });

  test.each([0, 2 * HOUR_MS, -2 * HOUR_MS])(
    'right when it was posted, and %d ms off after a restart',
    async (after) => {
      const w = await workspace();
      const { search, ts } = await lose(w);
      w.off.ms = after;
      expect(await w.start().find(search)).toMatchObject({ value: { ts } });
    },
  );

  test('set back since, and is still wrong', async () => {
    const w = await workspace();
    w.off.ms = 30 * 24 * HOUR_MS;
    const { search, ts } = await lose(w);
    w.off.ms = 10 * 24 * HOUR_MS;
    expect(await w.start().find(search)).toMatchObject({ value: { ts } });
  });

  test('set back since, by a process that is gone', async () => {
    const w = await workspace();
    w.off.ms = 30 * HOUR_MS;
    const { search, ts } = await lose(w);
    await w.clock.advance(20 * HOUR_MS);
    w.off.ms = 0;
    expect(await w.start().find(search)).toMatchObject({ value: { ts } });
    expect(await w.start().find({ ...search, until: 0 })).toMatchObject({ value: { ts } });
  });
});

test('a search asks for the time of the attempt by Slack’s own date, not by a proxy’s', async () => {
  const clock = new ManualClock(1_700_000_000_000);
  const proxy = text('', 502, { date: 'Thu, 01 Jan 1970 00:00:00 GMT' });
  const slack = json({ ok: true, team: 'T', user: 'u', messages: [] }, 200, { date: 'Tue, 14 Nov 2023 22:13:20 GMT' });
  const answers = [proxy];
  const { end, gateway } = await slackThat((...call) => (answers.shift() ?? slack)(...call), { clock });
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
    ['/api/conversations.history', { channel: 'C0AAA', ...window }],
  ]);
});
