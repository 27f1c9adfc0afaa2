import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/core/log.ts';
import { type Drain, InProcessLanes } from '../../src/relay/lanes.ts';
import { ManualClock, settle } from '../helpers/clock.ts';

function setUp(drain: Drain, slots = 2) {
  const clock = new ManualClock();
  return { clock, lanes: new InProcessLanes({ drain, clock, random: () => 0.5, log: silentLogger, slots }) };
}

/** A drain whose runs end when the test says so. */
function heldDrain() {
  const runs: { lane: string; end: (waitMs: number | null) => void; fail: (error: Error) => void }[] = [];
  const drain: Drain = (lane) => new Promise((end, fail) => runs.push({ lane, end, fail }));
  return { runs, drain };
}

describe('InProcessLanes', () => {
  it('drains a lane by one runner at a time, however often it is woken', async () => {
    const { runs, drain } = heldDrain();
    const { lanes } = setUp(drain);
    for (let wake = 0; wake < 5; wake++) lanes.wake('a');
    expect(runs).toHaveLength(1);
  });

  it('looks again when woken while running, and once only', async () => {
    const { runs, drain } = heldDrain();
    const { lanes } = setUp(drain);
    lanes.wake('a');
    lanes.wake('a');
    runs[0]?.end(null);
    await settle();
    expect(runs).toHaveLength(2);
    runs[1]?.end(null);
    await settle();
    expect(runs).toHaveLength(2);
  });

  it('runs different lanes in parallel, up to its slots, first come first served', async () => {
    const { runs, drain } = heldDrain();
    const { lanes } = setUp(drain, 2);
    for (const lane of ['a', 'b', 'c', 'd']) lanes.wake(lane);
    expect(runs.map(({ lane }) => lane)).toEqual(['a', 'b']);
    runs[1]?.end(null);
    await settle();
    expect(runs.map(({ lane }) => lane)).toEqual(['a', 'b', 'c']);
  });

  it('a lane that sleeps holds no slot and wakes by itself', async () => {
    const { runs, drain } = heldDrain();
    const { clock, lanes } = setUp(drain, 1);
    lanes.wake('a');
    lanes.wake('b');
    runs[0]?.end(500);
    await settle();
    expect(runs.map(({ lane }) => lane)).toEqual(['a', 'b']);
    lanes.wake('a');
    runs[1]?.end(null);
    await clock.advance(499);
    expect(runs).toHaveLength(2);
    await clock.advance(1);
    expect(runs.map(({ lane }) => lane)).toEqual(['a', 'b', 'a']);
  });

  it('tries again, more and more slowly, after a failure', async () => {
    const starts: number[] = [];
    const { clock, lanes } = setUp(async () => {
      starts.push(clock.monotonic());
      throw new Error('the journal is away');
    });
    lanes.wake('a');
    await clock.advance(2000);
    expect(starts).toEqual([0, 375, 875, 1625]);
  });

  it('stop waits for what runs and starts nothing more', async () => {
    const { runs, drain } = heldDrain();
    const { clock, lanes } = setUp(drain, 1);
    lanes.wake('a');
    lanes.wake('b');
    let stopped = false;
    const stopping = lanes.stop().then(() => {
      stopped = true;
    });
    await settle();
    expect(stopped).toBe(false);
    runs[0]?.end(1000);
    await stopping;
    await clock.advance(5000);
    expect(runs).toHaveLength(1);
    expect(clock.waiting).toBe(0);
  });
});
