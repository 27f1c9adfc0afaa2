import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readDocument } from '../../src/language/document.ts';
import { check, object } from '../../src/language/schema.ts';
import { LONGEST_QUIET_MS, needsRecipient, quietHoursSchema, quietUntil } from '../../src/routing/quiet-hours.ts';
import { isTimeZone, stretchAt } from '../../src/routing/wall-time.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const DAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const;

function checked(yaml: string) {
  return check(object({ quiet_hours: quietHoursSchema }), readDocument(`quiet_hours: ${yaml}`, 'relay.yaml'));
}

/** The windows of one name; a problem fails the test. */
function read(windows: string) {
  const result = checked(`{ q: ${windows} }`);
  if (!result.ok) throw new Error(JSON.stringify(result.problems));
  return result.value.quiet_hours.q ?? [];
}

function problems(yaml: string): string[] {
  const result = checked(yaml);
  return result.ok ? [] : result.problems.map(({ message }) => message);
}

describe('what is written', () => {
  it('is a window or a list, every day by default', () => {
    const night = '{ timezone: recipient, from: 19:00, to: "08:30" }';
    const day = '{ timezone: UTC, days: [sat], from: "00:00", to: "24:00" }';
    const expected = {
      timezone: 'recipient',
      days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'],
      fromMs: 19 * 60 * MINUTE,
      toMs: DAY + 8.5 * 60 * MINUTE,
    };
    expect(read(night)).toEqual([expected]);
    expect(read(`[${night}, ${day}]`)).toEqual([expected, { timezone: 'UTC', days: ['sat'], fromMs: 0, toMs: DAY }]);
    expect(needsRecipient(read(`[${day}, ${night}]`))).toBe(true);
    expect(needsRecipient(read(day))).toBe(false);
  });

  const zone = (help = '') =>
    `quiet_hours.q.timezone: ${help}A time zone is the name of a place, such as Europe/Paris, or UTC, or the word recipient (where the reader of a DM is).`;
  const days = 'A day is one of mon, tue, wed, thu, fri, sat, sun.';
  const from = 'quiet_hours.q.from: A time of day is needed as HH:MM, in quotes, from "00:00" to "23:59".';
  const to = 'quiet_hours.q.to: A time of day is needed as HH:MM, in quotes, from "00:00" to "24:00".';
  it.each([
    ['{ timezone: Europe/Pariss, from: "19:00", to: "08:00" }', [zone('Did you mean "Europe/Paris"? ')]],
    ['{ timezone: New York, from: "19:00", to: "08:00" }', [zone('Did you mean "America/New_York"? ')]],
    ['{ timezone: recipent, from: "19:00", to: "08:00" }', [zone('Did you mean "recipient"? ')]],
    ['{ timezone: utc, from: "19:00", to: "08:00" }', [zone('Did you mean "UTC"? ')]],
    ['{ timezone: "+02:00", from: "19:00", to: "08:00" }', [zone('An offset from UTC ignores summer time. ')]],
    [
      '{ timezone: BST, from: "19:00", to: "08:00" }',
      [zone('Abbreviations are ambiguous: did you mean "Europe/London"? ')],
    ],
    ['{ timezone: 1, from: "19:00", to: "08:00" }', [zone()]],
    ['{ timezone: UTC, from: 1900, to: 8 }', [from, to]],
    ['{ timezone: UTC, from: 24:00, to: 24:01 }', [from, to]],
    ['{ timezone: UTC, from: 7:00, to: 07:60 }', [from, to]],
    ['{ timezone: UTC, days: [monday], from: 19:00, to: 20:00 }', [`quiet_hours.q.days[0]: ${days}`]],
    ['{ timezone: UTC, days: mon, from: 19:00, to: 20:00 }', [`quiet_hours.q.days: A list of days is needed. ${days}`]],
    [
      '{ timezone: UTC, days: [], from: 19:00, to: 20:00 }',
      ['quiet_hours.q.days: At least one day is needed; without the list, it is every day.'],
    ],
    ['{ timezone: UTC, from: 19:00 }', ['quiet_hours.q.to is missing.']],
    ['{ timezone: UTC, from: 19:00, to: 20:00, zone: UTC }', ['Unknown key "zone" in quiet_hours.q.']],
    ['[{ timezone: UTC, from: 8, to: "09:00" }]', [from.replace('q.', 'q[0].')]],
    ['[]', ['quiet_hours.q: At least one window is needed.']],
    [
      'nights',
      [
        'quiet_hours.q: A window is needed, such as { timezone: Europe/Paris, from: "19:00", to: "08:00" }, or a list of them.',
      ],
    ],
  ])('refuses %s', (windows, expected) => {
    expect(problems(`{ q: ${windows} }`)).toEqual(expected);
  });

  it('refuses what has no names', () => {
    expect(problems('[]')).toEqual(['quiet_hours: Names are needed here, each with a window or a list of windows.']);
  });
});

