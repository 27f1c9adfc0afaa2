import { describe, expect, it } from 'vitest';
import { ABSENT_ACTION } from '../../src/core/absent.ts';
import { SOURCE_TYPE_NAMES, SOURCE_TYPES, type SourceTypeName } from '../../src/sources/registry.ts';

import { NOW, readBody } from './requests.ts';

const all = SOURCE_TYPE_NAMES.flatMap((type) =>
  SOURCE_TYPES[type].samples.map((sample) => ({ type, sample, topic: sample.topic })),
);

function eventsOf(type: SourceTypeName, index: number) {
  return SOURCE_TYPES[type].samples.map(
    ({ build }) => readBody(type, JSON.stringify(build({ index, nowMs: NOW }))).event,
  );
}

it('covers every documented topic of both products', () => {
  expect(SOURCE_TYPES.alo.samples.map(({ topic }) => topic).sort()).toEqual([
    'action_assignment_changed',
    'action_created',
    'action_message_added',
    'action_status_updated',
    'action_updated',
  ]);
  const allo =
    'call.received call.triggered call.answered call.completed tag.added tag.removed sms.received sms.sent contact.created contact.updated summary.updated PING CALL_RECEIVED SMS_RECEIVED SMS_SENT CONTACT_CREATED CONTACT_UPDATED';
  expect(SOURCE_TYPES.allo.samples.map(({ topic }) => topic)).toEqual(allo.split(' '));
});

describe.each(all)('$type $topic', ({ type, sample, topic }) => {
  it('is read as that topic, at that time, about something', () => {
    const { event, challenge } = readBody(type, JSON.stringify(sample.build({ index: 3, nowMs: NOW })));
    expect(challenge).toBeNull();
    expect(event.topic).toBe(topic);
    if (!/^ping$/i.test(topic)) expect(event.subject).not.toBeNull();
    if (/^[a-z]/.test(topic) && topic !== 'ping') expect(Date.parse(event.occurred_at ?? '')).toBe(NOW);
  });

  it('is the same for the same index and time, and another for another', () => {
    const build = (index: number) => JSON.stringify(sample.build({ index, nowMs: NOW }));
    expect(build(7)).toBe(build(7));
    if (!/^ping$/i.test(topic)) expect(build(7)).not.toBe(build(8));
  });
});

it('an ALO story is about one action, with everything a card shows', () => {
  for (const index of [0, 5, 123]) {
    const events = eventsOf('alo', index);
    expect(new Set(events.map(({ subject }) => subject)).size).toBe(1);
    for (const { action, actor } of events) {
      for (const field of Object.keys(ABSENT_ACTION)) expect(action).toHaveProperty(field, expect.any(String));
      expect(actor.name).not.toBeNull();
    }
    const added = events.flatMap(({ assignees }) => assignees.added);
    expect(added).toEqual([expect.objectContaining({ email: expect.stringMatching(/@example\.com$/) })]);
    expect(events.map(({ message }) => message.text).filter((text) => text !== null)).toHaveLength(1);
    expect(events.at(-1)?.action.status).toBe('Completed');
  }
  const subjects = Array.from({ length: 500 }, (_, index) => eventsOf('alo', index)[0]?.subject);
  expect(new Set(subjects).size).toBe(500);
});

it('the events of one call share a subject, an SMS has text and author', () => {
  const events = new Map(eventsOf('allo', 2).map((event) => [event.topic, event]));
  const call = ['call.received', 'call.answered', 'call.completed', 'tag.added', 'summary.updated'];
  expect(new Set(call.map((topic) => events.get(topic)?.subject)).size).toBe(1);
  expect(events.get('sms.received')?.message).toMatchObject({
    text: expect.any(String),
    author: { name: 'Inès Garnier' },
  });
  expect(events.get('sms.sent')?.message.author.email).toMatch(/@example\.com$/);
});
