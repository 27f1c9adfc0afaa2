import { Environment } from '@marcbachmann/cel-js';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { registerNumbers } from '../../src/language/cel-numbers.ts';
import { registerWork, withWork } from '../../src/language/cel-work.ts';
import { CEL_OPTIONS, compileExpression, type Evaluation } from '../../src/language/expression.ts';
import { WorkBudget, WorkLimitError } from '../../src/language/work.ts';

function compile(source: string) {
  const compiled = compileExpression(source, { vocabulary: 'payload' });
  if (!compiled.ok) throw new Error(`${source}: ${compiled.error.message}`);
  return compiled.expression;
}

function evaluate(source: string, payload: unknown, steps = 20_000): Evaluation {
  return compile(source).evaluate({ payload }, new WorkBudget(steps));
}

/** Counts the items that are read of it. */
function watched<T>(items: readonly T[], read: { count: number }): readonly T[] {
  return new Proxy(items, {
    get(target, key, receiver): unknown {
      if (typeof key === 'string' && /^\d+$/.test(key)) read.count += 1;
      return Reflect.get(target, key, receiver);
    },
  });
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index);
const names = (count: number) => numbers(count).map((index) => `name ${index}`);

/** Random conditions; a loop's variable is `x`, and of one inside it `xx`. */
const conditions: fc.Arbitrary<string> = fc.letrec<{ value: string; list: string; condition: string }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom(
      'payload.n',
      'payload.s',
      '3',
      '"b"',
      'payload.missing',
      'null',
      'payload.half',
      'size(payload.list)',
    ),
    fc
      .tuple(tie('value'), fc.constantFrom('+', '-', '*', '/', '%'), tie('value'))
      .map((parts) => `(${parts.join(' ')})`),
    tie('list').map((list) => `size(${list})`),
    tie('value').map((value) => `string(${value})`),
    tie('list').map((list) => `${list}.map(x, string(x)).join(payload.s)`),
    fc.tuple(tie('value'), tie('value')).map(([text, other]) => `${text}.indexOf(${other})`),
    fc.tuple(tie('condition'), tie('value'), tie('value')).map(([c, a, b]) => `(${c} ? dyn(${a}) : dyn(${b}))`),
  ),
  list: fc.oneof(
    { depthSize: 'small' },
    fc.constantFrom('payload.list', 'payload.names', '[1, 2, 3]', 'payload.map', 'payload.nested[1]'),
    fc.tuple(tie('list'), tie('list')).map(([a, b]) => `(${a} + ${b})`),
    tie('list').map((list) => `${list}.filter(x, x != "b")`),
    tie('list').map((list) => `${list}.map(x, [x])`),
    tie('value').map((text) => `${text}.split("")`),
  ),
  condition: fc.oneof(
    { depthSize: 'small' },
    fc
      .tuple(tie('value'), fc.constantFrom('==', '!=', '<', '>='), tie('value'))
      .map(([a, op, b]) => `dyn(${a}) ${op} dyn(${b})`),
    fc.tuple(tie('value'), tie('list')).map(([value, list]) => `(${value} in ${list})`),
    fc.tuple(tie('list'), tie('list')).map(([a, b]) => `(${a} == ${b})`),
    fc.tuple(tie('condition'), fc.constantFrom('&&', '||'), tie('condition')).map((parts) => `(${parts.join(' ')})`),
    tie('condition').map((condition) => `!(${condition})`),
    fc
      .tuple(tie('value'), fc.constantFrom('contains', 'startsWith', 'endsWith'), tie('value'))
      .map(([text, name, other]) => `${text}.${name}(${other})`),
    fc
      .tuple(
        tie('list'),
        fc.constantFrom('exists', 'all', 'exists_one'),
        fc.constantFrom('x == 1', '"name 1" == x', 'x in payload.names', 'payload.list.exists(xx, xx == x)'),
      )
      .map(([list, name, body]) => `${list}.${name}(x, ${body})`),
    fc.constant('has(payload.map.a)'),
    fc.constant('payload.?map.?zz.orValue(1) == 1'),
    fc.constant('cel.bind(y, payload.n, y == 3)'),
  ),
})).condition;

