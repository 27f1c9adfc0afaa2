import { describe, expect, it } from 'vitest';
import type { SeriesPoint } from '../../src/history/views.ts';
import { figuresOf } from '../../src/web/dashboard/figures.ts';
import { bytes, duration, seen } from '../../src/web/dashboard/words.ts';

describe('what numbers are called', () => {
  it.each([
    [0, '0 ms'],
    [0.4, '< 1 ms'],
    [340, '340 ms'],
    [999.4, '999 ms'],
    [999.6, '1 s'],
    [4_240, '4.2 s'],
    [10_000, '10 s'],
    [59_400, '59 s'],
    [59_900, '1 min'],
    [3_600_000, '1 h'],
    [7_500_000, '2 h 5 min'],
    [200_000_000, '2 d'],
  ])('%d ms is %s', (ms, text) => expect(duration(ms)).toBe(text));

  it.each([
    [1, '1 byte'],
    [1_023, '1,023 bytes'],
    [1_536, '1.5 KiB'],
    [262_144, '256 KiB'],
    [1_572_864, '1.5 MiB'],
  ])('%d bytes are %s', (number, text) => expect(bytes(number)).toBe(text));
});

it.each([
  ['plain\ttext\nstays', 'plain\ttext\nstays'],
  ['turned \u202eround', 'turned ⟨202E⟩round'],
  ['bell \u0007', 'bell \u2407'],
  ['no\u200bspace', 'no⟨200B⟩space'],
  ['👩\u200d🔧', '👩\u200d🔧'],
  ['half \ud800', 'half \ufffd'],
])('what hides in %j shows', (text, shown) => expect(seen(text)).toBe(shown));

describe('a chart', () => {
  const NOTHING = { duplicate: 0, refused: 0, sent: 0, merged: 0, dead: 0, parked: 0, retried: 0 };
  const TIMES = { accept_p50_ms: null, delivery_p50_ms: null, delivery_p99_ms: null };
  const point = (minute: number, accepted: number, p99: number | null): SeriesPoint => ({
    at: new Date(minute * 60_000).toISOString(),
    accepted,
    ...NOTHING,
    ...TIMES,
    accept_p99_ms: p99,
  });
  const day = Array.from({ length: 1440 }, (_, minute) => point(minute, 2, minute === 700 ? 950 : null));
  const line = { name: 'one', colour: '--chart-1' } as const;

  it('of a day adds up what happened, and shows the slowest, in few steps', () => {
    const view = { step_seconds: 60, points: day };
    const counted = figuresOf({ title: '', note: '', kind: 'counts', lines: [{ ...line, key: 'accepted' }] }, view);
    expect(counted).toMatchObject({ totals: ['2,880'], step: '16 minutes', empty: false });
    expect(counted.values).toEqual([Array.from({ length: 90 }, () => 32)]);
    expect(counted.times.slice(0, 2)).toEqual([0, 960]);
    const timed = figuresOf({ title: '', note: '', kind: 'times', lines: [{ ...line, key: 'accept_p99_ms' }] }, view);
    expect(timed.totals).toEqual(['950 ms']);
    expect(timed.values[0]?.filter((value) => value !== null)).toEqual([950]);
  });

  it('of nothing is empty', () => {
    const view = { step_seconds: 60, points: [point(0, 0, null)] };
    expect(
      figuresOf({ title: '', note: '', kind: 'times', lines: [{ ...line, key: 'accept_p99_ms' }] }, view),
    ).toMatchObject({
      totals: ['–'],
      empty: true,
    });
  });
});