/** `Europe/Paris 19:00 08:00 sat,sun & …` as windows. */
function windowsOf(short: string) {
  const written = short.split(' & ').map((one) => {
    const [timezone, from, to, days] = one.split(' ');
    return { timezone, from, to, ...(days !== undefined && { days: days.split(',') }) };
  });
  return read(JSON.stringify(written));
}

const NIGHTS = 'Europe/Paris 19:00 08:00 mon,tue,wed,thu,fri';
const WEEKEND = 'Europe/Paris 00:00 24:00 sat,sun';

/** Clocks are moved in 2026: Paris 29 Mar and 25 Oct, New York 8 Mar and 1 Nov, Lord Howe (by 30 min) 5 Apr and 4 Oct. */
describe('quietUntil', () => {
  it.each([
    ['before the window', NIGHTS, '2026-01-13T18:59:59.999+01:00', null],
    ['as it begins', NIGHTS, '2026-01-13T19:00:00+01:00', '2026-01-14T08:00+01:00'],
    ['after midnight', NIGHTS, '2026-01-14T07:59:59.999+01:00', '2026-01-14T08:00+01:00'],
    ['as it ends', NIGHTS, '2026-01-14T08:00:00+01:00', null],
    ["Friday's, on Saturday", NIGHTS, '2026-01-17T03:00:00+01:00', '2026-01-17T08:00+01:00'],
    ['Saturday evening', NIGHTS, '2026-01-17T20:00:00+01:00', null],
    ["Sunday's would be, on Monday", NIGHTS, '2026-01-19T07:00:00+01:00', null],
    ['a night and the week end', `${NIGHTS} & ${WEEKEND}`, '2026-03-27T20:00+01:00', '2026-03-30T00:00+02:00'],
    ['the other way round', `${WEEKEND} & ${NIGHTS}`, '2026-03-27T20:00+01:00', '2026-03-30T00:00+02:00'],
    ['a short night', 'Europe/Paris 19:00 08:00', '2026-03-28T20:00+01:00', '2026-03-29T08:00+02:00'],
    ['a long night', 'Europe/Paris 19:00 08:00', '2026-10-24T20:00+02:00', '2026-10-25T08:00+01:00'],
    ['into a skipped hour', 'Europe/Paris 01:30 02:30', '2026-03-29T01:45+01:00', '2026-03-29T03:00+02:00'],
    ['all in a skipped hour', 'Europe/Paris 02:15 02:45', '2026-03-29T03:00+02:00', null],
    ['an hour, first', 'Europe/Paris 02:15 02:45', '2026-10-25T02:20+02:00', '2026-10-25T02:45+02:00'],
    ['an hour, between', 'Europe/Paris 02:15 02:45', '2026-10-25T02:10+01:00', null],
    ['an hour, again', 'Europe/Paris 02:15 02:45', '2026-10-25T02:20+01:00', '2026-10-25T02:45+01:00'],
    ['an hour, both', 'Europe/Paris 02:00 03:00', '2026-10-25T02:20+02:00', '2026-10-25T03:00+01:00'],
    ['New York, spring', 'America/New_York 22:00 08:00', '2026-03-07T22:00-05:00', '2026-03-08T08:00-04:00'],
    ['New York, autumn', 'America/New_York 22:00 08:00', '2026-10-31T22:00-04:00', '2026-11-01T08:00-05:00'],
    ['Kolkata', 'Asia/Kolkata 21:00 06:30', '2026-03-29T22:00+05:30', '2026-03-30T06:30+05:30'],
    ['Lord Howe, again', 'Australia/Lord_Howe 01:30 02:00', '2026-04-05T01:40+11:00', '2026-04-05T02:00+10:30'],
    ['Lord Howe, skipped', 'Australia/Lord_Howe 01:45 02:15', '2026-10-04T01:50+10:30', '2026-10-04T02:30+11:00'],
    ['Apia', 'Pacific/Apia 00:00 24:00 sat,sun', '2026-10-02T10:59Z', null],
    ['Apia', 'Pacific/Apia 00:00 24:00 sat,sun', '2026-10-02T11:00Z', '2026-10-05T00:00+13:00'],
    ['Apia without 30 Dec 2011', 'Pacific/Apia 20:00 08:00', '2011-12-29T21:00-10:00', '2011-12-31T08:00+14:00'],
    ['from = to: a day from then on', 'UTC 09:00 09:00 wed', '2026-01-14T09:00Z', '2026-01-15T09:00Z'],
    ['to 00:00 is to 24:00', 'UTC 09:00 00:00 wed', '2026-01-14T09:00Z', '2026-01-15T00:00Z'],
    [
      'zones that touch',
      'America/New_York 18:00 08:00 & Europe/Paris 19:00 24:00',
      '2026-07-01T19:00+02:00',
      '2026-07-02T08:00-04:00',
    ],
    ['before 1970', 'UTC 19:00 08:00', '1969-12-31T23:59Z', '1970-01-01T08:00Z'],
  ])('%s: %s at %s → %s', (_, windows, now, until) => {
    expect(iso(quietUntil(windowsOf(windows), Date.parse(now), null))).toBe(iso(until));
  });

  it.each([
    ['America/New_York', '2026-07-02T08:00-04:00'],
    ['Pacific/Honolulu', null],
    [null, null],
    ['Nowhere/Land', null],
    ['recipient', null],
  ])("the recipient's zone %s: %s", (zone, until) => {
    const windows = windowsOf('recipient 19:00 08:00');
    const now = Date.parse('2026-07-01T20:00-04:00');
    expect(iso(quietUntil(windows, now, zone))).toBe(iso(until));
  });

  it('looks 14 days ahead', () => {
    const now = Date.parse('2026-03-20T12:34:56.789Z');
    expect(quietUntil(windowsOf('Europe/Paris 00:00 24:00'), now, null)).toBe(now + LONGEST_QUIET_MS);
    expect(quietUntil([], now, null)).toBeNull();
  });
});

