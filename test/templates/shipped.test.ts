import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ABSENT_ACTION, ABSENT_PERSON, action, chatMessage, person } from '../../src/core/absent.ts';
import type { RelayEvent } from '../../src/core/event.ts';
import type { RenderedMessage } from '../../src/core/message.ts';
import { ALLO_SAMPLES } from '../../src/sources/allo/samples.ts';
import { loadTemplates } from '../../src/templates/load.ts';
import { makeEvent } from '../helpers/events.ts';
import { KNOWN_USER, unsafeMarkup } from '../helpers/markup.ts';

const { templates } = await loadTemplates('templates');
const names = [...templates.keys()];
const context = {
  mention: (who: unknown) => (JSON.stringify(who).includes('maria@example.com') ? KNOWN_USER : undefined),
};

function render(name: string, event: RelayEvent): RenderedMessage {
  const template = templates.get(name);
  if (template === undefined) throw new Error(`There is no template ${name}.`);
  return template.render(event, context);
}

const maria = person({ id: 'u1', name: 'Maria Santos', email: 'maria@example.com', kind: 'user' });
const jonas = person({ id: 'u2', name: 'Jonas <Weber>', email: 'jonas@example.com', kind: 'user' });
const FULL = makeEvent({
  topic: 'action_updated',
  actor: jonas,
  action: action({
    id: 'act_1',
    title: 'Cold room 2 & co',
    description: 'Sensor <CR-2> has read\n9.4 °C for 20 minutes.',
    status: 'Open',
    priority: 'High',
    type: 'incident',
    team: 'Facilities',
    due_at: '2026-03-02T11:00:00Z',
    url: 'https://app.example.com/actions/1?a=b&c',
  }),
  assignees: { current: [maria, jonas], added: [maria], removed: [jonas] },
  message: chatMessage('Stock is moved <!channel>\nsee you', maria),
  payload: { type: 'action_updated', note: 'A note', count: 3 },
});
const EMPTY = makeEvent({ occurred_at: null, subject: null });

const ALLO: Readonly<Record<string, readonly [topic: string, index: number]>> = {
  call_received: ['call.received', 0],
  call_completed: ['call.completed', 0],
  voicemail: ['call.completed', 1],
  sms_received: ['sms.received', 0],
  sms_sent: ['sms.sent', 0],
  contact: ['contact.updated', 0],
  summary_updated: ['summary.updated', 0],
  tag: ['tag.removed', 0],
};

function fullEvent(name: string): RelayEvent {
  const [topic, index] = ALLO[name] ?? [];
  const sample = ALLO_SAMPLES.find((candidate) => candidate.topic === topic);
  if (topic === undefined || sample === undefined) return FULL;
  return makeEvent({
    source: 'allo',
    topic,
    subject: 'cll_1',
    payload: sample.build({ index: index ?? 0, nowMs: 1.77e12 }),
  });
}

