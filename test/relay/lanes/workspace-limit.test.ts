import { describe, expect, it } from 'vitest';
import { WorkspaceLimit, watchPosts } from '../../../src/relay/lanes/workspace-limit.ts';
import { ManualClock } from '../../helpers/clock.ts';
import { ScriptedSlack } from '../../helpers/gateway.ts';

const LANES = Array.from({ length: 10 }, (_, index) => `lane ${index}`);

describe('a limit of the whole workspace', () => {
  it('one limited lane, or a few, hold up nobody else', () => {
    const limit = new WorkspaceLimit(new ManualClock());
    for (let time = 0; time < 20; time++) limit.limited('a', 1000);
    for (const lane of LANES.slice(0, 3)) limit.limited(lane, 1000);
    expect([limit.active, limit.take('b')]).toEqual([false, 0]);
  });

  it('many limited lanes among more that get through are no such limit', () => {
    const limit = new WorkspaceLimit(new ManualClock());
    for (let lane = 0; lane < 20; lane++) limit.sent(`other ${lane}`);
    for (const lane of LANES) limit.limited(lane, 1000);
    expect(limit.active).toBe(false);
  });

  it('is recognised where many are limited at once: all pause, then go one after the other at half the rate', async () => {
    const clock = new ManualClock();
    const limit = new WorkspaceLimit(clock);
    // 12 in 3 s is 4 a second, so they go on at 2.
    for (let time = 0; time < 12; time++) limit.sent('lane 0');
    for (const lane of LANES.slice(0, 5)) limit.limited(lane, 2000);
    expect(LANES.slice(0, 4).map((lane) => limit.take(lane))).toEqual([2000, 2500, 3000, 3500]);
    // Asking again changes no turn.
    expect(limit.take('lane 1')).toBe(2500);
    await clock.advance(2500);
    expect([limit.take('lane 1'), limit.take('lane 0'), limit.take('lane 3')]).toEqual([0, 0, 1000]);
    expect(limit.take('lane 1')).toBe(1500);
  });

  it('is tested out: faster with time, and over when nothing holds back any more', async () => {
    const clock = new ManualClock();
    const limit = new WorkspaceLimit(clock);
    for (let time = 0; time < 12; time++) limit.sent('lane 0');
    for (const lane of LANES.slice(0, 5)) limit.limited(lane, 1000);
    let sent = 0;
    const rates: number[] = [];
    while (limit.active && rates.length < 100) {
      const until = clock.monotonic() + 10_000;
      const before = sent;
      while (clock.monotonic() < until) {
        const wait = limit.take(`lane ${sent % 10}`);
        if (wait === 0) sent += 1;
        if (!limit.active) break;
        await clock.advance(wait);
      }
      rates.push(sent - before);
    }
    expect(limit.active).toBe(false);
    expect(rates.length).toBeGreaterThan(3);
    for (const [index, rate] of rates.slice(1, -1).entries()) expect(rate).toBeGreaterThan(rates[index] ?? 0);
    expect(LANES.map((lane) => limit.take(lane))).toEqual(LANES.map(() => 0));
  });

  it('is learnt from what becomes of posts, and of nothing else', async () => {
    const limit = new WorkspaceLimit(new ManualClock());
    const slack = new ScriptedSlack();
    const watched = watchPosts(slack, limit);
    const limited = {
      kind: 'retry',
      limited: true,
      afterMs: 900,
      reason: { code: 'ratelimited', detail: '' },
    } as const;
    for (const lane of LANES) {
      slack.fail(limited);
      expect((await watched.lookupByEmail(`${lane}@example.com`)).kind).toBe('retry');
    }
    expect(limit.active).toBe(false);
    for (const lane of LANES) {
      slack.fail(limited);
      await watched.post({ channel: lane, message: { text: 'hi', summary: 'hi' }, deliveryId: lane });
    }
    expect(limit.active).toBe(true);
  });

  it('what Slack asked to wait is told; what was not tried at all is neither told nor counted', async () => {
    const limit = new WorkspaceLimit(new ManualClock());
    const slack = new ScriptedSlack();
    const told: unknown[] = [];
    const watched = watchPosts(slack, limit, (...news) => told.push(news));
    const post = (channel: string) =>
      watched.post({ channel, message: { text: 'hi', summary: 'hi' }, deliveryId: channel });
    const reason = { code: 'x', detail: '' };
    for (const lane of LANES) {
      slack.fail({ kind: 'retry', limited: true, reason });
      await post(lane);
    }
    expect([limit.active, told]).toEqual([false, []]);
    slack.fail({ kind: 'retry', limited: true, afterMs: 900, reason });
    await post('a');
    expect(told).toEqual([['a', 900]]);
  });

  it('met again while going slowly makes it slower still', () => {
    const clock = new ManualClock();
    const limit = new WorkspaceLimit(clock);
    for (let time = 0; time < 12; time++) limit.sent('lane 0');
    for (const lane of LANES.slice(0, 5)) limit.limited(lane, 1000);
    for (const lane of LANES.slice(5)) limit.limited(lane, 1000);
    expect([limit.take('a'), limit.take('b')]).toEqual([1000, 2000]);
  });
});
