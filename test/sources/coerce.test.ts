import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { key, label, text } from '../../src/sources/coerce.ts';
import { dueDate, instant, occurredBy } from '../../src/sources/instant.ts';
import { people, person } from '../../src/sources/person.ts';

const pad = (value: unknown, length = 2) => String(value).padStart(length, '0');

describe('instant', () => {
  it.each<[unknown, string | null]>([
    ['2025-03-15T14:30:45.123456Z', '2025-03-15T14:30:45.123456Z'],
    ['2025-03-15T14:30:45+01:00', '2025-03-15T14:30:45+01:00'],
    ['2025-03-15T14:30', '2025-03-15T14:30Z'],
    ['2025-03-15 14:30:45', '2025-03-15T14:30:45Z'],
    ['2025-03-15', '2025-03-15'],
    ['2025-13-45', null],
    ['yesterday', null],
    ['March 5', null],
    [1742029200, '2025-03-15T09:00:00.000Z'],
    ['1742029200', '2025-03-15T09:00:00.000Z'],
    [1742029200123, '2025-03-15T09:00:00.123Z'],
    [1742029200123456, '2025-03-15T09:00:00.123Z'],
    [1742029200123456789n, '2025-03-15T09:00:00.123Z'],
    ['1742029200123456789', '2025-03-15T09:00:00.123Z'],
    ['1742029200.123456', '2025-03-15T09:00:00.123Z'],
    ['2025-03-15T14:30:45,5+0130', '2025-03-15T14:30:45.5+01:30'],
    ['2025-03-15t14:30:45z', '2025-03-15T14:30:45Z'],
    ['2026-03-02 09:00:00 UTC', '2026-03-02T09:00:00Z'],
    ['9999-12-31', '9999-12-31'],
    ['0001-01-01T00:00:00Z', null],
    ['0000-00-00 00:00:00', null],
    ['2026-02-30', null],
    ['2026-02-29T10:00:00Z', null],
    ['2028-02-29', '2028-02-29'],
    ['2026-04-31T10:00:00+02:00', null],
    ['2026-03-02T25:00:00Z', null],
    ['2026-03-02T10:61Z', null],
    ['2026-03-02T10:00:00+99:00', null],
    ['+058134-01-01T00:00:00Z', null],
    [1e20, null],
    [10n ** 30n, null],
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [5, null],
    [-1, null],
    [Number.POSITIVE_INFINITY, null],
    [1e300, null],
    [true, null],
    [{}, null],
  ])('%o: %s', (value, expected) => {
    expect(instant(value)).toBe(expected);
  });

  it('a due date may be words', () => {
    expect(dueDate('end of week')).toBe('end of week');
    expect(dueDate(1742029200)).toBe('2025-03-15T09:00:00.000Z');
    expect(dueDate(null)).toBeNull();
    for (const never of ['0001-01-01T00:00:00Z', '2026-02-30', '2026-03-02T25:00Z', 0, 1e300, '12']) {
      expect([never, dueDate(never)]).toEqual([never, null]);
    }
  });

  it('an event happened when it came in, where it says that it is yet to happen', () => {
    const now = Date.parse('2026-03-02T09:00:00Z');
    const occurred = occurredBy(now);
    expect(occurred('2026-03-02T09:05:00Z')).toBe('2026-03-02T09:05:00Z');
    for (const later of ['2026-03-02T09:05:01Z', '9999-12-31', 9e10, '2026-03-02T09:00:00-01:00']) {
      expect(occurred(later)).toBe('2026-03-02T09:00:00.000Z');
    }
    expect(occurred('0001-01-01T00:00:00Z')).toBeNull();
  });

  it('whatever the value: null, or a time within bounds that reads as the same again', () => {
    const written = fc
      .tuple(
        ...[12000, 20, 40, 30, 70, 70].map((max) => fc.nat({ max })),
        fc.constantFrom('Z', '', '+01', '-2330', '+30:00'),
      )
      .map(([y, mo, d, h, mi, s, zone]) => `${pad(y, 4)}-${pad(mo)}-${pad(d)}T${pad(h)}:${pad(mi)}:${pad(s)}${zone}`);
    const values = fc.oneof(
      written,
      written.map((text) => text.slice(0, 10)),
      fc.anything({ withBigInt: true, withDate: true }),
      fc.double(),
      fc.bigInt({ min: 0n, max: 10n ** 21n }),
      fc.bigInt({ min: 0n, max: 10n ** 21n }).map(String),
    );
    const now = Date.parse('2026-03-02T09:00:00Z');
    fc.assert(
      fc.property(values, (value) => {
        const found = instant(value);
        if (found === null) return;
        const ms = Date.parse(found);
        expect(ms).toBeGreaterThan(Date.parse('0001-12-31T00:00Z'));
        expect(ms).toBeLessThan(Date.parse('+010000-01-02T00:00Z'));
        expect(instant(found)).toBe(found);
        const day = found.slice(0, 10);
        expect(new Date(`${day}T00:00Z`).toISOString().slice(0, 10)).toBe(day);
        expect(Date.parse(occurredBy(now)(value) ?? '')).toBeLessThanOrEqual(now + 5 * 60_000);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('person', () => {
  const nobody = { id: null, name: null, email: null, kind: null };
  it.each<[unknown, object | null]>([
    ['u-1', { id: 'u-1' }],
    [17, { id: '17' }],
    ['a@example.com', { email: 'a@example.com' }],
    ['Maria Santos', { name: 'Maria Santos' }],
    ['+33 1 99 00', { id: '+33 1 99 00' }],
    [
      { id: 1, full_name: 'A B', email: 'a@example.com', type: 'agent' },
      { id: '1', name: 'A B', email: 'a@example.com', kind: 'agent' },
    ],
    [
      { user_id: 'u', first_name: 'A', last_name: 'B' },
      { id: 'u', name: 'A B' },
    ],
    [{ name: 'A B', last_name: 'B' }, { name: 'A B' }],
    [{ last_name: 'B' }, { name: 'B' }],
    [
      { id: 'b', is_bot: true, type: 'app' },
      { id: 'b', kind: 'bot' },
    ],
    [{ type: 'member', user: { id: 'u' } }, { id: 'u' }],
    [{ id: {}, name: [], email: false }, null],
    [{}, null],
    [[], null],
    [null, null],
    ['', null],
    [true, null],
  ])('%j', (value, expected) => {
    expect(person(value)).toEqual(expected === null ? null : { ...nobody, ...expected });
  });

  it('is read from what an object holds itself', () => {
    expect(person(Object.create({ id: 'inherited', user: { id: 'inherited' } }))).toBeNull();
  });

  it('people: a list, one, none', () => {
    expect(people(['a', null, { id: 'b' }])?.map(({ id }) => id)).toEqual(['a', 'b']);
    expect(people('a')).toHaveLength(1);
    expect(people([])).toEqual([]);
    expect(people([null, {}])).toBeNull();
    expect(people({ added: [] })).toBeNull();
  });
});

describe('text', () => {
  it.each<[unknown, string | null]>([
    ['a', 'a'],
    [' a\n', ' a\n'],
    [1.5, '1.5'],
    [Number.NaN, null],
    ['\0 ', null],
    [true, null],
    [['a'], null],
  ])('%j: %j', (value, expected) => {
    expect(text(value)).toBe(expected);
  });

  it('a label may be an object', () => {
    expect(label({ id: 3, label: 'High' })).toBe('High');
    expect(label({ from: 'Open', to: 'Done' })).toBe('Done');
    expect(label({ id: 3 })).toBeNull();
  });

  it('a key cut in the middle of a character is still well formed', () => {
    const long = key(`${'x'.repeat(166)}👍${'y'.repeat(100)}`) ?? '';
    expect(long).toHaveLength(200);
    expect(long.isWellFormed()).toBe(true);
  });
});
