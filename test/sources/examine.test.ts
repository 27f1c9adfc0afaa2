import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { guessDedupe, guessFields } from '../../src/sources/guess.ts';
import type { SourceTypeName } from '../../src/sources/registry.ts';
import { SOURCE_TYPES } from '../../src/sources/registry.ts';
import type { EventField } from '../../src/sources/source-type.ts';
import { NOW, readBody, type Settings, sourceOf } from './requests.ts';

const fixture = (file: string): unknown =>
  JSON.parse(readFileSync(new URL(`../fixtures/payloads/${file}.json`, import.meta.url), 'utf8'));

const examine = (type: SourceTypeName, payload: unknown, settings: Settings = {}) =>
  sourceOf(type, settings).examine(payload, NOW);

/** The path of each field that was found, `!reason` for one that was configured in vain. */
function origins(type: SourceTypeName, payload: unknown, settings: Settings = {}) {
  return Object.fromEntries(
    examine(type, payload, settings).fields.map(({ field, origin }) => [
      field,
      origin === null
        ? null
        : origin.kind === 'place'
          ? origin.path
          : origin.kind === 'compared'
            ? origin.paths
            : origin.kind === 'composed'
              ? origin.from
              : (origin.reason ?? origin.expression),
    ]),
  );
}

describe('where fields came from', () => {
  it('each by its own path, as it is written in the payload', () => {
    expect(origins('alo', fixture('alo/nested-assignment'))).toEqual({
      subject: 'action.id',
      topic: 'type',
      occurred_at: 'timestamp',
      actor: 'actor',
      action_id: 'action.id',
      action_title: 'action.title',
      action_description: 'action.description',
      action_status: 'action.status',
      action_priority: 'action.priority',
      action_type: 'action.type',
      action_team: 'action.team',
      action_due_at: 'action.due_at',
      action_url: 'action.url',
      assignees_current: 'action.assignees',
      assignees_added: 'changes.assignees.added',
      assignees_removed: 'changes.assignees.removed',
      message_text: null,
      message_author: null,
    });
    expect(origins('alo', fixture('alo/wrapped-message'))).toMatchObject({
      topic: 'event',
      subject: 'data.actionId',
      message_text: 'data.text',
    });
  });

  it('worked out of two lists, and named alone', () => {
    const [from, to] = ['payload.changes.assignees.from', 'payload.changes.assignees.to'];
    expect(origins('alo', fixture('alo/before-after'))).toMatchObject({
      assignees_current: to,
      assignees_added: [from, to],
      assignees_removed: [to, from],
    });
    const lone = { type: 'action_assignment_changed', assigned_to: 'u-1' };
    expect(origins('alo', lone)).toMatchObject({ assignees_added: 'assigned_to' });
  });

  it('as the config says, with why that gave nothing', () => {
    const fields = { action_title: 'payload.data.headline', action_url: 'payload.data.link', actor: 'payload.data' };
    expect(origins('alo', { type: 'action_created', title: 'T', data: { headline: 'H' } }, { fields })).toMatchObject({
      action_title: 'payload.data.headline',
      action_url: 'No such key: link',
      actor: 'it gives nothing that fits',
    });
  });

  it('only those that events of the topic have', () => {
    expect(Object.keys(origins('allo', fixture('allo/call.completed')))).toEqual([
      'subject',
      'topic',
      'occurred_at',
      'actor',
    ]);
  });

  it.each(['alo', 'allo', 'standard-webhooks'] as const)('%s: what is said is what is read', (type) => {
    const payloads = [
      ...SOURCE_TYPES[type].samples.map((sample) => sample.build({ index: 1, nowMs: 0 })),
      { type: 1 },
      [],
      'text',
      null,
    ];
    for (const payload of payloads) {
      const { event } = readBody(type, JSON.stringify(payload));
      const examination = examine(type, payload);
      const value = (field: EventField) => examination.fields.find((found) => found.field === field)?.value;
      expect([value('topic'), value('subject'), value('occurred_at'), value('actor')]).toEqual([
        event.topic,
        event.subject,
        event.occurred_at,
        event.actor,
      ]);
      if (type === 'alo')
        expect([value('action_title'), value('assignees_added')]).toEqual([event.action.title, event.assignees.added]);
      expect(examination.payload).toEqual(event.payload);
    }
  });
});

