import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ABSENT_ACTION } from '../../src/core/absent.ts';
import type { SourceTypeName } from '../../src/sources/registry.ts';
import { readBody } from './requests.ts';

const KEYS = [
  'action',
  'actor',
  'assignees',
  'id',
  'message',
  'occurred_at',
  'payload',
  'received_at',
  'source',
  'subject',
  'topic',
];
const PERSON_KEYS = ['email', 'id', 'kind', 'name'];

function expectWhole(type: SourceTypeName, body: string): void {
  const { event } = readBody(type, body);
  expect(Object.keys(event).sort()).toEqual(KEYS);
  expect(Object.keys(event.action).sort()).toEqual(Object.keys(ABSENT_ACTION).sort());
  const { current, added, removed } = event.assignees;
  for (const one of [event.actor, event.message.author, ...current, ...added, ...removed]) {
    expect(Object.keys(one).sort()).toEqual(PERSON_KEYS);
  }
  const texts = [
    event.id,
    event.topic,
    event.subject,
    event.occurred_at,
    ...Object.values(event.action),
    event.message.text,
  ];
  for (const text of texts) expect(text === null || (typeof text === 'string' && text !== '')).toBe(true);
}

describe('any body', () => {
  const deep = (levels: number) => '['.repeat(levels) + ']'.repeat(levels);

  it.each<[string, string, unknown]>([
    ['empty', '', ''],
    ['not JSON', 'hello=world', 'hello=world'],
    ['cut off', '{"type":', '{"type":'],
    ['after a BOM', '\ufeff{"type":"x"}', { type: 'x' }],
    ['a scalar', '42', 42],
    ['null', 'null', null],
    ['an array', '[{"type":"x"}]', [{ type: 'x' }]],
    ['with a key twice', '{"type":"x","type":"y"}', { type: 'y' }],
    ['256 levels deep', deep(256), JSON.parse(deep(256))],
    ['257 levels deep', deep(257), deep(257)],
    ['100,000 levels deep', deep(100_000), deep(100_000)],
    ['with brackets in a string', JSON.stringify([`\\"${'['.repeat(2000)}\\`]), [`\\"${'['.repeat(2000)}\\`]],
  ])('%s', (_, body, payload) => {
    for (const type of ['alo', 'allo', 'standard-webhooks'] as const) {
      expectWhole(type, body);
      expect(readBody(type, body).event.payload).toEqual(payload);
    }
  });

  it('is read by its own keys only, and changes no prototype', () => {
    const body =
      '{"__proto__":{"type":"evil","action":{"id":"1"}},"constructor":{"name":"x"},"action":{"__proto__":{"id":"2"},"toString":"3"}}';
    const { event } = readBody('alo', body);
    expect(event).toMatchObject({ topic: 'unknown', subject: null, action: ABSENT_ACTION });
    expect({}).not.toHaveProperty('type');
  });

  it('keeps U+0000 and stray surrogates out of what identifies', () => {
    const { event } = readBody('alo', '{"type":"x\\u0000","action":{"id":"\\ud800a\\u0000","title":"t\\u0000t"}}');
    expect(event).toMatchObject({ topic: 'x', subject: '\ufffda', action: { title: 'tt' } });
  });

  it('of arbitrary JSON under the names we look for gives a whole event', () => {
    const names = [
      'type',
      'topic',
      'action',
      'data',
      'payload',
      'id',
      'changes',
      'assignees',
      'added',
      'from',
      'to',
      'message',
      'text',
      'user',
      'timestamp',
      'status',
      'name',
      '__proto__',
      'due_at',
    ];
    const topics = [
      'action_message_added',
      'action_assignment_changed',
      'sms.sent',
      'call.completed',
      'contact.created',
    ];
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { depthSize: 'medium' },
        fc.constantFrom(...topics),
        fc.jsonValue({ maxDepth: 1 }),
        tie('object'),
        fc.array(tie('tree'), { maxLength: 3 }),
      ),
      object: fc.dictionary(fc.constantFrom(...names), tie('tree'), { maxKeys: 8 }),
    }));
    fc.assert(
      fc.property(tree, fc.constantFrom<SourceTypeName>('alo', 'allo', 'standard-webhooks'), (value, type) => {
        expectWhole(type, JSON.stringify(value));
      }),
      { numRuns: 500 },
    );
  });
});
