import { describe, expect, it } from 'vitest';
import { journalError } from '../../../src/journal/errors.ts';
import { startInstance, turns } from './scripted-instance.ts';

const MINUTE_MS = 60_000;

describe('a lane after a run', () => {
  it('that is to wait for a minute at most sleeps without a slot, stays ours and wakes by itself', async () => {
    const { clock, ran, gone, onWork, end } = await startInstance(1);
    await onWork('a');
    await end(0, MINUTE_MS);
    await onWork('b');
    expect(ran()).toEqual(['a', 'b']);
    await end(1, null);
    await clock.advance(MINUTE_MS - 1);
    expect(ran()).toEqual(['a', 'b']);
    await clock.advance(1);
    expect([ran(), gone()]).toEqual([['a', 'b', 'a'], [['b', null]]]);
  });

  it('that is to wait for longer is released', async () => {
    const { gone, onWork, end } = await startInstance();
    await onWork('a');
    await end(0, MINUTE_MS + 1);
    expect(gone()).toEqual([['a', MINUTE_MS + 1]]);
  });

  it('that sleeps can be woken, with all that do', async () => {
    const { lanes, ran, onWork, end } = await startInstance(2);
    await onWork('a', 'b');
    await end(0, 5_000);
    await end(1, 5_000);
    lanes.wakeAll();
    await turns();
    expect(ran()).toEqual(['a', 'b', 'a', 'b']);
  });

  it('that would be one sleeper too many is released instead', async () => {
    const { left, ran, onWork, end } = await startInstance(64);
    await onWork(...Array.from({ length: 4_100 }, (_, n) => `lane ${n}`));
    for (let n = 0; n < 4_100; n++) {
      if (n % 64 === 0) await turns();
      await end(n, 50_000);
    }
    expect([ran().length, left.length]).toEqual([4_100, 4]);
    expect(left[0]?.[1].againInMs).toBe(50_000);
  });

  it('that failed is released, for longer each time', async () => {
    const { gone, log, runs, onWork } = await startInstance();
    for (let time = 0; time < 3; time++) {
      await onWork('a');
      runs[time]?.fail(new Error('the journal is away'));
      await turns();
    }
    expect(gone()).toEqual([375, 500, 750].map((ms) => ['a', ms]));
    expect(log.filter((line) => line.includes('lane failed'))).toHaveLength(3);
  });

  it('that failed since the journal did is no lane that was lost', async () => {
    const { gone, log, runs, onWork } = await startInstance();
    await onWork('a');
    runs[0]?.fail(journalError('journal-refused', 'postgres://db/relay'));
    await turns();
    expect([gone(), log.map((line) => JSON.parse(line).level)]).toEqual([[['a', 375]], ['error']]);
  });

  it('that took half an hour is released: it is the turn of others, however much there is', async () => {
    const { clock, gone, runs, onWork, end } = await startInstance();
    await clock.advance(20 * MINUTE_MS);
    await onWork('a');
    await clock.advance(30 * MINUTE_MS);
    expect(runs[0]?.stopping()).toBe(false);
    await clock.advance(1);
    expect(runs[0]?.stopping()).toBe(true);
    await end(0, null);
    expect(gone()).toEqual([['a', 0]]);
  });

  it('is released while Slack refuses us, as all are, and claimed again afterwards', async () => {
    const { lanes, state, ran, gone, onWork, end } = await startInstance();
    await onWork('a');
    state.paused = true;
    await end(0, MINUTE_MS);
    await onWork('b');
    expect([ran(), gone()]).toEqual([['a'], [['a', 0]]]);
    state.paused = false;
    lanes.wakeAll();
    await turns();
    expect(ran()).toEqual(['a', 'b']);
  });
});
