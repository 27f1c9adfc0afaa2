import { describe, expect, it } from 'vitest';
import { action, person } from '../../src/core/absent.ts';
import { decide } from '../../src/language/decision.ts';
import { compileExpression } from '../../src/language/expression.ts';
import { makeEvent } from '../helpers/events.ts';

const event = makeEvent({
  actor: person({ name: 'SLA Watch', kind: 'bot' }),
  action: action({ status: 'Open', priority: 'High', team: 'Büro (2)' }),
  payload: { data: { result: 'ANSWERED', 'a b': 1 } },
});

function decided(source: string) {
  const compiled = compileExpression(source, { vocabulary: 'event', result: 'bool' });
  if (!compiled.ok) throw new Error(compiled.error.message);
  const { part, evaluation, looked } = decide(compiled.expression, { event });
  const values = looked.map(
    ({ field, evaluation: one }) => `${field} ${one.ok ? JSON.stringify(one.value) : one.reason}`,
  );
  return [part, evaluation.ok ? evaluation.value : 'failed', ...values];
}

describe('the part that decided', () => {
  it.each<[string, ...unknown[]]>([
    ['event.action.status == "Completed"', 'event.action.status == "Completed"', false, 'event.action.status "Open"'],
    [
      'event.topic == "action_created" && event.action.status == "Done" && event.action.priority == "Low"',
      'event.action.status == "Done"',
      false,
      'event.action.status "Open"',
    ],
    // All of them had to be true: none decided alone.
    [
      'event.action.status == "Open" && event.action.priority == "High"',
      'event.action.status == "Open" && event.action.priority == "High"',
      true,
      'event.action.status "Open"',
      'event.action.priority "High"',
    ],
    [
      'event.topic == "x" || (event.action.priority in ["High"])',
      'event.action.priority in ["High"]',
      true,
      'event.action.priority "High"',
    ],
    [
      'event.topic == "action_created" && !(event.actor.kind == "bot" || event.actor.name == "X")',
      'event.actor.kind == "bot"',
      true,
      'event.actor.kind "bot"',
    ],
    ['event.actor.kind != "bot"', 'event.actor.kind != "bot"', false, 'event.actor.kind "bot"'],
    // Ranges end before a closing parenthesis, and texts hold some.
    [
      'event.action.team == "Büro (2)" && (event.topic == "a)" || (event.topic == "(b"))',
      'event.topic == "a)" || (event.topic == "(b")',
      false,
      'event.topic "action_created"',
    ],
    [
      '((event.action.status)) == "x" && event.topic != ""',
      '((event.action.status)) == "x"',
      false,
      'event.action.status "Open"',
    ],
    // What is not there is named, wherever on the way it is missing.
    [
      'event.topic != "" && event.payload.call.result == "VOICEMAIL"',
      'event.payload.call.result == "VOICEMAIL"',
      'failed',
      'event.payload.call.result there is no "call" in event.payload',
    ],
    [
      'event.payload.data.reslt == "VOICEMAIL"',
      'event.payload.data.reslt == "VOICEMAIL"',
      'failed',
      'event.payload.data.reslt there is no "reslt" in event.payload.data',
    ],
    ['event.payload.data["a b"] == 2.0', 'event.payload.data["a b"] == 2.0', false, 'event.payload.data["a b"] 1'],
    [
      'event.assignees.added.exists(p, p.name == event.actor.name)',
      'event.assignees.added.exists(p, p.name == event.actor.name)',
      false,
      'event.assignees.added []',
      'event.actor.name "SLA Watch"',
    ],
    ['event.payload.?x.orValue("") == "q"', 'event.payload.?x.orValue("") == "q"', false, 'event.payload.?x null'],
  ])('%s', (source, ...expected) => {
    expect(decided(source)).toEqual(expected);
  });
});
