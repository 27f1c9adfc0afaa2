import { describe, expect, it } from 'vitest';
import { implies, neverHolds, readCondition } from '../../src/language/condition.ts';

describe('one condition implies another', () => {
  it.each([
    ['event.a == "x"', 'event.a == "x"', true],
    ['event.a == "x"', '("x"==event.a)', true],
    ['event.a == "x"', 'event.a == "y"', false],
    ['event.a == "x"', 'event.b == "x"', false],
    ['event.a == "x"', 'event.a in ["x", "y"]', true],
    ['event.a in ["x", "y"]', 'event.a == "x"', false],
    ['event.a == "x" && event.b > 1', 'event.b > 1', true],
    ['event.b > 1', 'event.a == "x" && event.b > 1', false],
    ['event.a == "x"', 'event.b > 1 || event.a == "x"', true],
    ['event.b > 1 || event.a == "x"', 'event.a == "x"', false],
    ['event.b > 1 || event.a == "x"', 'event.a == "x" || event.b > 1', true],
    ['!(event.a == "x")', '!(event.a == "x")', true],
    ['!(event.a == "x")', 'event.a == "x"', false],
    ['event.a != "x"', 'event.a == "x"', false],
    ['size(event.c) > 1', 'size( event.c )>1', true],
    ['event.b > 1', 'event.b > 2', false],
    ['event.b > 1', 'true', true],
    ['event.b > 1', 'false', false],
    ['event.b > 1 && false', 'event.a == "x"', true],
    ['event.a == "x" && (event.b == "y" && event.c == "z")', 'event.a == "x" && event.c == "z"', true],
    ['this is no CEL', 'event.a == "x"', false],
  ])('%s ⇒ %s: %s', (given, then, expected) => {
    expect(implies(readCondition(given), readCondition(then))).toBe(expected);
  });
});

describe('a condition never holds', () => {
  const possible = { 'event.topic': (value: string) => value.startsWith('action_') };
  it.each([
    ['false', 'it is false whatever the event is'],
    ['!true', 'it is false whatever the event is'],
    ['event.a == "x" && false', 'it is false whatever the event is'],
    ['event.a == "x" && event.a == "y"', 'event.a cannot be "x" and "y" at once'],
    ['event.a in ["x", "z"] && event.b > 1 && event.a == "y"', 'event.a cannot be "x" and "y" at once'],
    ['event.topic == "sms"', 'here, event.topic is never "sms"'],
    ['event.topic == "sms" || event.topic in ["call"]', 'here, event.topic is never "sms"'],
    ['(event.topic == "sms" || event.topic == "call") && event.b > 1', 'here, event.topic is never "sms"'],
    ['event.topic == "action_created"', null],
    ['event.topic in ["sms", "action_created"]', null],
    ['event.a in ["x", "y"] && event.a == "y"', null],
    ['event.a == "x" || event.a == "y"', null],
    ['event.a == "x" && event.b == "y"', null],
    ['!(event.topic == "sms")', null],
    ['event.topic != "sms"', null],
    ['event.b > 1 || true', null],
    ['event.b > 1', null],
  ])('%s: %s', (source, expected) => {
    expect(neverHolds(readCondition(source), possible)).toBe(expected);
  });
});