/** Instants as text, because a difference is easier to read so. */
function iso(at: number | string | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

/** Some move their clocks at midnight (Santiago), by two hours (Troll), twice within 35 days (Casablanca), or never. */
const ZONES =
  `Europe/Paris America/New_York America/Santiago America/Havana America/St_Johns Africa/Casablanca Africa/Cairo
  Antarctica/Troll Asia/Kolkata Asia/Kathmandu Atlantic/Azores Australia/Lord_Howe Pacific/Apia Pacific/Chatham
  Pacific/Kiritimati UTC`.split(/\s+/);

/** When clocks are moved in some of them, and a day that Apia left out. */
const MOVES = [
  '2026-02-15T02:00Z',
  '2026-03-08T07:00Z',
  '2026-03-29T01:00Z',
  '2026-04-04T15:00Z',
  '2026-04-23T22:00Z',
  '2026-09-06T04:00Z',
  '2026-10-03T15:30Z',
  '2026-10-25T01:00Z',
  '2026-11-01T06:00Z',
  '2011-12-30T10:00Z',
].map((at) => Date.parse(at));

interface Written {
  readonly timezone: string;
  readonly days: readonly string[];
  readonly from: string;
  readonly to: string;
}

const clock = (minutes: number) =>
  `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
const time = fc.oneof(
  fc.integer({ min: 0, max: 47 }).map((halves) => clock(halves * 30)),
  fc.integer({ min: 0, max: 1439 }).map(clock),
);
const anyWindow: fc.Arbitrary<Written> = fc.record({
  timezone: fc.constantFrom(...ZONES, 'recipient'),
  days: fc.oneof(fc.constant(DAYS), fc.subarray([...DAYS], { minLength: 1 })),
  from: time,
  to: fc.oneof(time, fc.constant('24:00')),
});
const anyInstant = fc
  .oneof(
    { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...MOVES), fc.integer({ min: -2 * DAY, max: 2 * DAY })) },
    { weight: 1, arbitrary: fc.tuple(fc.constant(Date.parse('2026-01-01')), fc.integer({ min: 0, max: 365 * DAY })) },
  )
  .map(([base, off]) => base + off);

interface Wall {
  readonly day: number;
  readonly time: string;
}
const walls = new Map<string, (at: number) => Wall>();

/** Asks `Intl` for the wall's own words, which the code under test does not. */
function wallOf(zone: string): (at: number) => Wall {
  const options = { timeZone: zone, weekday: 'short', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const formatter = new Intl.DateTimeFormat('en-GB', options);
  const known = new Map<number, Wall>();
  return (at) => {
    let wall = known.get(at);
    if (wall === undefined) {
      const shown = formatter.format(at).toLowerCase();
      wall = { day: DAYS.findIndex((name) => shown.startsWith(name)), time: shown.slice(-'00:00'.length) };
      known.set(at, wall);
    }
    return wall;
  };
}

/** The contract, word by word: times of day compare as text. */
function isQuiet(windows: readonly Written[], at: number, recipient: string | null): boolean {
  return windows.some(({ timezone, days, from, to }) => {
    const zone = timezone === 'recipient' ? recipient : timezone;
    if (zone === null || zone === 'Nowhere/Land') return false;
    const wall = walls.get(zone) ?? wallOf(zone);
    walls.set(zone, wall);
    const { day, time: shown } = wall(at);
    const today = days.includes(DAYS[day] ?? '');
    const yesterday = days.includes(DAYS[(day + 6) % 7] ?? '');
    if (to > from) return today && shown >= from && shown < to;
    return (today && shown >= from) || (yesterday && shown < to);
  });
}

/** Minute by minute: offsets and times of day are whole minutes. */
function slowQuietUntil(windows: readonly Written[], now: number, recipient: string | null): number | null {
  let at = Math.floor(now / MINUTE) * MINUTE;
  if (!isQuiet(windows, at, recipient)) return null;
  while (isQuiet(windows, at, recipient) && at < now + LONGEST_QUIET_MS) at += MINUTE;
  return Math.min(at, now + LONGEST_QUIET_MS);
}

describe('against the slow way', () => {
  it('is the first instant that is not quiet', () => {
    fc.assert(
      fc.property(
        fc.array(anyWindow, { minLength: 1, maxLength: 3 }),
        anyInstant,
        fc.constantFrom(null, 'Nowhere/Land', ...ZONES),
        (written, now, recipient) => {
          const windows = read(JSON.stringify(written));
          const until = quietUntil(windows, now, recipient);
          expect(iso(until)).toBe(iso(slowQuietUntil(written, now, recipient)));
          if (until === null) return;
          expect(until).toBeGreaterThan(now);
          expect(quietUntil(windows, until - 1, recipient)).not.toBeNull();
          if (until < now + LONGEST_QUIET_MS) expect(quietUntil(windows, until, recipient)).toBeNull();
        },
      ),
      { numRuns: 250 },
    );
  });

  it('offsets are what the wall shows, in every zone', () => {
    const zones = Intl.supportedValuesOf('timeZone').filter(isTimeZone);
    expect(zones.length).toBeGreaterThan(400);
    const anyTime = fc.oneof(anyInstant, fc.integer({ min: Date.parse('1900-01-01'), max: Date.parse('2060-01-01') }));
    fc.assert(
      fc.property(fc.constantFrom(...zones), anyTime, (zone, at) => {
        const stretch = stretchAt(zone, at);
        if (stretch === null) throw new Error(`${zone} is not known`);
        expect(at).toBeGreaterThanOrEqual(stretch.from);
        expect(at).toBeLessThan(stretch.until);
        for (const instant of [stretch.from, at, stretch.until - 1]) {
          expect(stretch.offsetMs).toBe(slowOffset(zone, instant));
        }
      }),
      { numRuns: 2000 },
    );
  });
});

const fullFormatters = new Map<string, Intl.DateTimeFormat>();

function slowOffset(zone: string, at: number): number {
  const options = { timeZone: zone, dateStyle: 'short', timeStyle: 'medium' } as const;
  const formatter = fullFormatters.get(zone) ?? new Intl.DateTimeFormat('sv-SE', options);
  fullFormatters.set(zone, formatter);
  return Date.parse(`${formatter.format(at).replace(' ', 'T')}Z`) - Math.floor(at / 1000) * 1000;
}
