import { describe, expect, test } from 'vitest';
import { action, person } from '../../src/core/absent.ts';
import type { RelayEvent } from '../../src/core/event.ts';
import { compileTemplate } from '../../src/templates/load.ts';
import { TemplateError } from '../../src/templates/template.ts';
import { makeEvent } from '../helpers/events.ts';

const COLORS: Readonly<Record<string, string>> = { Critical: '#dd0000', '#dd0000': '#dd0000' };
const context = { mention: () => undefined, color: (value: string) => COLORS[value] };

function render(yaml: string, event: Partial<RelayEvent> = {}) {
  const { template, problems } = compileTemplate(yaml, 'templates/sample.yaml');
  if (template === null) throw new Error(JSON.stringify(problems));
  return template.render(makeEvent(event), context);
}

describe('text and summary', () => {
  test.each([
    ['text: "a\\n\\n b <!here>"', { text: 'a\n\n b <!here>', summary: 'a' }],
    ['text: "\\n  first \\n second"', { text: 'first \n second', summary: 'first' }],
    ['{ text: "a", summary: "{{ event.topic }}\\n  b" }', { text: 'a', summary: 'action_created b' }],
    ['text: "{{ event.action.title }}"', { text: 'action_created', summary: 'action_created' }],
    ['{ text: "", summary: " " }', { text: 'action_created', summary: 'action_created' }],
    [
      'blocks: [{ type: section, text: { type: mrkdwn, text: "{{ event.action.title }}" } }]',
      { text: 'action_created', summary: 'action_created' },
    ],
  ])('%s', (yaml, expected) => {
    expect(render(yaml)).toEqual(expected);
  });

  test.each([
    ['good', 'good'],
    ['{{ event.action.priority | color }}', '#dd0000'],
    ['{{ event.action.status | color | default: event.action.priority | color }}', '#dd0000'],
    ['#D00', '#dd0000'],
    ['{{ event.action.status | color }}', undefined],
    ['{{ event.action.title }}', undefined],
  ])('color: %s', (color, expected) => {
    const event = { action: action({ title: 'red; x', priority: 'Critical', status: 'New' }) };
    const message = render(`{ text: "Hello & *all*", color: "${color}" }`, event);
    expect(message.color).toBe(expected);
    const section = { type: 'section', text: { type: 'mrkdwn', text: 'Hello & *all*', verbatim: true } };
    expect(message.blocks).toEqual(expected === undefined ? undefined : [section]);
    expect(message.text).toBe('Hello & *all*');
  });

  test('a link whose address is too long costs neither title nor text', () => {
    const yaml = `
      text: "*{{ event.action.title | link: event.payload.url }}* in {{ event.action.team }}"
      blocks:
        - type: section
          text: { type: mrkdwn, text: "*{{ event.action.title | link: event.payload.url }}* in {{ event.action.team }}" }`;
    const url = `https://example.com/?${'x'.repeat(4000)}`;
    const message = render(yaml, { action: action({ title: 'Laptop & dock', team: 'IT' }), payload: { url } });
    expect(message).toMatchObject({
      text: '*Laptop &amp; dock* in IT',
      summary: '*Laptop &amp; dock* in IT',
      blocks: [{ text: { text: '*Laptop &amp; dock* in IT' } }],
    });
  });

  test('the summary comes from the first text of the blocks, escaped where that was plain', () => {
    const yaml = `
      blocks:
        - { type: divider }
        - { type: header, text: { type: plain_text, text: "{{ event.topic }}" } }
        - { type: section, text: { type: mrkdwn, text: "second" } }`;
    expect(render(yaml, { topic: '<!channel>' })).toMatchObject({
      text: '&lt;!channel&gt;',
      summary: '&lt;!channel&gt;',
    });
  });

  test('both are cut to their sizes', () => {
    const { text, summary } = render('text: "{{ event.action.title }}"', {
      action: action({ title: '&'.repeat(5000) }),
    });
    expect([text.length, summary.length]).toEqual([3996, 296]);
    expect([text, summary].every((cut) => /^(&amp;)+…$/.test(cut))).toBe(true);
  });
});

