import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseBody } from '../../src/core/body.ts';
import { parseJson, writeJson } from '../../src/core/json.ts';

describe('JSON with the digits of its numbers', () => {
  it.each<[string, unknown]>([
    ['9007199254740991', 9007199254740991],
    ['9007199254740992', 9007199254740992n],
    ['9007199254740993', 9007199254740993n],
    ['-9007199254740993', -9007199254740993n],
    ['1524831183200260097', 1524831183200260097n],
    ['170141183460469231731687303715884105727', 170141183460469231731687303715884105727n],
    [`-${'1'.repeat(40)}`, BigInt(`-${'1'.repeat(40)}`)],
    ['1'.repeat(41), '1'.repeat(41)],
    [`-${'1'.repeat(41)}`, `-${'1'.repeat(41)}`],
    ['1e20', 1e20],
    ['12345678901234567890.5', 12345678901234567000],
    ['1e400', '1e400'],
    ['-1e400', '-1e400'],
    ['-0', -0],
    ['1.0', 1],
    ['"1524831183200260097"', '1524831183200260097'],
  ])('%s is read', (text, value) => {
    expect(parseJson(text)).toEqual(value);
    expect(parseJson(`{"a":[${text}]}`)).toEqual({ a: [value] });
  });

  it('takes the last of two keys, and __proto__ as a key', () => {
    const value = parseJson('{"__proto__":{"id":1524831183200260097},"a":1524831183200260097,"a":1524831183200260098}');
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
    expect(writeJson(value)).toBe('{"__proto__":{"id":1524831183200260097},"a":1524831183200260098}');
  });

  it('nests as deep as is allowed, with such a number or without', () => {
    const nested = (levels: number, inner: string) => '['.repeat(levels) + inner + ']'.repeat(levels);
    for (const inner of ['1', '1524831183200260097']) {
      expect(writeJson(parseJson(nested(256, inner), 256))).toBe(nested(256, inner));
      expect(() => parseJson(nested(257, inner), 256)).toThrow(RangeError);
      expect(parseBody(nested(100_000, inner))).toBe(nested(100_000, inner));
    }
  });

  it('is written as it was read, whatever the integers are', () => {
    const integers = fc.bigInt({ min: -(10n ** 39n), max: 10n ** 39n }).map((value) => ({ text: String(value) }));
    fc.assert(
      fc.property(fc.array(integers), (list) => {
        const text = `[${list.map((one) => one.text).join(',')}]`;
        expect(writeJson(parseJson(text))).toBe(text);
      }),
    );
  });

  it('is written with spaces, and null where there is nothing to write', () => {
    expect(writeJson({ a: 1n }, 2)).toBe('{\n  "a": 1\n}');
    expect(writeJson({ a: 1 }, 2)).toBe('{\n  "a": 1\n}');
    expect(writeJson(undefined)).toBe('null');
  });
});
