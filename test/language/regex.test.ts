import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compileExpression, type Evaluation } from '../../src/language/expression.ts';
import { compilePattern } from '../../src/language/regex.ts';
import { WorkBudget } from '../../src/language/work.ts';

function compile(source: string) {
  return compileExpression(source, { vocabulary: 'payload' });
}

function evaluate(source: string, payload: unknown, work?: WorkBudget): Evaluation {
  const compiled = compile(source);
  if (!compiled.ok) throw new Error(compiled.error.message);
  return compiled.expression.evaluate({ payload }, work);
}

describe('matches is RE2', () => {
  it.each([
    ['(?i)urgent', 'This is URGENT', true],
    ['(?P<n>x)', 'a xylophone', true],
    ['^(?:sev|prio)[-_ ]?[12]$', 'sev-1', true],
    ['^\\\\d+$', '12a', false],
    ['\\\\bGrüße', 'Grüße', true],
    // It freezes an engine that goes back and tries again.
    ['^(\\\\w+\\\\s?)*:$', `${'a'.repeat(250_000)}!`, false],
  ])('%s', (pattern, text, value) => {
    expect(evaluate(`payload.text.matches("${pattern}")`, { text }, new WorkBudget(100_000))).toEqual({
      ok: true,
      value,
    });
  });

  it.each([
    [
      'payload.t.matches("(")',
      19,
      'This is not a valid regular expression: missing closing ) (for the character itself, write "\\\\(").',
    ],
    ['payload.t.matches("a[z-a]")', 21, 'This is not a valid regular expression: invalid character class range.'],
    [
      'payload.a && payload.t.matches("x(?=y)")',
      33,
      'This is not a valid regular expression: invalid or unsupported Perl syntax (RE2 has no look-ahead: write two conditions, joined by &&).',
    ],
    ['payload.t.matches("x{1001}")', 20, 'This is not a valid regular expression: invalid repeat count.'],
  ])('%s is refused when it is loaded', (source, offset, message) => {
    const compiled = compile(source);
    expect(compiled.ok ? null : compiled.error).toMatchObject({ code: 'bad-pattern', message });
    expect(compiled.ok ? null : compiled.error.offset).toBe(offset);
  });

  it('takes a pattern of the event, and shows nothing of one that is none', () => {
    const source = 'payload.text.matches(payload.pattern)';
    expect(evaluate(source, { text: 'abc', pattern: '^A|c$' })).toEqual({ ok: true, value: true });
    const bad = evaluate(source, { text: 'abc', pattern: 'secret(' });
    expect(bad).toMatchObject({ ok: false, exceeded: false, reason: expect.stringContaining('missing closing )') });
    expect(JSON.stringify(bad)).not.toContain('secret');
    const long = { text: 'abc', pattern: 'a'.repeat(501) };
    expect(evaluate(source, long)).toMatchObject({
      ok: false,
      reason: 'a pattern of 501 characters is too long (500 at most)',
    });
  });

  it('says what is not a text', () => {
    const reason = 'null has no matches(a text)';
    expect(evaluate('payload.t.matches("x")', { t: null })).toEqual({ ok: false, reason, exceeded: false });
  });

  it('finds what JavaScript finds, where both mean the same', () => {
    const atom = fc.constantFrom('a', 'b', '.', '[ab]', '[^a]', '(a|b)', '(?:ab)', '\\d', '\\w');
    const piece = fc.tuple(atom, fc.constantFrom('', '*', '+', '?', '{1,2}')).map((parts) => parts.join(''));
    const pattern = fc.array(piece, { minLength: 1, maxLength: 6 }).map((pieces) => pieces.join(''));
    const text = fc.string({ unit: fc.constantFrom('a', 'b', '1', ' '), maxLength: 20 });
    fc.assert(
      fc.property(pattern, text, (source, value) => {
        expect(compilePattern(source).compiled.test(value)).toBe(new RegExp(source).test(value));
      }),
    );
  });
});

describe('the price of a match', () => {
  const stepsOf = (pattern: string) => compilePattern(pattern).stepsPerCharacter;

  it('is small for patterns with few choices', () => {
    for (const pattern of [
      '(?i)urgent',
      '^(\\w+\\s?)*:$',
      '\\b(?:urgent|critical|blocker)\\b',
      '[^@]+@example\\.com$',
      'a'.repeat(400),
    ]) {
      expect(stepsOf(pattern), pattern).toBe(0.04);
    }
  });

  it('grows with the program where a hostile text costs more', () => {
    for (const pattern of ['(a|b)*a(a|b){12}c', '(?i)[ab]*a.{100}\\d$', `a${'.'.repeat(12)}[^a]`]) {
      expect(stepsOf(pattern), pattern).toBe(compilePattern(pattern).compiled.programSize() / 10);
    }
  });

  it('ends what goes beyond the budget before it begins', () => {
    const text = 'ab'.repeat(50_000);
    const hostile = evaluate('payload.text.matches("(a|b)*a(a|b){60}[^ab]")', { text });
    expect(hostile).toMatchObject({ ok: false, exceeded: true });
  });
});
