import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { mainPath, payloadFacts } from '../../src/language/facts.ts';

const lines = (payload: unknown) => payloadFacts(payload).map(({ label, value }) => `${label}: ${value}`);

describe('the facts of a payload', () => {
  it.each<[string, unknown, string[]]>([
    [
      'the title first, then the state',
      { id: 7, state: 'open', note: 'n', title: 'T' },
      ['Title: T', 'State: open', 'Note: n'],
    ],
    ['below a wrapper', { type: 'x', data: { object: { id: 1, name: 'N', status: 'ok' } } }, ['Name: N', 'Status: ok']],
    [
      'not what surrounds it',
      { repository: { name: 'R', id: 1 }, issue: { title: 'I', id: 2 } },
      ['Title: I', 'Repository: R'],
    ],
    [
      'an object by its name, one without is looked into',
      { name: 'N', a: { name: 'A' }, b: { c: 'C' } },
      ['Name: N', 'A: A', 'C: C'],
    ],
    [
      'lists',
      { name: 'N', tags: ['a', 'b'], people: [{ name: 'P' }, { name: 'Q' }] },
      ['Name: N', 'Tags: a, b', 'People: P, Q'],
    ],
    ['long lists', { name: 'N', tags: [...'abcdefgh'] }, ['Name: N', 'Tags: a, b, c, d, e and 3 more']],
    [
      'no addresses, ids, hashes, times',
      {
        ...{ title: 'T', url: 'https://a.b', other: 'https://a.b', user_id: 5, made_at: '2026-03-02', at: 1772442000 },
        ...{ hash: 'x', commit: 'b1ea4f9d3c2a1e0f7d6c5b4a39281706f5e4d3c2', charge: 'ch_3MmlLrLkdIwHu7ix', empty: ' ' },
        ...{ off: false, none: null, zero: 0 },
      },
      ['Title: T'],
    ],
    [
      'amounts of nothing, and what is due',
      { title: 'T', amount: 0, due_on: '2026-03-05' },
      ['Title: T', 'Amount: 0', 'Due on: 2026-03-05'],
    ],
    [
      'no times that are none',
      {
        ...{ title: 'T', due: '0001-01-01T00:00:00Z', due_on: '0000-00-00', deadline: '0000-00-00 00:00:00' },
        ...{ expires: '2026-03-05 – 2026-03-09', due_at: '2026-03-05T10:00:00Z', due_time: '2026-03-05 noon' },
      },
      ['Title: T', 'Due at: 2026-03-05T10:00:00Z', 'Due time: 2026-03-05 noon', 'Expires: 2026-03-05 – 2026-03-09'],
    ],
    ['digits', { title: 'T', order_number: 1524831183200260097n }, ['Title: T', 'Order number: 1524831183200260097']],
    ['on one line', { title: 'a\n  b', text: 'c\r\nd' }, ['Title: a b', 'Text: c d']],
    ['the same only once', { title: 'T', name: 'T', label: 'L', kind_of: 'L' }, ['Title: T', 'Label: L']],
    ['a list', [{ title: 'T' }, { title: 'U' }], ['Title: T']],
    ['text, numbers, nothing', 'text', []],
  ])('%s', (_, payload, expected) => {
    expect(lines(payload)).toEqual(expected);
  });

  it('have the page of what they are about', () => {
    expect(payloadFacts({ title: 'T', url: 'https://api.b/1', html_url: 'https://a.b/1' })[0]?.url).toBe(
      'https://a.b/1',
    );
    expect(payloadFacts({ title: 'T', url: 'javascript:x' })[0]?.url).toBeNull();
    expect(mainPath({ data: { object: { id: 1, name: 'N' } } })).toEqual(['data', 'object']);
    expect(mainPath('text')).toBeNull();
  });

  it('are few and short, whatever the payload', () => {
    fc.assert(
      fc.property(fc.anything({ maxDepth: 6, withBigInt: true }), fc.string({ maxLength: 2000 }), (value, text) => {
        const facts = payloadFacts({ title: text, data: value, list: [value, text] });
        expect(facts.length).toBeLessThanOrEqual(10);
        for (const fact of facts) expect(fact.value.length + fact.label.length).toBeLessThanOrEqual(360);
      }),
    );
  });

  it('cost the same for a payload of any size', () => {
    let looked = 0;
    const count = <T>(target: T): T => {
      looked++;
      return target;
    };
    const counted = (fields: object): object =>
      new Proxy(fields, { ownKeys: (target) => Reflect.ownKeys(count(target)) });
    const wide = (count: number) =>
      counted(
        Object.fromEntries(
          Array.from({ length: count }, (_, n) => [`k${n}`, counted({ [`n${n}`]: counted({ a: 1 }) })]),
        ),
      );
    payloadFacts(wide(90));
    const few = looked;
    looked = 0;
    payloadFacts(
      counted({ a: wide(5000), b: Array.from({ length: 5000 }, () => wide(90)), ['k'.repeat(200_000)]: 'v' }),
    );
    expect(looked).toBeLessThan(10 * few);
  });
});
