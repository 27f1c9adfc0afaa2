import { expect, it } from 'vitest';
import { memoizeFor } from '../../src/core/memoize-for.ts';
import { ManualClock } from '../helpers/clock.ts';

it('what many ask for is found once in a while: the longer it takes, the seldomer', async () => {
  const clock = new ManualClock();
  let found = 0;
  let tookMs = 1;
  const ask = memoizeFor({ atLeastMs: 1_000, timesItTook: 100, clock }, async () => {
    found += 1;
    await clock.advance(tookMs);
    if (found === 4) throw new Error('away');
    return found;
  });
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([1, 1, 1]);
  await clock.advance(999);
  expect(await ask()).toBe(1);
  await clock.advance(1);
  tookMs = 30;
  expect(await ask()).toBe(2);
  await clock.advance(2_999);
  expect(await ask()).toBe(2);
  await clock.advance(1);
  expect(await ask()).toBe(3);
  await clock.advance(3_000);
  await expect(ask()).rejects.toThrow('away');
  expect(await ask()).toBe(5);
});
