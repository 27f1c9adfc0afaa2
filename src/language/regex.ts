/** Regular expressions of CEL's `matches`: RE2, which takes time linear in the text, whatever the pattern. */
import { createRequire } from 'node:module';
import { LRUCache } from 'lru-cache';
import type { RE2JS } from 're2js';

export interface Pattern {
  readonly compiled: RE2JS;
  readonly stepsPerCharacter: number;
}

/** `fragment`: the part of the pattern at fault. Patterns may come from a payload, so the message never holds it. */
export class PatternError extends Error {
  override readonly name = 'PatternError';
  readonly fragment: string;

  constructor(message: string, fragment: string) {
    super(message);
    this.fragment = fragment;
  }
}

let engine: typeof RE2JS | null = null;

/** A quarter of a megabyte: loaded with the first pattern, so a config without one starts without it. */
function loadEngine(): typeof RE2JS {
  if (engine !== null) return engine;
  const loaded: typeof import('re2js') = createRequire(import.meta.url)('re2js');
  engine = loaded.RE2JS;
  return engine;
}

/** @throws PatternError */
export function compilePattern(source: string): Pattern {
  try {
    const compiled = loadEngine().compile(source);
    return { compiled, stepsPerCharacter: stepsPerCharacter(source, compiled.programSize()) };
  } catch (error) {
    const { error: fault, input } = syntaxFault(error);
    throw new PatternError(
      `not a valid regular expression: ${fault}${REMEDIES[fault] ?? REMEDIES[input] ?? ''}`,
      input,
    );
  }
}

/** By what is wrong, or by the fragment at fault. */
const REMEDIES: Readonly<Record<string, string>> = {
  'missing closing )': ' (for the character itself, write "\\\\(")',
  'invalid escape sequence': ' (RE2 has no references to groups; for the character itself, write "\\\\" before it)',
  '(?=': ' (RE2 has no look-ahead: write two conditions, joined by &&)',
  '(?!': ' (RE2 has no look-ahead: write two conditions, joined by && !)',
};

function syntaxFault(error: unknown): { error: string; input: string } {
  if (typeof error !== 'object' || error === null || !('error' in error)) throw error;
  const input = 'input' in error ? error.input : '';
  return { error: String(error.error), input: typeof input === 'string' ? input : '' };
}

/** What makes more than one continuation possible: a class, an alternative, a repetition. */
const TOKENS = /\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\[dDwWsSpPC]|\\.|\[(?:\\.|[^\]\\])*\]|\(\?[imsU-]*[:)]|[.|(*+?{]/gsu;
const HARMLESS = /^\\(?![pPdDwWsSC])|^\(\?/;

/** Up to here the automaton has so few states that a character costs 40 ns at most, as measured. */
const FEW_CHOICES = 10;

/**
 * Beyond FEW_CHOICES, and with counted repetitions, a hostile text makes states faster than they are used, and a
 * character costs up to 100 ns for each instruction of the program.
 */
function stepsPerCharacter(source: string, programSize: number): number {
  const choices = (source.match(TOKENS) ?? []).filter((token) => !HARMLESS.test(token));
  const few = choices.length <= FEW_CHOICES && !choices.includes('{');
  return few ? 0.04 : Math.max(0.04, programSize / 10);
}

const LONGEST_PATTERN = 500;

/** Each keeps up to 8 MB of states of its automaton. */
const found = new LRUCache<string, Pattern>({ max: 8 });

/** Steps that compiling may take: counted repetitions multiply. */
const COMPILING = { plain: 500, counted: 10_000 } as const;

/** A pattern that an event holds. @throws PatternError, and what `spend` throws. */
export function patternOf(source: string, spend: (steps: number) => void): Pattern {
  const known = found.get(source);
  if (known !== undefined) return known;
  if (source.length > LONGEST_PATTERN) {
    throw new PatternError(`a pattern of ${source.length} characters is too long (${LONGEST_PATTERN} at most)`, '');
  }
  spend(source.includes('{') ? COMPILING.counted : COMPILING.plain);
  const pattern = compilePattern(source);
  found.set(source, pattern);
  return pattern;
}
