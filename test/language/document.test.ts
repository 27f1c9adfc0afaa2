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
