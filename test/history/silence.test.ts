import { describe, expect, it } from 'vitest';
import type { WebhookFacts } from '../../src/core/telemetry.ts';
import { judge, SourceWatch } from '../../src/history/silence.ts';
import { ManualClock } from '../helpers/clock.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
/** A Monday, 00:00 UTC. */
const MONDAY = Date.parse('2026-03-02T00:00:00Z');

/** Minutes with an event, every `every` minutes in `span` (ms after MONDAY), where `when` says so. */
function came([from, to]: readonly [number, number], every: number, when = (_: Date) => true) {
  const minutes: number[] = [];
  for (let at = MONDAY + from; at < MONDAY + to; at += every * MINUTE)
    if (when(new Date(at))) minutes.push(Math.floor(at / MINUTE));
  return { minutes, lastAt: (minutes.at(-1) ?? 0) * MINUTE };
}

/** Which of the following minutes is the first that is too silent, as ms after the last event. Null: none within a month. */
function noticedAfter(known: { readonly minutes: number[]; readonly lastAt: number }): number | null {
  for (let ms = 0; ms < 28 * DAY; ms += 10 * MINUTE) if (judge(known, known.lastAt + ms).silent) return ms;
  return null;
}

const office = (zoneHours: (at: Date) => number) => (at: Date) => {
  const local = new Date(at.getTime() + zoneHours(at) * HOUR);
  return ![0, 6].includes(local.getUTCDay()) && local.getUTCHours() >= 8 && local.getUTCHours() < 19;
};
const utc = office(() => 0);

describe('a source that never rests', () => {
  it('is silent after five times its longest gap, and says what is usual', () => {
    const known = came([0, 2 * DAY], 20);
    expect(judge(known, known.lastAt + 9 * HOUR)).toEqual({ usualMs: 20 * MINUTE, silent: true });
    expect(noticedAfter(known)).toBe(110 * MINUTE);
  });

  it('is given half an hour however busy it is', () => {
    expect(noticedAfter(came([0, 2 * DAY], 1))).toBe(30 * MINUTE);
  });
});

describe('a source that works by day', () => {
  it('may rest at night and over its first weekend', () => {
    // From Monday, 08:00 to Friday, 19:00.
    const known = came([0, 5 * DAY], 20, utc);
    expect(noticedAfter(known)).toBeGreaterThan(61 * HOUR);
  });

  it('is silent by day, once two weeks say what a day is like', () => {
    const known = came([0, 22 * DAY + 12 * HOUR], 20, utc);
    // Tuesday, 11:40, and then nothing. Ten events are missing at 15:00, leaving out an hour at either end.
    expect(noticedAfter(known)).toBe(5 * HOUR + 20 * MINUTE);
  });

  it('is not silent at any time while it does as it always did', () => {
    const all = came([0, 35 * DAY], 20, utc);
    for (let at = MONDAY + 2 * DAY; at < MONDAY + 35 * DAY; at += 17 * MINUTE) {
      const minutes = all.minutes.filter((minute) => minute * MINUTE <= at);
      const recent = minutes.filter((minute) => minute * MINUTE > at - 28 * DAY);
      const silent = judge({ minutes: recent, lastAt: (minutes.at(-1) ?? 0) * MINUTE }, at).silent;
      if (silent) throw new Error(`silent at ${new Date(at).toISOString()}`);
    }
  });

  it('is not silent because clocks were set forward or back', () => {
    const change = MONDAY + 21 * DAY;
    for (const [before, after] of [[1, 2] as const, [2, 1] as const]) {
      const all = came(
        [0, 28 * DAY],
        5,
        office((at) => (at.getTime() < change ? before : after)),
      );
      for (let at = change; at < change + 5 * DAY; at += 7 * MINUTE) {
        const minutes = all.minutes.filter((minute) => minute * MINUTE <= at);
        const silent = judge({ minutes, lastAt: (minutes.at(-1) ?? 0) * MINUTE }, at).silent;
        if (silent) throw new Error(`silent at ${new Date(at).toISOString()}`);
      }
    }
  });
});

it.each([
  ['nothing', came([0, 0], 1)],
  ['less than a day', came([0, 23 * HOUR], 20)],
  ['too few events', came([0, 10 * DAY], 1_000)],
])('%s says nothing', (_, known) => {
  expect(judge(known, MONDAY + 20 * DAY)).toEqual({ usualMs: null, silent: false });
});

describe('the watch', () => {
  const heard = (at: number, outcome: WebhookFacts['outcome'], source = 'alo'): WebhookFacts => ({
    ...{
      at,
      outcome,
      source,
      ms: 1,
      code: null,
      eventSeq: null,
      topic: null,
      subject: null,
      title: null,
      deliveries: 0,
    },
  });
  const known = came([0, 2 * DAY], 20);

  function watching(arrivals = async () => [{ source: 'alo', ...known }]) {
    const clock = new ManualClock(known.lastAt + 9 * HOUR);
    return { clock, watch: new SourceWatch({ journal: { arrivals }, sources: () => ['alo', 'github'], clock }) };
  }

  it('judges every configured source', async () => {
    const { watch } = watching();
    expect(await watch.view()).toEqual([
      { source: 'alo', lastAt: known.lastAt, usualMs: 20 * MINUTE, silent: true },
      { source: 'github', lastAt: null, usualMs: null, silent: false },
    ]);
  });

  it('hears at once, but not what was refused', async () => {
    const { watch, clock } = watching();
    watch.webhook(heard(clock.now(), 'refused'));
    expect((await watch.view())[0]).toMatchObject({ silent: true });
    watch.webhook(heard(clock.now(), 'duplicate'));
    expect((await watch.view())[0]).toMatchObject({ silent: false, lastAt: clock.now() });
  });

  it('keeps what it knew while the journal is away', async () => {
    let away = false;
    const { watch, clock } = watching(async () => {
      if (away) throw new Error('away');
      return [{ source: 'alo', ...known }];
    });
    await watch.view();
    away = true;
    await clock.advance(10 * MINUTE);
    expect((await watch.view())[0]).toMatchObject({ silent: true });
  });
});