const scope = (length: number, read: { count: number }) => ({
  n: 3,
  half: 1.5,
  s: 'name b',
  list: watched(numbers(length), read),
  names: watched(names(length), read),
  nested: [[1], [1, 'b', null]],
  map: { a: 1, b: 'x' },
});

describe('an expression that pays for its work', () => {
  it('gives what it gives without', () => {
    const plain = registerNumbers(new Environment(CEL_OPTIONS)).registerVariable('payload', 'dyn');
    const read = { count: 0 };
    let values = 0;
    fc.assert(
      fc.property(conditions, fc.integer({ min: 0, max: 5 }), (source, length) => {
        const compiled = compileExpression(source, { vocabulary: 'payload' });
        fc.pre(compiled.ok);
        if (!compiled.ok) return;
        const payload = scope(length, read);
        const paid = compiled.expression.evaluate({ payload }, new WorkBudget(1e9));
        let expected: unknown;
        try {
          expected = plain.evaluate(source, { payload });
        } catch {
          // Paying lists are of no known type, so that some that hold several kinds have a value only here.
          return;
        }
        values += 1;
        expect(paid, source).toEqual({ ok: true, value: expected });
      }),
      { numRuns: 1_000, seed: 3 },
    );
    expect(values).toBeGreaterThan(200);
  });

  it('reads no more of the lists of an event than the budget pays for', () => {
    let ended = 0;
    fc.assert(
      fc.property(
        conditions,
        fc.integer({ min: 50, max: 500 }),
        fc.integer({ min: 10, max: 1_000 }),
        (source, length, steps) => {
          const compiled = compileExpression(source, { vocabulary: 'payload' });
          if (!compiled.ok) return;
          const read = { count: 0 };
          const payload = scope(length, read);
          const evaluation = compiled.expression.evaluate({ payload }, new WorkBudget(steps));
          if (!evaluation.ok && evaluation.exceeded) ended += 1;
          // A step is 20 values. One list is looked through before its first item is paid for.
          expect(read.count, source).toBeLessThanOrEqual(100 * steps + 20 * length);
        },
      ),
      { numRuns: 1_000, seed: 3 },
    );
    // Few conditions are that much work; with this seed there are some.
    expect(ended).toBeGreaterThan(10);
  });

  it.each([
    ['loops inside one another', 'payload.list.exists(x, payload.names.exists(y, y == x))'],
    ['a loop whose errors are swallowed', 'payload.list.all(x, payload.names.exists(y, y == x) || true)'],
    ['membership in a loop', 'payload.list.exists(x, x in payload.names)'],
    ['equality of lists in a loop', 'payload.list.all(x, payload.names == payload.copy)'],
    ['lists that grow', 'size((payload.list + payload.list).map(x, payload.list + payload.list)) > 1'],
    [
      'texts that grow',
      'cel.bind(a, payload.long + payload.long, cel.bind(b, a + a, cel.bind(c, b + b, size(c + c) > 1)))',
    ],
    ['a long text between many', 'payload.names.join(payload.long) == "x"'],
    ['a text searched for another', 'payload.long.lastIndexOf(payload.other) == 1'],
    ['a text read in a loop', 'payload.list.exists(x, payload.long.contains("q"))'],
    ['time zones in a loop', 'payload.list.map(x, timestamp("2026-01-01T00:00:00Z").getHours("Europe/Paris")) == []'],
  ])('ends: %s', (_, source) => {
    const read = { count: 0 };
    const long = 'a'.repeat(100_000);
    const list = watched(numbers(5_000), read);
    const payload = {
      list,
      names: watched(names(5_000), read),
      copy: watched(names(5_000), read),
      long,
      other: `b${long}`,
    };
    expect(evaluate(source, payload)).toEqual({
      ok: false,
      reason: 'it takes more than 20000 steps for this event',
      exceeded: true,
    });
    expect(read.count).toBeLessThan(50 * 20_000);
  });

  it('takes what a real event asks for', () => {
    const people = numbers(500).map((index) => ({ id: `u${index}`, name: `Name ${index}`, email: null, kind: null }));
    const payload = { people, text: 'word '.repeat(2_000), owner: 'u499' };
    expect(evaluate('payload.people.exists(p, p.id == payload.owner)', payload)).toEqual({ ok: true, value: true });
    expect(evaluate('payload.people.filter(p, p.name.startsWith("Name 1")).map(p, p.id).join(", ")', payload).ok).toBe(
      true,
    );
    expect(
      evaluate('payload.text.matches("(?i)urgent") || payload.text.lowerAscii().contains("word")', payload).ok,
    ).toBe(true);
  });

  it('pays for the parts of a text', () => {
    const source = 'size(payload.text.split("")) > 1';
    expect(evaluate(source, { text: 'a'.repeat(50_000) }, 2_000)).toMatchObject({ exceeded: true });
    expect(evaluate(source, { text: 'a'.repeat(50_000) }, 6_000)).toEqual({ ok: true, value: true });
  });

  it('pays from its own budget again after another evaluation inside it', () => {
    const environment = registerWork(new Environment(CEL_OPTIONS));
    const [outer, inner] = [new WorkBudget(2), new WorkBudget(100)];
    const evaluation = () => {
      withWork({ work: inner, patterns: [] }, () => environment.evaluate('_each([1, 2, 3], 1.0)'));
      environment.evaluate('_each([1, 2, 3], 1.0)');
    };
    expect(() => withWork({ work: outer, patterns: [] }, evaluation)).toThrow(WorkLimitError);
    expect(inner.exceeded).toBe(false);
  });

  it('shares a budget with what is evaluated after it', () => {
    const work = new WorkBudget(1_000);
    const expression = compile('payload.exists(x, x == -1)');
    const results = numbers(20).map(() => expression.evaluate({ payload: numbers(300) }, work));
    expect(results[0]).toEqual({ ok: true, value: false });
    expect(results.at(-1)).toMatchObject({ exceeded: true });
  });

  it('shows nothing of an event in its reasons', () => {
    const payload = { key: 'secret', duration: `${'1'.repeat(30)}secret`, long: '1'.repeat(100_000), map: {} };
    const sources = [
      'payload.map[payload.key]',
      'bool(payload.key)',
      'duration(payload.duration) > duration("1s")',
      'bytes(payload.key).json()',
      'duration(payload.long) > duration("1s")',
      'payload.key.foo',
    ];
    for (const source of sources) {
      const evaluation = evaluate(source, payload);
      expect(evaluation, source).toMatchObject({ ok: false, exceeded: false });
      expect(JSON.stringify(evaluation), source).not.toMatch(/secret|1111/);
    }
  });
});

