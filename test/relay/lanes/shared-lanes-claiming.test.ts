import { describe, expect, it } from 'vitest';
import { startInstance, turns } from './scripted-instance.ts';

const MINUTE_MS = 60_000;

describe('an instance', () => {
  it('claims as many lanes as there are free slots, and the next when a slot gets free', async () => {
    const { limits, ran, gone, onWork, end } = await startInstance(2);
    await onWork('a', 'b', 'c');
    expect([ran(), limits.at(-1)]).toEqual([['a', 'b'], 2]);
    await end(1, null);
    expect([ran(), gone()]).toEqual([['a', 'b', 'c'], [['b', null]]]);
    expect(limits.at(-1)).toBe(1);
  });

  it('looks again when it has released a lane, which was queued anew while it ran', async () => {
    const { claimable, ran, onWork, end } = await startInstance();
    await onWork('a');
    claimable.push({ lane: 'a', pacedUntil: 0 });
    await end(0, null);
    expect(ran()).toEqual(['a', 'a']);
  });

  it('claims once at a time, and once more for what it was told meanwhile', async () => {
    const { limits, onWork, ran } = await startInstance(4);
    const before = limits.length;
    await Promise.all([onWork('a'), onWork(), onWork('b')]);
    expect(ran().toSorted()).toEqual(['a', 'b']);
    expect(limits.length - before).toBeLessThanOrEqual(2);
  });

  it('tries again, more and more slowly, where it cannot claim', async () => {
    const { clock, fails, limits, onWork, ran } = await startInstance();
    fails.claim = true;
    await onWork('a');
    const failed = limits.length;
    await clock.advance(2_000);
    expect(limits.length - failed).toBeGreaterThanOrEqual(3);
    expect(limits.length - failed).toBeLessThan(6);
    fails.claim = false;
    await clock.advance(MINUTE_MS);
    expect(ran()).toEqual(['a']);
  });

  it('lets nothing enter from memory, and claims nothing on entering or waking', async () => {
    const { lanes, limits } = await startInstance();
    const before = limits.length;
    const entrances = [lanes.enter(), lanes.join()];
    lanes.wake();
    for (const entrance of entrances) entrance.stored();
    await turns();
    expect([entrances.map(({ claimed }) => claimed), limits.length]).toEqual([[false, false], before]);
  });

  it('sweeps at the start, and every 30 s until it stops', async () => {
    const { clock, lanes, state } = await startInstance();
    expect(state.sweeps).toBe(1);
    await clock.advance(MINUTE_MS);
    expect(state.sweeps).toBe(3);
    await lanes.stop();
    await clock.advance(MINUTE_MS);
    expect([state.sweeps, clock.waiting]).toEqual([3, 0]);
  });

  it('sweeps again where it could not', async () => {
    const { clock, state, fails, log } = await startInstance();
    fails.sweep = true;
    await clock.advance(MINUTE_MS / 2);
    fails.sweep = false;
    await clock.advance(MINUTE_MS / 2);
    expect(state.sweeps).toBe(3);
    expect(log.filter((line) => line.includes('could not be swept'))).toHaveLength(1);
  });

  it('runs no more lanes than it has slots, also of those that wake', async () => {
    const { clock, ran, onWork, end } = await startInstance(1);
    await onWork('a');
    await end(0, 5_000);
    await onWork('b');
    await clock.advance(5_000);
    expect(ran()).toEqual(['a', 'b']);
    await end(1, null);
    expect(ran()).toEqual(['a', 'b', 'a']);
  });

  it('takes over the pace that comes with a lane, and hands it on', async () => {
    const { claimable, left, paces, onWork, end } = await startInstance();
    claimable.push({ lane: 'a', pacedUntil: 1234 });
    await onWork();
    expect(paces.get('a')).toBe(1234);
    paces.set('a', 5678);
    await end(0, null);
    expect(left).toEqual([['a', { againInMs: null, pacedUntil: 5678 }]]);
  });
});
