import { describe, expect, test } from 'vitest';
import { WorkBudget } from '../../src/language/work.ts';
import { slackTexts } from '../../src/templates/text.ts';
import { makeEvent } from '../helpers/events.ts';

/** The steps that a rendering takes. A filter that cannot take its input has read it all the same. */
function stepsOf(source: string, payload: unknown, limit = 1e9): number {
  const compiled = slackTexts.compile(source, 'mrkdwn');
  if (!compiled.ok) throw new Error(compiled.error.message);
  const work = new WorkBudget(limit);
  try {
    compiled.text.render({ event: makeEvent({ payload }) }, { mention: () => undefined }, work);
  } catch (error) {
    if (work.exceeded) throw error;
  }
  return work.spent;
}

const people = (count: number) => Array.from({ length: count }, (_, id) => ({ id, name: `p${id}` }));

/** They do not read what they are given. */
const FREE = new Set(['size', 'first', 'last', 'raw']);

const names = Object.keys(slackTexts.engine('mrkdwn').filters).filter((name) => !FREE.has(name));
const exp = (name: string) => (name.endsWith('_exp') ? ': "p", "p.id == 1"' : ': "id"');

describe('every filter spends by what it is given', () => {
  test.each(names)('%s: a list', (name) => {
    const source = `{% assign x = event.payload.x | ${name}${exp(name)} %}`;
    expect(stepsOf(source, { x: people(600) }) - stepsOf(source, { x: people(100) })).toBeGreaterThanOrEqual(500);
  });

  test.each(names)('%s: a text', (name) => {
    const source = `{% assign x = event.payload.x | ${name}${exp(name)} %}`;
    const more = stepsOf(source, { x: 'a '.repeat(30_000) }) - stepsOf(source, { x: 'a '.repeat(5_000) });
    expect(more).toBeGreaterThanOrEqual(499);
  });
});

describe('a loop, a comparison, an output spend by what they walk', () => {
  test.each([
    ['each pass', '{% for p in event.payload.x %}{% endfor %}', 500],
    [
      'each pass of each pass',
      '{% for p in event.payload.x %}{% for q in event.payload.y %}{% endfor %}{% endfor %}',
      5000,
    ],
    ['each node of a pass', '{% for p in event.payload.x %}{{ p.id }}{{ p.id }}{% endfor %}', 1500],
    ['a list that a loop leaves at once', '{% for p in event.payload.x %}{% break %}{% endfor %}', 500],
    ['contains', '{% if event.payload.x contains 1 %}{% endif %}', 500],
    ['==', '{% if event.payload.x == event.payload.y %}{% endif %}', 500],
    ['an output', 'a{{ event.payload.x }}{{ event.payload.x | first }}', 500],
    ['echo', '{% echo event.payload.x %}', 500],
  ])('%s', (_, source, least) => {
    const y = people(10);
    expect(stepsOf(source, { x: people(600), y }) - stepsOf(source, { x: people(100), y })).toBeGreaterThanOrEqual(
      least,
    );
  });

  test('a text of plain placeholders spends by its length', () => {
    const more =
      stepsOf('{{ event.payload.x }}', { x: 'a'.repeat(60_000) }) - stepsOf('{{ event.payload.x }}', { x: '' });
    expect(more).toBeGreaterThanOrEqual(600);
  });

  test('a range spends before it is made', () => {
    expect(() => stepsOf('{% for i in (1..4000000) %}{% break %}{% endfor %}', {}, 30_000)).toThrow(/30000 steps/);
  });
});

test('ordinary templates take a small part of a budget', () => {
  const source = '{% for p in event.payload.x %}{{ p | mention }}, {% endfor %}{{ event.payload.t | truncate: 500 }}';
  expect(stepsOf(source, { x: people(20), t: 'word '.repeat(2000) })).toBeLessThan(2_000);
});
