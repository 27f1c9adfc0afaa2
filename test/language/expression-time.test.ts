import { describe, expect, it } from 'vitest';
import { decide } from '../../src/language/decision.ts';
import { compileExpression } from '../../src/language/expression.ts';

const EVENT = {
  received_at: '2026-03-03T12:00:00.000Z',
  action: { due_at: '2026-03-03T13:30:00+01:00' },
  message: { text: null },
  payload: { day: '2026-03-03', ms: 1_772_539_200_000, seconds: 1_772_539_200, long: '2026-'.repeat(50_000) },
};

function compiled(source: string) {
  const compilation = compileExpression(source, { vocabulary: 'event', result: 'bool' });
  if (!compilation.ok) throw new Error(compilation.error.message);
  return compilation.expression;
}

describe('a time in an expression', () => {
  it.each([
    ['timestamp(event.action.due_at) < now + duration("1h")', true],
    ['timestamp(event.action.due_at) < now', false],
    ['now == timestamp(event.received_at)', true],
    ['timestamp(event.payload.day) + duration("12h") == now', true],
    ['timestamp(event.payload.ms) == now && timestamp(event.payload.seconds) == now', true],
    ['timestamp(1772539200) == now && timestamp("2026-03-03 12:00") == now', true],
    ['now - timestamp(event.payload.day) > duration("11h59m")', true],
    ['now.getHours("Europe/Paris") == 13 && now.getDayOfWeek() == 2', true],
  ])('%s: %j', (source, expected) => {
    expect(compiled(source).evaluate({ event: EVENT })).toEqual({ ok: true, value: expected });
  });

  it.each([
    ['timestamp(event.message.text) < now', 'timestamp(…) does not take null'],
    ['event.payload.day < now', 'a text < a time has no value: write timestamp(…) around the text'],
    ['timestamp(event.payload.long) < now', 'timestamp() requires a string in ISO 8601 format'],
  ])('%s has no value', (source, reason) => {
    expect(compiled(source).evaluate({ event: EVENT })).toEqual({ ok: false, reason, exceeded: false });
  });

  it('is another one where it is evaluated at another', () => {
    const now = new Date('2026-03-03T13:00:00Z');
    const late = compiled('now > timestamp(event.action.due_at)');
    expect(late.evaluate({ event: EVENT })).toMatchObject({ value: false });
    expect(late.evaluate({ event: EVENT, now })).toMatchObject({ value: true });
  });

  it('is shown where a condition is explained', () => {
    const { looked } = decide(compiled('timestamp(event.action.due_at) < now'), { event: EVENT });
    expect(looked.map(({ field, evaluation }) => [field, evaluation.ok && evaluation.value])).toEqual([
      ['event.action.due_at', EVENT.action.due_at],
      ['now', new Date(EVENT.received_at)],
    ]);
  });

  it('of a body, before there is an event, is not known', () => {
    const { ok } = compileExpression('timestamp(payload.due) < now', { vocabulary: 'payload' });
    expect(ok).toBe(false);
  });
});
