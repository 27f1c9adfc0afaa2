import { describe, expect, it } from 'vitest';
import { startInstance, turns } from './scripted-instance.ts';

describe('an instance', () => {
  it('claims as many lanes as there are free slots, and the next when a slot gets free', async () => {
    const { limits, ran, gone, onWork, end } = await startInstance(2);
    await onWork('a', 'b', 'c');
    expect([ran(), limits.at(-1)]).toEqual([['a', 'b'], 2]);
    await end(1, null);
    expect([ran(), gone()]).toEqual([['a', 'b', 'c'], [['b', null]]]);
    expect(limits.at(-1)).toBe(1);
  });

  it('runs a lane again that is claimable anew when it was released', async () => {
    const { ran, onWork, end } = await startInstance();
    await onWork('a');
    await end(0, null);
    await onWork('a');
    expect(ran()).toEqual(['a', 'a']);
  });

  it('claims once at a time, and once more for what it was told meanwhile', async () => {
    const { limits, onWork, ran } = await startInstance(4);
    const before = limits.length;
    await Promise.all([onWork('a'), onWork(), onWork('b')]);
    expect(ran().toSorted()).toEqual(['a', 'b']);
    expect(limits.length - before).toBeLessThanOrEqual(2);
  });

  it('lets nothing enter from memory, and claims nothing on entering or waking', async () => {
    const { lanes, limits } = await startInstance();
    const before = limits.length;
    const reservations = [lanes.enter('a'), lanes.join('a')];
    lanes.wake('a');
    for (const reservation of reservations) reservation.stored();
    await turns();
    expect([reservations.map(({ claimed }) => claimed), limits.length]).toEqual([[false, false], before]);
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
