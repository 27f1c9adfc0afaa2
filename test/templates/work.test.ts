import { expect, test } from 'vitest';
import { STEPS, WorkBudget } from '../../src/language/work.ts';
import { compileTemplate } from '../../src/templates/load.ts';
import { TemplateError } from '../../src/templates/template.ts';
import { makeEvent } from '../helpers/events.ts';

const context = { mention: () => undefined };

function render(yaml: string, event: Parameters<typeof makeEvent>[0], work?: WorkBudget) {
  const { template, problems } = compileTemplate(yaml, 'templates/sample.yaml');
  if (template === null) throw new Error(JSON.stringify(problems));
  return template.render(makeEvent(event), context, work);
}

const people = (count: number) =>
  Array.from({ length: count }, (_, n) => ({
    id: `u${n}`,
    name: `Name ${n}`,
    email: `n${n}@example.com`,
    kind: 'user',
  }));

const assignees = (count: number) => ({ assignees: { current: people(count), added: people(count), removed: [] } });

const mentionsNobodyElse = `
blocks:
  - each: p in event.assignees.current
    when: event.assignees.added.exists(a, a.id == p.id)
    type: section
    text: { type: mrkdwn, text: "{{ p.name }}" }`;

test.each([
  [
    'forty loops in one text',
    `text: "${'{% for p in event.assignees.current %}{{ p.name }}{% endfor %}'.repeat(40)}"`,
    ':1:7',
  ],
  [
    'forty texts with a loop each',
    `blocks:\n${'  - { type: section, text: { type: mrkdwn, text: "{% for p in event.assignees.current %}{{ p.id }}{% endfor %}" } }\n'.repeat(40)}`,
    ':7:',
  ],
  [
    'loops within loops',
    'text: "{% for p in event.assignees.current %}{% for q in event.assignees.added %}{% endfor %}{% endfor %}"',
    ':1:7',
  ],
])('%s are bounded together, and the error names the place', (_, yaml, place) => {
  const attempt = () => render(yaml, assignees(2400));
  expect(attempt).toThrow(TemplateError);
  expect(attempt).toThrow(`sample.yaml${place}`);
  expect(attempt).toThrow('it takes more than 100000 steps for this event. Loop over fewer items');
});

test('a message of an ordinary event takes a small part of its budget', () => {
  const work = new WorkBudget(STEPS.message);
  expect(render(mentionsNobodyElse, assignees(10), work).blocks).toHaveLength(10);
  expect(work.spent).toBeLessThan(STEPS.message / 100);
});

test('a list beyond what a message holds is counted, and its items beyond are not rendered', () => {
  const yaml = `
blocks:
  - each: p in event.assignees.current
    type: section
    text: { type: mrkdwn, text: "{% if p.name %}{{ p.name }}{% endif %}" }`;
  const work = new WorkBudget(STEPS.message);
  const { blocks = [] } = render(yaml, assignees(20_000), work);
  expect(JSON.stringify(blocks.at(-1))).toContain(String(20_000 - 49));
  expect(work.spent).toBeLessThan(20_000 + 200 * 30);
});
test.each([
  ['when', mentionsNobodyElse, ':4:'],
  [
    'each',
    mentionsNobodyElse.replace(
      'in event.assignees.current',
      'in event.assignees.current.filter(c, event.assignees.added.exists(a, a.id == c.id))',
    ),
    ':3:',
  ],
])('a condition that is too much work ends the message: %s', (_, yaml, place) => {
  const attempt = () => render(yaml, assignees(2400));
  expect(attempt).toThrow(`sample.yaml${place}`);
  expect(attempt).toThrow('steps for this event');
});