describe('guesses', () => {
  /** By field, and what the event then has there. */
  function guess(type: SourceTypeName, payload: unknown) {
    const guesses = guessFields(examine(type, payload));
    const fields = Object.fromEntries(guesses.map(({ field, expression }) => [field, expression]));
    const filled = examine(type, payload, { fields }).fields.filter(({ field }) => field in fields);
    expect(filled.filter(({ empty }) => empty)).toEqual([]);
    return fields;
  }

  function dedupe(type: SourceTypeName, payload: unknown, settings: Settings = {}) {
    const examination = examine(type, payload, settings);
    return guessDedupe(examination, guessFields(examination));
  }

  const person = (name: string) => ({ id: `u-${name}`, email: `${name}@example.com` });

  it('the id beside the title is what the event is about, the one at the root tells events apart', () => {
    const thing = { id: 'evt_1', data: { object: { id: 7, name: 'Pump', state: 'open' } } };
    expect(guess('alo', thing)).toEqual({
      subject: 'payload.data.object.id',
      action_id: 'payload.data.object.id',
      action_title: 'payload.data.object.name',
      action_status: 'payload.data.object.state',
    });
    expect(dedupe('alo', thing)).toEqual({ expression: 'payload.id', value: 'evt_1' });
    expect(dedupe('standard-webhooks', thing)).toEqual({ expression: 'payload.id', value: 'evt_1' });
    expect(dedupe('alo', { id: 'evt_1', eventId: 8, name: 'Pump' })).toEqual({
      expression: 'payload.eventId',
      value: '8',
    });
    // What the event is about is the same for the next event.
    expect(dedupe('alo', { id: 'p_1', name: 'Pump' })).toBeNull();
    expect(dedupe('alo', thing, { dedupeKey: 'payload.id' })).toBeNull();
    expect(dedupe('alo', ['evt_1'])).toBeNull();
  });

  it.each([
    ['found', { event: 'thing.said', data: { message: { text: 'hi' }, author: person('maria') } }],
    ['guessed', { event: 'reply.posted', reply: { text: 'hi' }, data: { author: person('maria') } }],
  ])('the author of a text, also where the actor was %s there', (_, payload) => {
    expect(guess('alo', { ...payload, type: payload.event })).toMatchObject({ message_author: 'payload.data.author' });
  });

  it('by names and shapes, each place once', () => {
    expect(
      guess('alo', {
        trigger: 'action_assignment_changed',
        sentAt: '2025-03-15T09:00:00Z',
        task: {
          taskId: 'T-17',
          headline: 'Cold room is warm',
          notes: 'Since noon.',
          currentState: { name: 'Open' },
          urgencyLevel: 'High',
          category: 'incident',
          department: { id: 9, name: 'Facilities' },
          dueOn: '2025-03-16',
          webLink: 'https://app.example.com/t/17',
          avatarUrl: 'https://app.example.com/a.png',
          responsible: [person('maria'), person('luc')],
          newlyAssigned: [person('luc')],
          watchers: [person('eve')],
        },
        modifiedBy: person('jonas'),
      }),
    ).toEqual({
      subject: 'payload.task.taskId',
      occurred_at: 'payload.sentAt',
      actor: 'payload.modifiedBy',
      topic: 'payload.trigger',
      action_id: 'payload.task.taskId',
      action_title: 'payload.task.headline',
      action_description: 'payload.task.notes',
      action_status: 'payload.task.currentState',
      action_priority: 'payload.task.urgencyLevel',
      action_type: 'payload.task.category',
      action_team: 'payload.task.department',
      action_due_at: 'payload.task.dueOn',
      action_url: 'payload.task.webLink',
      assignees_current: 'payload.task.responsible',
      assignees_added: 'payload.task.newlyAssigned',
    });
  });

  it('what is found already stays out of it, a person’s own keys too', () => {
    expect(guess('alo', fixture('alo/nested-assignment'))).toEqual({});
    const payload = {
      type: 'action_created',
      record: { id: 'r1', reporter: { id: 'u', email: 'a@b.c', name: 'A', title: 'Boss' } },
    };
    expect(guess('alo', payload)).toEqual({ subject: 'payload.record.id', action_id: 'payload.record.id' });
  });

  it('a message has a text and an author, other events do not', () => {
    const payload = { says: { noteText: 'On my way.', writer: person('luc') }, action_id: 'a' };
    expect(guess('alo', { type: 'action_message_added', ...payload })).toEqual({
      message_text: 'payload.says.noteText',
      message_author: 'payload.says.writer',
    });
    expect(guess('alo', { type: 'action_updated', ...payload })).toEqual({
      action_description: 'payload.says.noteText',
    });
  });

  it('keys that are no CEL names, a list of one, and nothing that fits', () => {
    expect(guess('alo', { type: 'action_created', 'the item': [{ in: { title: 'x' } }] })).toEqual({
      action_title: 'payload["the item"][0]["in"].title',
    });
    for (const payload of [null, 'text', [], {}, { title: null, id: {}, url: 'no' }])
      expect(guess('alo', payload)).toEqual({});
  });

  it('a huge payload ends', () => {
    const wide = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`k${index}`, { title: 'x' }]));
    expect(Object.keys(guess('alo', { type: 'action_created', wide })).length).toBeLessThan(3);
  });
});