test('`each` repeats, nested too, and `when` sees its item', () => {
  const yaml = `
    blocks:
      - each: deal in event.payload.deals
        when: deal.value > 1.0
        type: section
        text: { type: mrkdwn, text: "{{ deal.name }}" }
        fields:
          - each: tag in deal.tags
            when: tag != deal.name
            type: mrkdwn
            text: "{{ deal.name }}/{{ tag }}"
      - each: person in event.assignees.current
        when: person.kind != "bot"
        type: context
        elements: [{ type: plain_text, text: "{{ person | mention }}" }]
      - each: nothing in event.payload.missing
        type: divider`;
  const { blocks } = render(yaml, {
    payload: {
      deals: [
        { name: 'a', value: 2, tags: ['a', 'b', '<c>'] },
        { name: 'cheap', value: 1, tags: [] },
        { name: 'd', value: 3 },
      ],
    },
    assignees: { current: [person({ name: 'Ann' }), person({ name: 'Bot', kind: 'bot' })], added: [], removed: [] },
  });
  const mrkdwn = (text: string) => ({ type: 'mrkdwn', text, verbatim: true });
  expect(blocks).toEqual([
    { type: 'section', text: mrkdwn('a'), fields: [mrkdwn('a/b'), mrkdwn('a/&lt;c&gt;')] },
    { type: 'section', text: mrkdwn('d') },
    { type: 'context', elements: [{ type: 'plain_text', text: 'Ann' }] },
  ]);
});

test('an `each` over a huge list is cut and counted', () => {
  const { blocks } = render(
    'blocks: [{ each: n in event.payload, type: section, text: { type: mrkdwn, text: "{{ n }}" } }]',
    {
      payload: Array.from({ length: 5000 }, (_, index) => index),
    },
  );
  expect(blocks).toHaveLength(50);
  expect(blocks?.at(-1)).toMatchObject({ elements: [{ text: '… 4951 more blocks were left out' }] });
});

test.each([
  ['https://a.b/c?d=e&f', 'https://a.b/c?d=e&f'],
  ['javascript:alert(1)', null],
  [null, null],
])('a button with the URL %j', (url, expected) => {
  const yaml = `
    blocks:
      - type: section
        text: { type: mrkdwn, text: stays }
        accessory: { type: button, text: { type: plain_text, text: "A & B" }, url: "{{ event.action.url }}" }`;
  const button = { type: 'button', text: { type: 'plain_text', text: 'A & B' }, url: expected };
  expect(render(yaml, { action: action({ url }) }).blocks).toEqual([
    { type: 'section', text: { type: 'mrkdwn', text: 'stays' }, ...(expected !== null && { accessory: button }) },
  ]);
});

test('mrkdwn with placeholders is verbatim, unless its author says otherwise', () => {
  const yaml = `
    blocks:
      - { type: section, text: { type: mrkdwn, text: "fixed" } }
      - { type: section, text: { type: mrkdwn, text: "{{ event.topic }}", verbatim: false } }
      - { type: markdown, text: "**{{ event.topic }}**" }`;
  expect(render(yaml, { topic: '<a>' }).blocks).toEqual([
    { type: 'section', text: { type: 'mrkdwn', text: 'fixed' } },
    { type: 'section', text: { type: 'mrkdwn', text: '&lt;a&gt;', verbatim: false } },
    { type: 'markdown', text: '**&lt;a&gt;**' },
  ]);
});

test('an absent person is null in text as in conditions', () => {
  const yaml =
    'text: "{% if event.actor %}yes{% else %}no{% endif %} {{ event.message.author | default: event.actor | default: \'x\' }}"';
  expect(render(yaml).text).toBe('no x');
  expect(render(yaml, { actor: person({ email: 'a@b.c' }) }).text).toBe('yes a@b.c');
});

test('a render beyond its limits names the template and the place, never the data', () => {
  const yaml = 'text: fine\nsummary: "{% for i in (1..99999999) %}{{ event.topic }}{% endfor %}"';
  const attempt = () => render(yaml, { topic: 'secret topic' });
  expect(attempt).toThrow(TemplateError);
  expect(attempt).toThrow(
    'Template "sample" cannot be rendered (templates/sample.yaml:2:10): it takes more than 100000 steps for this event.',
  );
});

test('a rendered message shares nothing that a caller could change for the next', () => {
  const yaml = 'blocks: [{ type: section, text: { type: mrkdwn, text: fixed } }]';
  const { template } = compileTemplate(yaml, 'a.yaml');
  const first = template?.render(makeEvent(), context);
  const before = JSON.stringify(first);
  Object.assign(first?.blocks?.[0]?.text ?? {}, { text: 'changed' });
  expect(JSON.stringify(template?.render(makeEvent(), context))).toBe(before);
});
