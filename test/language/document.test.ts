import { describe, expect, it } from 'vitest';
import { readDocument } from '../../src/language/document.ts';
import { closest } from '../../src/language/schema.ts';

const YAML = `a: plain text
b: "quoted text"
c:
  - first
  - { key: value }
d: |
  line one
  line two
e: >
  folded
  text
`;

describe('readDocument', () => {
  const document = readDocument(YAML, 'x.yaml');
  const at = ({ line, column }: { line: number; column: number }) => `${line}:${column}`;

  it('knows where every value and key is', () => {
    expect(at(document.place(['a']))).toBe('1:4');
    expect(at(document.place(['c', 1, 'key']))).toBe('5:12');
    expect(at(document.placeOfKey(['c', 1, 'key']))).toBe('5:7');
    expect(at(document.place(['c', 7, 'nothing']))).toBe('4:3');
    expect(at(document.place([]))).toBe('1:1');
  });

  it('takes index 0 of a single value for the value', () => {
    expect(at(document.place(['a', 0]))).toBe('1:4');
  });

  it.each([
    [['a'], 6, '1:10'],
    [['b'], 7, '2:12'],
    [['d'], 0, '7:3'],
    [['d'], 14, '8:8'],
    [['e'], 8, '9:4'],
  ])('knows where character %j %i is', (path, offset, expected) => {
    expect(at(document.placeWithin(path, offset))).toBe(expected);
  });
});

describe('a # that begins a comment', () => {
  const said = (text: string) =>
    readDocument(text, 'x.yaml').problems.map(({ line, column, code }) => `${line}:${column} ${code}`);

  it.each([
    ['where a value was meant', 'a: #b\nc: { d: #e, f: g }\nh: [i, #j]\n', ['1:4', '2:9', '3:8']],
    ['in a list', 'a:\n  - #b\n  - c\n', ['2:5']],
    ['one in the line of another', 'a: { b: #c, d: #e }\nf: g\n', ['1:9', '1:16']],
    ['with Liquid', 'a: { b: #c-{{ d | e: 1, 2 }}, f: g }\n', ['1:9']],
  ])('%s', (_, text, places) => {
    expect(new Set(said(text))).toEqual(new Set(places.map((place) => `${place} comment-as-a-value`)));
  });

  it.each(['a: b c #d\n', 'a: b #{{ c }}\n', 'a: "#{{ b }}" #c\nd: e f #g\n'])('cuts a text short: %j', (text) => {
    expect(said(text)).toMatchObject([expect.stringContaining('comment-in-a-value')]);
  });

  it.each([
    'a: # b\n  c: d\n',
    'a: #b\n  c: d\n',
    'a: b #c\n',
    'a: |\n  b #c\n  #d\n',
    'a: "b #c"\n',
    "a: { b: 'c' } #d\n",
    'a: http://b/#c\n',
    'a: [\n  #b\n  c ]\n',
    '#!b\na: 1 #c\n',
  ])('is one: %j', (text) => {
    expect(said(text)).toEqual([]);
  });

  it('and what was meant is read', () => {
    expect(readDocument('a: { b: #c-{{ d }}, e: f }\ng: #h i\n', 'x.yaml').value).toEqual({
      a: { b: '#c-{{ d }}', e: 'f' },
      g: '#h i',
    });
  });
});

describe('closest', () => {
  it.each([
    ['tokn', 'token'],
    ['TOKEN', 'token'],
    ['zebra', null],
    ['x', null],
  ])('%s: %s', (word, expected) => {
    expect(closest(word, ['token', 'api_url'])).toBe(expected);
  });
});