describe('loops inside one another', () => {
  const refused = (source: string) => {
    const compiled = compileExpression(source, { vocabulary: 'payload' });
    return compiled.ok ? null : compiled.error.offset;
  };

  it.each([
    'payload.a.exists(x, payload.b.exists(y, y == x))',
    'payload.a.filter(x, x > 1).map(x, x + 1).exists(x, payload.b.exists(y, y == x))',
    // Each item is met once.
    'payload.orders.exists(o, o.items.exists(i, i.tags.exists(t, t == "x")))',
    // Written lists are short.
    'payload.a.exists(x, payload.b.exists(y, ["p", "q"].exists(z, z == x + y)))',
  ])('%s is let through', (source) => {
    expect(refused(source)).toBeNull();
  });

  it.each([
    ['payload.a.exists(x, payload.b.exists(y, payload.c.exists(z, z == x + y)))', 40],
    ['payload.a.exists(x, x.b.exists(y, x.b.exists(z, payload.c.exists(w, w == x + y))))', 48],
    ['payload.a.map(x, payload.b.map(y, payload.c.map(z, z))) == []', 34],
    ['payload.a.filter(x, payload.b.exists(y, payload.c.exists(z, z == x + y))).exists(w, w == 1)', 40],
  ])('%s is refused, at the innermost', (source, offset) => {
    expect(refused(source)).toBe(offset);
  });
});
