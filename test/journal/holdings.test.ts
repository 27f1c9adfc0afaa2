import { describe, expect, test } from 'vitest';
import { Holdings } from '../../src/journal/postgres/holdings.ts';
import { ManualClock } from '../helpers/clock.ts';

describe('what is held', () => {
  const job = { lane: 'lane', id: 'job', retryCount: 0 };

  test.each([
    ['time passes', async (clock: ManualClock) => clock.advance(8_000)],
    ['the machine slept: the steady clock stood still', async (clock: ManualClock) => clock.step(8_000)],
    [
      'the time of day was set back',
      async (clock: ManualClock) => {
        await clock.advance(8_000);
        clock.step(-8_000);
      },
    ],
  ])('is not certain any more when %s', async (_, pass) => {
    const clock = new ManualClock();
    const holdings = new Holdings(clock);
    holdings.hold(job, holdings.instant());
    await clock.advance(7_999);
    expect(holdings.allValid()).toBe(true);
    holdings.touched([job], new Set([job.id]), holdings.instant());
    await pass(clock);
    expect(holdings.allValid()).toBe(false);
  });

  test('counts from when the touch was asked for, not from its answer', async () => {
    const clock = new ManualClock();
    const holdings = new Holdings(clock);
    holdings.hold(job, holdings.instant());
    const askedAt = holdings.instant();
    await clock.advance(8_000);
    holdings.touched([job], new Set([job.id]), askedAt);
    expect(holdings.allValid()).toBe(false);
  });

  test('is lost when a touch does not give it back: once, and not for a later claim of the same lane', () => {
    const holdings = new Holdings(new ManualClock());
    holdings.hold(job, holdings.instant());
    expect(holdings.touched([job], new Set(), holdings.instant())).toEqual(['lane']);
    expect(holdings.touched([job], new Set(), holdings.instant())).toEqual([]);
    expect(holdings.leave('lane')).toBeNull();
    holdings.hold({ ...job, retryCount: 1 }, holdings.instant());
    expect(holdings.touched([job], new Set(), holdings.instant())).toEqual([]);
    expect(holdings.leave('lane')).toMatchObject({ retryCount: 1 });
  });

  test('is not lost while it is leaving, nor given out again before it has left', () => {
    const holdings = new Holdings(new ManualClock());
    const anew = { ...job, id: 'another' };
    holdings.hold(job, holdings.instant());
    expect(holdings.leave('lane')).toBe(job);
    expect(holdings.leave('lane')).toBeNull();
    expect(holdings.touched([job], new Set(), holdings.instant())).toEqual([]);
    expect(holdings.reserve(anew, holdings.instant())).toBe(false);
    expect(holdings.takeReserved(5)).toEqual([]);
    holdings.drop('lane');
    expect(holdings.takeReserved(5)).toMatchObject([{ job: anew }]);
    expect(holdings.takeReserved(5)).toEqual([]);
  });
});
