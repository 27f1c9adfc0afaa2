import { describe, expect, it } from 'vitest';
import { compileExpression } from '../../src/language/expression.ts';

function complaint(source: string, vocabulary: 'event' | 'payload' = 'event'): string | null {
  const compiled = compileExpression(source, { vocabulary, result: 'bool' });
  return compiled.ok ? null : `${compiled.error.offset}: ${compiled.error.message}`;
}

describe('what is wrong with an expression, for somebody who does not know CEL', () => {
  it.each([
    ['event.a and event.b', '8: For "and", write &&.'],
    ['event.topic == "a" or event.topic == "b"', '19: For "or", write ||.'],
    ['not event.topic', '4: For "not", write ! before a condition in parentheses: !(…).'],
    ['event.topic = "a"', '12: One = does not compare: write ==.'],
    ['event.topic === "a"', '14: There is no === and no !==: write == or !=.'],
    ['event.topic <> "a"', '13: There is no <>: write !=.'],
    ['event.topic =~ "a"', '12: There is no =~: write event.topic.matches("…").'],
    ['event.topic contains "a"', '12: Write event.message.text.contains("…").'],
    ['event.topic == “a”', '15: These are not the quotation marks of a keyboard: write " or \'.'],
    ['event.topic == "a', '15: This text has no closing quotation mark.'],
    ['event.topic == ', '15: Something is missing at the end.'],
    ['(event.topic == "a"', '19: There is a ( without its ).'],
    ['event.topic == "a")', '18: There is a ) without a ( before it.'],
    ['event.topic "a"', '12: Something is missing before this text, such as == or &&.'],
    ['', '0: There is no expression here.'],
    ['{{ event.topic }} == "a"', '15: An expression stands here, without {{ }}: write what is between them alone.'],
    ['topic == "a"', '0: There is no "topic" here. Did you mean "event.topic"?'],
    ['evnt.topic == "a"', '0: There is no "evnt" here. Did you mean "event"?'],
    [
      'event.topic == Done',
      '15: There is no "Done" here. Fields begin with event, as in event.topic; text stands in quotes: "Done".',
    ],
    [
      'event.assignees.adde == null',
      '16: There is no "adde" here. Did you mean "added"? Known here: current, added, removed.',
    ],
    [
      'event.topic in "abc"',
      '0: "in" takes a list on its right, as in ["High", "Critical"]; this is a text in a text.',
    ],
    ['event.actor == "maria"', '0: This is the whole person == a text: name a field of the whole person, as in .name.'],
    ['event.topic && true', '0: && and || take conditions; one of these is a text: compare it, as in != null.'],
    ['!event.topic', '0: ! takes a condition; this is a text.'],
    ['contains(event.topic, "a")', '0: contains stands behind what it looks at: event.topic.contains(…).'],
    [
      'event.topic.startswith("a")',
      '0: There is no function startswith. Did you mean startsWith? Known: contains, startsWith, endsWith, matches, exists, all, filter, map, size, lowerAscii, getHours, getDayOfWeek, timestamp, duration, string, int.',
    ],
    ['event.action', '0: A condition must be true or false; this is the whole action.'],
  ])('%s', (source, expected) => {
    expect(complaint(source)).toBe(expected);
  });

  it('takes hundreds of parts, and says so where there are too many', () => {
    const parts = (count: number) =>
      Array.from({ length: count }, (_, index) => `event.topic == "${index}"`).join(' || ');
    expect(complaint(parts(500))).toBeNull();
    expect(complaint(parts(10_000))).toBe(
      '0: This expression has too many parts. Compare with a list: event.topic in ["a", "b"].',
    );
  });

  it('knows where the body is', () => {
    expect(complaint('action.id', 'payload')).toBe(
      '0: There is no "action" here. Begin with payload, which is the body: payload.action.',
    );
  });
});
