import { describe, expect, it } from 'vitest';
import { TokenBuckets } from '../../../src/relay/lanes/token-bucket.ts';
import { ManualClock } from '../../helpers/clock.ts';

/** Takes a token; gives 0, or the ms to wait where there was none. */
function take(pacer: TokenBuckets, lane: string): number {
  const waitMs = pacer.waitMs(lane);
  if (waitMs === 0) pacer.take(lane);
  return waitMs;
}

describe('TokenBuckets', () => {
  it('lets a burst through, then one an interval', async () => {
    const clock = new ManualClock();
    const pacer = new TokenBuckets(() => ({ perSecond: 1, burst: 3 }), clock);
    expect([1, 2, 3, 4].map(() => take(pacer, 'a'))).toEqual([0, 0, 0, 1000]);
    await clock.advance(999);
    expect(take(pacer, 'a')).toBe(1);
    await clock.advance(1);
    expect([take(pacer, 'a'), take(pacer, 'a')]).toEqual([0, 1000]);
  });

  it('loses no slot to waiting: n messages take n − burst intervals', async () => {
    const clock = new ManualClock();
    const pacer = new TokenBuckets(() => ({ perSecond: 4, burst: 2 }), clock);
    let sent = 0;
    while (sent < 42) {
      const wait = take(pacer, 'a');
      if (wait === 0) sent += 1;
      else await clock.advance(wait);
    }
    expect(clock.monotonic()).toBe(40 * 250);
  });

  it('goes on where somebody else left the lane, and never beyond a whole bucket', async () => {
    const clock = new ManualClock();
    const make = () => new TokenBuckets(() => ({ perSecond: 1, burst: 3 }), clock);
    const [before, after] = [make(), make()];
    for (let n = 0; n < 3; n++) take(before, 'a');
    expect([before.usedMs('a'), before.usedMs('b')]).toEqual([3000, 0]);
    await clock.advance(1500);
    after.used('a', before.usedMs('a'));
    expect([take(after, 'a'), take(after, 'a')]).toEqual([0, 500]);
    // Less than is known here changes nothing; a clock that is hours ahead does not stop the lane.
    after.used('a', 100);
    expect(after.waitMs('a')).toBe(500);
    after.used('a', 3_600_000);
    expect(after.waitMs('a')).toBe(1000);
  });

  it('keeps lanes apart, and forgets the idle ones', async () => {
    const clock = new ManualClock();
    const pacer = new TokenBuckets(() => ({ perSecond: 1, burst: 1 }), clock);
    expect(take(pacer, 'a')).toBe(0);
    expect(take(pacer, 'b')).toBe(0);
    expect(take(pacer, 'a')).toBe(1000);
    await clock.advance(60_000);
    for (let lane = 0; lane < 3000; lane++) expect(take(pacer, `lane ${lane}`)).toBe(0);
    await clock.advance(60_000);
    expect(take(pacer, 'a')).toBe(0);
  });
});
