import { inspect } from 'node:util';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ABSENT_ACTION,
  ABSENT_MESSAGE,
  ABSENT_PERSON,
  action,
  chatMessage,
  isAbsent,
  person,
} from '../../src/core/absent.ts';
import { backoffMs } from '../../src/core/backoff.ts';
import { parseBody } from '../../src/core/body.ts';
import { eventTimeMs } from '../../src/core/event.ts';
import { readEventHeader, writeEventHeader } from '../../src/core/event-header.ts';
import { Secret } from '../../src/core/secret.ts';
import { makeEvent } from '../helpers/events.ts';

describe('Secret', () => {
  it('shows itself to nobody but who asks by name', () => {
    const secret = new Secret('hunter2');
    const error = new Error(`no: ${secret}`, { cause: { secret } });
    for (const shown of [
      `${secret}`,
      String(secret),
      JSON.stringify({ secret }),
      inspect({ secret }),
      inspect(error),
    ]) {
      expect(shown).not.toContain('hunter2');
      expect(shown).toContain('<secret>');
    }
    expect(secret.reveal()).toBe('hunter2');
  });
});

describe('backoffMs', () => {
  it('is anywhere between nothing and a ceiling that doubles up to the maximum', () => {
    const policy = { firstMs: 1000, maxMs: 60_000 };
    const ceilings = [1, 2, 3, 6, 7, 1000].map((attempt) => backoffMs(policy, attempt, () => 1));
    expect(ceilings).toEqual([1000, 2000, 4000, 32_000, 60_000, 60_000]);
    expect(backoffMs(policy, 5, () => 0)).toBe(0);
    expect(backoffMs(policy, 2, () => 0.25)).toBe(500);
  });
});

describe('an envelope', () => {
  const text = fc.option(fc.string(), { nil: null });
  const someone = fc.record({ id: text, name: text, email: text, kind: text }).map(person);
  const deed = fc
    .record({
      id: text,
      title: text,
      description: text,
      status: text,
      priority: text,
      type: text,
      team: text,
      due_at: text,
      url: text,
    })
    .map(action);

  it('comes back from the journal as it went in, what is absent included', () => {
    const people = fc.array(someone, { maxLength: 2 });
    fc.assert(
      fc.property(someone, deed, people, people, text, (actor, what, current, added, said) => {
        const message = chatMessage(said, actor);
        const { payload: _, ...envelope } = makeEvent({
          actor,
          action: what,
          message,
          assignees: { current, added, removed: [] },
        });
        const back = readEventHeader(writeEventHeader(envelope));
        expect(back).toEqual(envelope);
        expect([isAbsent(back.actor), isAbsent(back.action), isAbsent(back.message)]).toEqual(
          [actor, what, message].map(isAbsent),
        );
      }),
    );
  });

  it('nothing known is the absent one', () => {
    expect([person({}), action({}), chatMessage(null, ABSENT_PERSON)]).toEqual([
      ABSENT_PERSON,
      ABSENT_ACTION,
      ABSENT_MESSAGE,
    ]);
    expect([isAbsent(null), isAbsent({}), isAbsent(person({ id: 'u' }))]).toEqual([true, false, false]);
  });

  it('is ordered by when it happened, else by when it came', () => {
    const received_at = '2026-03-02T09:00:01.000Z';
    expect(eventTimeMs({ occurred_at: '2026-03-01T00:00:00Z', received_at })).toBe(Date.parse('2026-03-01T00:00:00Z'));
    expect(eventTimeMs({ occurred_at: null, received_at })).toBe(Date.parse(received_at));
    expect(eventTimeMs({ occurred_at: 'yesterday', received_at })).toBe(Date.parse(received_at));
  });
});

describe('parseBody', () => {
  const nested = (levels: number, open: string, close: string, core = '1') =>
    open.repeat(levels) + core + close.repeat(levels);

  it.each([
    ['{"a":1}', { a: 1 }],
    ['\ufeff[1]', [1]],
    ['not JSON', 'not JSON'],
    ['', ''],
    [nested(256, '[', ']'), JSON.parse(nested(256, '[', ']'))],
    [nested(257, '[', ']'), nested(257, '[', ']')],
    [nested(257, '{"a":', '}'), nested(257, '{"a":', '}')],
    [nested(100_000, '[', ']', ''), nested(100_000, '[', ']', '')],
    [`{"__proto__":${nested(300, '[', ']')}}`, `{"__proto__":${nested(300, '[', ']')}}`],
    [`"${'['.repeat(1000)}"`, '['.repeat(1000)],
  ])('%#', (text, value) => {
    expect(parseBody(text)).toEqual(value);
  });
});
