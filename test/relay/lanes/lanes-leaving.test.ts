import { describe, expect, it } from 'vitest';
import { journalError } from '../../../src/journal/errors.ts';
import { startInstance, turns } from './scripted-instance.ts';

const MINUTE_MS = 60_000;

describe('a lane that is lost', () => {
  it('has its run told to stop, and until that has ended nothing starts, is claimed or may be sent', async () => {
    const { clock, lanes, limits, ran, gone, runs, onWork, onLost, end } = await startInstance(3);
    await onWork('a', 'b', 'c');
    await end(1, 1_000);
    await end(2, 1_000);
    await onLost('a', 'b');
    expect([runs[0]?.stopping(), lanes.ownsLanes(), gone()]).toEqual([true, false, [['b', 0]]]);
    const before = limits.length;
    await onWork('a');
    await clock.advance(1_000);
    expect([ran(), limits.length]).toEqual([['a', 'b', 'c'], before]);
    await end(0, null);
    expect(lanes.ownsLanes()).toBe(true);
    expect(ran()).toEqual(['a', 'b', 'c', 'c', 'a']);
    expect(gone()).toEqual([
      ['b', 0],
      ['a', 0],
    ]);
  });

  it('while its run hands over to sleep is released all the same, whenever that is', async () => {
    for (let hops = 0; hops < 12; hops++) {
      const { clock, ran, gone, runs, onWork, onLost } = await startInstance();
      await onWork('a');
      runs[0]?.end(1_000);
      for (let hop = 0; hop < hops; hop++) await null;
      await onLost('a');
      await clock.advance(1_000);
      expect([hops, gone().map(([lane]) => lane), ran()]).toEqual([hops, ['a'], ['a']]);
    }
  });

  it('and was not ours changes nothing', async () => {
    const { lanes, gone, ran, onWork, onLost } = await startInstance();
    await onWork('a');
    await onLost('b');
    expect([gone(), ran(), lanes.ownsLanes()]).toEqual([[], ['a'], true]);
  });

  it('is not ours to act on, and neither is any while the cluster says so', async () => {
    const { lanes, state } = await startInstance();
    state.ownsLanes = false;
    expect(lanes.ownsLanes()).toBe(false);
  });

  it('is left alone where the journal says so, and that is no error', async () => {
    const { clock, gone, log, runs, ran, onWork } = await startInstance();
    await onWork('a');
    runs[0]?.fail(journalError('lane-lost', 'postgres://db/relay'));
    await turns();
    await clock.advance(MINUTE_MS);
    expect([gone(), ran()]).toEqual([[['a', 0]], ['a']]);
    expect(log.map((line) => JSON.parse(line).level)).toEqual(['info']);
    await onWork('a');
    expect(ran()).toEqual(['a', 'a']);
  });
});

describe('an instance that stops', () => {
  it('claims no more, lets runs end, releases everything, then leaves', async () => {
    const { clock, lanes, state, left, gone, runs, ran, onWork, end } = await startInstance(3);
    await onWork('a', 'b');
    await end(1, 40_000);
    await clock.advance(10_000);
    const stopping = lanes.stop();
    await onWork('c');
    // What runs is not released before it has ended: another instance would run it, too.
    expect([runs[0]?.stopping(), state.stopped, gone()]).toEqual([true, 0, [['b', 30_000]]]);
    await end(0, null);
    await Promise.all([stopping, lanes.stop()]);
    expect(Object.fromEntries(left.map(([lane, { againInMs }]) => [lane, againInMs]))).toEqual({ a: 0, b: 30_000 });
    expect([state.stopped, ran(), clock.waiting]).toEqual([1, ['a', 'b'], 0]);
  });

  it('leaves a lane with the wait that its run asked for', async () => {
    const { lanes, gone, onWork, end } = await startInstance();
    await onWork('a');
    const stopping = lanes.stop();
    await end(0, 7_000);
    await stopping;
    expect(gone()).toEqual([['a', 7_000]]);
  });

  it('lets go of what it was just claiming', async () => {
    const { lanes, ran, gone, claimable, onWork } = await startInstance();
    claimable.push({ lane: 'a', pacedUntil: 0 });
    const working = onWork();
    await lanes.stop();
    await working;
    expect([ran(), gone()]).toEqual([[], [['a', 0]]]);
  });
});
