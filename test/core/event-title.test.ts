import { describe, expect, it } from 'vitest';
import { ABSENT_PERSON, action, chatMessage } from '../../src/core/absent.ts';
import type { RelayEvent } from '../../src/core/event.ts';
import { eventTitle, topicWords } from '../../src/core/event-title.ts';
import { SOURCE_TYPES } from '../../src/sources/registry.ts';
import { makeEvent } from '../helpers/events.ts';

const of = (fields: Partial<RelayEvent>) => eventTitle(makeEvent(fields));

describe('a title', () => {
  it.each<[string, Partial<RelayEvent>, string | null]>([
    ['the title of the action', { action: action({ title: 'Cold room 2' }), payload: { title: 'no' } }, 'Cold room 2'],
    ['the text of the message', { message: chatMessage('On  my\n way ', ABSENT_PERSON) }, 'On my way'],
    ['a blank title is none', { action: action({ title: ' \n' }), payload: { name: 'Pump' } }, 'Pump'],
    ['what the payload calls it', { payload: { data: { id: 'x', title: 'Invoice 12' } } }, 'Invoice 12'],
    ['whom it is about', { payload: { data: { person: { name: 'Ana', last_name: 'Sá' }, content: 'hi' } } }, 'Ana Sá'],
    ['where only a number is known', { payload: { data: { from_number: '+33612345678' } } }, '+33612345678'],
    ['data comes before what is around it', { payload: { name: 'a gateway', data: { name: 'a pump' } } }, 'a pump'],
    ['markup stays text', { payload: { title: '<!channel> *x* <b>' } }, '<!channel> *x* <b>'],
    ['nothing is known', { payload: { data: { id: 4, ok: true, title: 7, person: 'x' } } }, null],
    ['text that is no JSON', { payload: 'a=1' }, null],
    ['null', { payload: null }, null],
    ['a list', { payload: [{ title: 'x' }] }, null],
    ['an inherited name', { payload: Object.create({ title: 'inherited' }) }, null],
  ])('%s', (_, fields, title) => {
    expect(of(fields)).toBe(title);
  });

  it('is at most 120 characters long, and ends with no half of one', () => {
    expect(of({ payload: { title: 'x'.repeat(120) } })).toBe('x'.repeat(120));
    expect(of({ payload: { title: `${'x'.repeat(118)}😀 and more` } })).toBe(`${'x'.repeat(118)}…`);
    expect(of({ payload: { title: 'word '.repeat(100_000) } })).toHaveLength(120);
  });

  it.each(SOURCE_TYPES.allo.samples.map(({ topic, build }) => [topic, build({ index: 0, nowMs: 0 })] as const))(
    'is known of %s, which names nothing in its header',
    (_, payload) => {
      expect(of({ payload })).not.toBeNull();
    },
  );
});

it.each([
  ['action_status_updated', 'status updated'],
  ['action_created', 'created'],
  ['call.completed', 'call completed'],
  ['pull_request.opened', 'pull request opened'],
  ['action', 'action'],
  ['', 'no topic'],
  ['._.', 'no topic'],
])('the topic %s: %s', (topic, words) => {
  expect(topicWords(topic)).toBe(words);
});
