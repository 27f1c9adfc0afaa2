import { describe, expect, it } from 'vitest';
import { settle } from '../../helpers/clock.ts';
import { delivery, heldWork, setUp } from './held-work.ts';

describe('running lanes', () => {
  it('drains a lane by one runner at a time, however often it is woken', async () => {
    const { runs, work } = heldWork();
    const { lanes } = await setUp(work);
    for (let wake = 0; wake < 5; wake++) lanes.wake('a');
    await settle();
    expect(runs).toHaveLength(1);
  });

  it('looks again when woken while running, and once only', async () => {
    const { runs, work } = heldWork();
    const { lanes } = await setUp(work);
    lanes.wake('a');
    lanes.wake('a');
    await settle();
    runs[0]?.end(null);
    await settle();
    expect(runs).toHaveLength(2);
    runs[1]?.end(null);
    await settle();
    expect(runs).toHaveLength(2);
  });

  it('resumes what has something unfinished', async () => {
    const { work, what } = heldWork();
    await setUp(work, 2, ['left', 'over']);
    await settle();
    expect(what()).toEqual(['drain left', 'drain over']);
  });

  it('runs different lanes in parallel, up to its slots, first come first served', async () => {
    const { runs, work, what } = heldWork();
    const { lanes } = await setUp(work, 2);
    for (const lane of ['a', 'b', 'c', 'd']) lanes.wake(lane);
    await settle();
    expect(what()).toEqual(['drain a', 'drain b']);
    runs[1]?.end(null);
    await settle();
    expect(what()).toEqual(['drain a', 'drain b', 'drain c']);
  });

  it('a lane that sleeps holds no slot and wakes by itself', async () => {
    const { runs, work, what } = heldWork();
    const { clock, lanes } = await setUp(work, 1);
    lanes.wake('a');
    lanes.wake('b');
    await settle();
    runs[0]?.end(500);
    await settle();
    expect(what()).toEqual(['drain a', 'drain b']);
    lanes.wake('a');
    await settle();
    runs[1]?.end(null);
    await clock.advance(499);
    expect(runs).toHaveLength(2);
    await clock.advance(1);
    expect(what()).toEqual(['drain a', 'drain b', 'drain a']);
  });

  it('wakes what sleeps, at once and once, when Slack takes messages again', async () => {
    const { runs, work, what } = heldWork();
    const { clock, lanes } = await setUp(work, 9);
    for (const lane of ['a', 'b', 'c']) lanes.wake(lane);
    lanes.join('open');
    await settle();
    for (const run of [0, 1]) runs[run]?.end(60_000);
    await settle();
    lanes.wakeAll();
    await settle();
    expect(what().slice(3)).toEqual(['drain a', 'drain b']);
    runs[3]?.end(120_000);
    runs[4]?.end(null);
    await clock.advance(119_999);
    expect(runs).toHaveLength(5);
    await clock.advance(1);
    expect(what().slice(5)).toEqual(['drain a']);
  });

  it('tells a drain to stop when it is to stop', async () => {
    let stopping = () => false;
    const { lanes } = await setUp({
      drain: async (_, isStopping) => {
        stopping = isStopping;
        return null;
      },
    });
    lanes.wake('a');
    await settle();
    expect(stopping()).toBe(false);
    await lanes.stop();
    expect(stopping()).toBe(true);
  });

  it('tries again, more and more slowly, after a failure', async () => {
    const starts: number[] = [];
    const { clock, lanes } = await setUp({
      drain: async () => {
        starts.push(clock.monotonic());
        throw new Error('the journal is away');
      },
    });
    lanes.wake('a');
    await clock.advance(2000);
    expect(starts).toEqual([0, 375, 875, 1625]);
  });

  it('stop waits for what runs and starts nothing more', async () => {
    const { runs, work } = heldWork();
    const { clock, lanes } = await setUp(work, 1);
    lanes.wake('a');
    lanes.wake('b');
    await settle();
    let stopped = false;
    const stopping = lanes.stop().then(() => {
      stopped = true;
    });
    await settle();
    expect(stopped).toBe(false);
    runs[0]?.end(1000);
    await stopping;
    expect(clock.waiting).toBe(0);
    await clock.advance(5000);
    expect(runs).toHaveLength(1);
  });

  it('sends nothing that is stored, woken or due after stop', async () => {
    const { runs, work } = heldWork();
    const { clock, lanes } = await setUp(work, 9);
    const [claimed, joined] = [lanes.enter('a'), lanes.join('b')];
    lanes.wake('c');
    await settle();
    runs[0]?.end(1000);
    await settle();
    const stopping = lanes.stop();
    claimed.stored(delivery('a'));
    joined.stored();
    lanes.wake('d');
    lanes.wakeAll();
    await clock.advance(5000);
    await stopping;
    expect(runs.map(({ what }) => what)).toEqual(['drain c']);
  });
});
