import { describe, expect, it } from 'vitest';
import { key, label, text } from '../../src/sources/coerce.ts';
import { dueDate, instant } from '../../src/sources/instant.ts';
import { people, person } from '../../src/sources/person.ts';

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
    [new Date(0), '1970-01-01T00:00:00.000Z'],
    [5, null],
    [-1, null],
    [Number.POSITIVE_INFINITY, null],
    [1e300, null],
    [true, null],
    [{}, null],
  ])('%j: %s', (value, expected) => {
    expect(instant(value)).toBe(expected);
  });

  it('a due date may be words', () => {
    expect(dueDate('end of week')).toBe('end of week');
    expect(dueDate(1742029200)).toBe('2025-03-15T09:00:00.000Z');
    expect(dueDate(null)).toBeNull();
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
