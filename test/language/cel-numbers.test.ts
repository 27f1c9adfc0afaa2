import { Environment } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExpression, type Evaluation } from '../../src/language/expression.ts';

const payload = {
  n: 3,
  two: 2,
  half: 1.5,
  zero: 0,
  list: ['a', 'b', 'c', 'd'],
  numbers: [1, 2, 3],
  id: 1524831183200260097n,
  text: 'abcd',
  seconds: 1_700_000_000,
};

function evaluate(source: string, values: Readonly<Record<string, unknown>> = payload): Evaluation {
  const compiled = compileExpression(source, { vocabulary: 'payload' });
  if (!compiled.ok) throw new Error(compiled.error.message);
  return compiled.expression.evaluate({ payload: values });
}

describe('numbers of JSON', () => {
  it.each<[string, unknown]>([
    ['payload.n == 3', true],
    ['payload.n == 3.0', true],
    ['payload.n % 2 == 1', true],
    ['payload.n + 1 == 4', true],
    ['1 + payload.n', 4],
    ['payload.n - 4', -1],
    ['payload.n * 2', 6],
    ['-payload.n', -3],
    // A whole number divides as its neighbour does.
    ['payload.n / 2', 1],
    ['payload.n / 2.0', 1.5],
    ['payload.n / payload.two', 1.5],
    ['payload.half / 2', 0.75],
    ['payload.half + 1', 2.5],
    ['payload.n * 1.5', 4.5],
    ['payload.n % payload.two', 1],
    ['size(payload.list) > payload.n', true],
    ['size(payload.list) * 1.5', 6],
    ['size(payload.list) == 4.0', true],
    ['payload.n in [1, 2, 3]', true],
    ['payload.n in [1, 2]', false],
    ['2 in payload.numbers', true],
    ['[1, 2] == [payload.n - 2, 2]', true],
    ['payload.list[payload.n]', 'd'],
    ['payload.list[payload.n - 1]', 'c'],
    ['payload.text.substring(payload.zero, payload.n)', 'abc'],
    ['payload.text.indexOf("c", payload.two)', 2],
    ['timestamp(payload.seconds).getFullYear()', 2023],
    // Between the parts of an expression nothing moves.
    ['payload.n - (payload.n - 1)', 1],
    ['10 / (4 / 2)', 5],
    ['-(payload.n + 1) * 2', -8],
  ])('%s', (source, value) => {
    expect(evaluate(source)).toEqual({ ok: true, value });
  });

  it('keep all their digits beyond 2^53', () => {
    expect(evaluate('payload.id == 1524831183200260097')).toMatchObject({ value: true });
    expect(evaluate('payload.id == 1524831183200260098')).toMatchObject({ value: false });
    expect(evaluate('payload.id + 1 == 1524831183200260098')).toMatchObject({ value: true });
    expect(evaluate('payload.id % 10')).toMatchObject({ value: 7 });
    expect(evaluate('payload.n < payload.id')).toMatchObject({ value: true });
  });

  it.each([
    ['payload.half % 2', '% takes whole numbers, and one of these has a fraction'],
    ['payload.n % payload.zero', 'modulo by zero'],
    ['9223372036854775807 + payload.n', 'integer overflow'],
    [
      'payload.text + payload.n',
      'a text + a number has no value: write string(…) around the number, or int(…) around the text',
    ],
    [
      'payload.text * 2',
      'a text * a number has no value: a number in quotes is a text; size(…) and int(…) make a number of one',
    ],
  ])('%s has no value, and says why', (source, reason) => {
    expect(evaluate(source)).toEqual({ ok: false, reason, exceeded: false });
  });

  it('compute what CEL computes with ints, where they are whole', () => {
    const environment = new Environment().registerVariable('a', 'int').registerVariable('b', 'int');
    const operator = fc.constantFrom('+', '-', '*', '/', '%', '<', '<=', '==', '!=', '>');
    const whole = fc.integer({ min: -1_000_000, max: 1_000_000 });
    fc.assert(
      fc.property(whole, operator, whole, (a, op, b) => {
        fc.pre(b !== 0 || (op !== '/' && op !== '%'));
        const expected: unknown = environment.evaluate(`a ${op} b`, { a: BigInt(a), b: BigInt(b) });
        const plain = typeof expected === 'bigint' ? Number(expected) : expected;
        for (const source of [`payload.a ${op} ${b < 0 ? `(${b})` : b}`, `${a} ${op} payload.b`]) {
          expect(evaluate(source, { a, b })).toEqual({ ok: true, value: plain });
        }
      }),
    );
  });
});