describe('every shipped template', () => {
  test.each(names)('%s, with everything there and with nothing', (name) => {
    expect({ full: render(name, fullEvent(name)), empty: render(name, EMPTY) }).toMatchSnapshot();
  });

  test.each(names)('%s leaves nothing dangling', (name) => {
    const whole = fullEvent(name);
    const without = [
      EMPTY,
      { ...whole, action: ABSENT_ACTION },
      { ...whole, actor: ABSENT_PERSON },
      { ...whole, payload: { data: {} } },
      { ...whole, payload: 'text' },
      { ...whole, payload: null },
    ];
    for (const event of without) {
      const message = render(name, event);
      expect(valid(message)).toEqual([]);
      for (const text of textsOf(message))
        expect(text).not.toMatch(/null|undefined|\[object|\(\)|\*\*|^[·,-]|[·:,(-]\s*$|: *$/m);
    }
  });
});

/** What Slack would refuse; written out here, apart from the table the code uses. */
function valid({ text, summary, blocks }: RenderedMessage): string[] {
  const wrong: string[] = [];
  const need = (condition: boolean, what: string) => condition || wrong.push(what);
  need(text.trim() !== '' && text.length <= 4000, 'text');
  need(summary.trim() !== '' && summary.length <= 300 && !summary.includes('\n'), 'summary');
  if (blocks === undefined) return wrong;
  need(blocks.length >= 1 && blocks.length <= 50, 'blocks');
  let total = 0;
  const checkText = (object: unknown, max: number, type = /^(mrkdwn|plain_text)$/) => {
    const { type: kind, text: held } = Object(object);
    need(type.test(kind) && typeof held === 'string' && held.trim() !== '' && held.length <= max, `${kind} text`);
    total += String(held).length;
  };
  for (const { type, text: held, fields, elements } of blocks) {
    if (type === 'header') checkText(held, 150, /^plain_text$/);
    else if (type === 'section') {
      need(held !== undefined || fields !== undefined, 'empty section');
      if (held !== undefined) checkText(held, 3000);
      if (Array.isArray(fields)) need(fields.length >= 1 && fields.length <= 10, 'fields');
      for (const field of [fields ?? []].flat()) checkText(field, 2000);
    } else if (type === 'context') {
      need(Array.isArray(elements) && elements.length >= 1 && elements.length <= 10, 'elements');
      for (const element of [elements].flat()) checkText(element, 3000);
    } else wrong.push(`block ${type}`);
  }
  need(total <= 9000, 'all text');
  return wrong;
}

/** Everything that Slack reads as mrkdwn. */
function textsOf({ text, summary, blocks }: RenderedMessage): string[] {
  const texts = [text, summary];
  JSON.stringify(blocks ?? [], (_, value: unknown) => {
    const { type, text: held } = Object(value);
    if (type === 'mrkdwn' && typeof held === 'string') texts.push(held);
    return value;
  });
  return texts;
}

const nasty = fc.oneof(
  fc.constantFrom(
    '<!channel>',
    '<@U0EVIL>',
    '<https://evil.example|bank>',
    '&lt;!here&gt;',
    '|',
    '*',
    '\n\n',
    '\u0000',
    '\ud800',
    '{{ event.id }}',
    '😀'.repeat(3000),
    '<'.repeat(4000),
    'x &'.repeat(2000),
    '2026-03-02T11:00:00Z',
    'https://a.b/<!here>|x',
    'maria@example.com',
    '   ',
  ),
  fc.string({ unit: 'binary', maxLength: 40 }),
);
const maybe = fc.option(nasty, { freq: 4 });
const people = fc.record({ id: maybe, name: maybe, email: maybe, kind: maybe }).map(person);
const lists = fc.oneof(
  fc.array(people, { maxLength: 4 }),
  fc.constantFrom(maria, jonas).map((one) => Array.from({ length: 300 }, () => one)),
);
const json = fc.oneof(
  fc.dictionary(nasty, fc.oneof(maybe, fc.double(), fc.boolean(), fc.array(maybe, { maxLength: 3 }))),
  fc.constantFrom(...ALLO_SAMPLES.map((sample) => sample.build({ index: 1, nowMs: 1.77e12 }).data)),
  fc.record({
    from_number: maybe,
    to: maybe,
    to_number: maybe,
    content: maybe,
    summary: maybe,
    result: maybe,
    recording_url: maybe,
    type: maybe,
    user_email: maybe,
    tags: fc.array(maybe),
    tag: fc.record({ name: maybe }),
    person: fc.record({ name: maybe, last_name: maybe }),
    deals: fc.array(fc.record({ name: maybe, status: maybe })),
    length_in_minutes: fc.oneof(maybe, fc.double()),
  }),
  nasty,
);
const events: fc.Arbitrary<RelayEvent> = fc.record({
  id: nasty,
  source: nasty,
  topic: nasty,
  occurred_at: maybe,
  received_at: fc.constant('2026-03-02T09:00:01.000Z'),
  subject: maybe,
  actor: people,
  action: fc
    .record({
      id: maybe,
      title: maybe,
      description: maybe,
      status: maybe,
      priority: maybe,
      type: maybe,
      team: maybe,
      due_at: maybe,
      url: maybe,
    })
    .map(action),
  assignees: fc.record({ current: lists, added: lists, removed: lists }),
  message: fc.tuple(maybe, people).map(([text, author]) => chatMessage(text, author)),
  payload: fc.oneof(
    json,
    json.map((data) => ({ data })),
  ),
});

test('whatever the data, every shipped template makes a message that Slack takes and that pings nobody by force', () => {
  fc.assert(
    fc.property(events, (event) => {
      for (const name of names) {
        const message = render(name, event);
        expect([name, valid(message)]).toEqual([name, []]);
        expect([name, unsafeMarkup(message)]).toEqual([name, []]);
        expect(JSON.stringify(message).isWellFormed()).toBe(true);
      }
    }),
    { numRuns: 150, interruptAfterTimeLimit: 10_000 },
  );
});
