import { describe, expect, test } from 'vitest';
import { compileTemplate } from '../../src/templates/load.ts';
import { slackTexts } from '../../src/templates/text.ts';

const IN_TWO = (inner: string) =>
  `{% for p in event.assignees.current %}{% for q in event.payload.orders %}${inner}{% endfor %}{% endfor %}`;
const LOOP = (range: string) => `{% for r in ${range} %}x{% endfor %}`;

function codeOf(source: string): string | null {
  const compiled = slackTexts.compile(source, 'mrkdwn');
  return compiled.ok ? null : compiled.error.code;
}

describe('a third loop inside of two', () => {
  test.each([
    ['event.assignees.added'],
    ['event.payload.list'],
    ['(1..event.payload.n)'],
    ['event.payload.list limit: event.payload.n'],
    ['event.payload.list reversed'],
    ['event.payload["list"]'],
  ])('over %s is refused', (range) => {
    expect(codeOf(IN_TWO(LOOP(range)))).toBe('nested-loops');
    expect(codeOf(IN_TWO(`{% if p.id %}{% capture c %}${LOOP(range)}{% endcapture %}{% endif %}`))).toBe(
      'nested-loops',
    );
  });

  test.each([
    ['{% assign all = event.payload.list %}', 'all'],
    ['{% assign all = event.payload.list | where: "id", p.id %}', 'all'],
    ['{% assign a = event.payload.list %}{% assign b = a %}', 'b'],
  ])('over what %s gives is refused', (assign, range) => {
    expect(codeOf(IN_TWO(assign + LOOP(range)))).toBe('nested-loops');
  });

  test.each([
    ['(1..3)'],
    ['q.items'],
    ['q["items"]'],
    ['event.payload.list limit: 5'],
    ['event.payload.list limit: 5 offset: 2'],
  ])('over %s is not', (range) => {
    expect(codeOf(IN_TWO(LOOP(range)))).toBeNull();
  });

  test.each([
    ['{% assign words = "a,b" | split: "," %}', 'words'],
    ['{% assign items = q.items %}', 'items'],
    ['{% assign items = q.items | sort %}', 'items'],
  ])('over what %s gives is not', (assign, range) => {
    expect(codeOf(IN_TWO(assign + LOOP(range)))).toBeNull();
  });

  test('one after another, there may be any number', () => {
    expect(codeOf(IN_TWO('') + IN_TWO('') + LOOP('event.payload.list'))).toBeNull();
  });

  test('a list of an item, walked twice, counts once more', () => {
    expect(codeOf(IN_TWO(`{% for i in q.items %}${LOOP('q.items')}{% endfor %}`))).toBe('nested-loops');
  });
});

test.each([
  [
    '- { each: p in event.payload.a, type: context, elements: [{ each: q in p.list, type: mrkdwn, text: "{% for r in q.list %}{% for s in event.payload.b %}x{% endfor %}{% endfor %}" }] }',
    [],
  ],
  [
    '- { each: p in event.payload.a, type: context, elements: [{ each: q in event.payload.b, type: mrkdwn, text: "{% for r in q.list %}{% for s in p.list %}x{% endfor %}{% endfor %}" }] }',
    [],
  ],
  [
    '- { each: p in event.payload.a, when: "event.payload.b.exists(b, b.list.exists(c, c == p.id))", type: divider }',
    [],
  ],
  [
    '- { each: \'p in ["a", "b"]\', type: context, elements: [{ each: q in event.payload.b, type: mrkdwn, text: "{% for r in event.payload.c %}x{% endfor %}" }] }',
    [],
  ],
  [
    '- { each: p in event.payload.a, type: context, elements: [{ each: q in event.payload.b, type: mrkdwn, text: "{% for r in event.payload.c %}x{% endfor %}" }] }',
    ['nested-loops'],
  ],
  [
    '- { each: p in event.payload.a, when: "event.payload.b.exists(b, event.payload.c.exists(c, c == b))", type: divider }',
    ['expression-type'],
  ],
  [
    '- { each: "p in event.payload.a.filter(a, event.payload.b.exists(b, event.payload.c.exists(c, c == b)))", type: divider }',
    ['expression-type'],
  ],
  [
    '- { each: p in event.payload.a, type: context, elements: [{ each: q in event.payload.b, type: x, list: [{ each: r in event.payload.c, type: x }] }] }',
    ['expression-type'],
  ],
  [
    '- { each: p in event.payload.a, type: context, elements: [{ each: q in event.payload.b, type: x, list: [{ each: r in q.c, type: x }] }] }',
    [],
  ],
])('each and the loops of what it repeats count together: %s', (blocks, codes) => {
  expect(compileTemplate(`blocks:\n  ${blocks}`, 't.yaml').problems.map(({ code }) => code)).toEqual(codes);
});
