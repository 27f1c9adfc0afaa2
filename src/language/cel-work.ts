/**
 * The functions that an expression calls to pay for its work, and `matches`. `counted` (cel-counted.ts) writes the calls
 * into it; their names begin with an underscore, and what users write knows none of them.
 *
 * They pay before the work is done: CEL continues after an error inside `exists` or beside `||`, and so can only do what
 * was paid for.
 */
import type { Environment } from '@marcbachmann/cel-js';
import { readInstant } from '../core/instant.ts';
import { int } from './cel-numbers.ts';
import { compilePattern, type Pattern, patternOf } from './regex.ts';
import { stepsForCharacters, type WorkBudget } from './work.ts';

/** What the evaluation under way may use. Evaluation is synchronous, so there is one; `withWork` restores the one before. */
interface Running {
  readonly work: WorkBudget;
  readonly patterns: readonly Pattern[];
}

let running: Running | null = null;

export function withWork<T>(next: Running, evaluate: () => T): T {
  const before = running;
  running = next;
  try {
    return evaluate();
  } finally {
    running = before;
  }
}

function spend(steps: number): void {
  running?.work.spend(steps);
}

/** Values that a step compares. */
const VALUES = 20;
/** What `duration` reads of a text: its pattern takes cubic time for one that is none. */
const LONGEST_DURATION = 64;
const LONGEST_INSTANT = 64;

export function registerWork(environment: Environment): Environment {
  const sync = { async: false };
  return environment
    .registerFunction('_each(dyn, double): dyn', each, sync)
    .registerFunction('_size(dyn): dyn', (value: unknown) => pay(value, sizeOf(value)), sync)
    .registerFunction('_deep(dyn): dyn', deep, sync)
    .registerFunction('_search(dyn, dyn): dyn', search, sync)
    .registerFunction('_join(dyn, dyn): dyn', join, sync)
    .registerFunction('_duration(dyn): dyn', durationText, sync)
    .registerFunction('_int(dyn): dyn', intOf, sync)
    .registerFunction('_instant(dyn): dyn', instantOf, sync)
    .registerFunction('string._matches(string, int): bool', matchesKnown, sync)
    .registerFunction('string._matches(string): bool', matchesFound, sync);
}

function pay<T>(value: T, steps: number): T {
  spend(steps);
  return value;
}

/** What a loop walks, paid for all its rounds at once. */
function each(range: unknown, stepsEach: number): unknown {
  return pay(range, lengthOf(range) * stepsEach);
}

function lengthOf(value: unknown): number {
  if (Array.isArray(value)) return value.length;
  return typeof value === 'object' && value !== null ? Object.keys(value).length : 0;
}

/** Steps of reading it: a text's characters, the items of a list. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string' || value instanceof Uint8Array) return stepsForCharacters(value.length);
  return lengthOf(value) / VALUES;
}

/** What is compared with something, down to its last value. */
function deep(value: unknown): unknown {
  spend(sizeOf(value));
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value;
  const parts: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  for (const part of parts) if (typeof part === 'string' || typeof part === 'object') deep(part);
  return value;
}

/** Searching backwards, or for a text that repeats itself, compares each character of the one with each of the other. */
function search(text: unknown, wanted: unknown): unknown {
  if (typeof text !== 'string' || typeof wanted !== 'string') return text;
  return pay(text, stepsForCharacters(text.length * (1 + wanted.length / 10)));
}

function join(list: unknown, separator: unknown): unknown {
  if (!Array.isArray(list)) return list;
  const between = typeof separator === 'string' ? separator.length : 0;
  spend(stepsForCharacters(list.length * (1 + between)));
  for (const item of list) if (typeof item === 'string') spend(stepsForCharacters(item.length));
  return list;
}

function durationText(value: unknown): unknown {
  if (typeof value !== 'string' || value.length <= LONGEST_DURATION) return value;
  throw new RangeError(`a text of ${value.length} characters is no duration`);
}

/** JSON numbers where CEL's functions take an int. */
function intOf(value: unknown): unknown {
  return typeof value === 'number' ? (int(value) ?? value) : value;
}

/** Times as senders write them, as CEL takes them. */
function instantOf(value: unknown): unknown {
  if (typeof value === 'string' && value.length > LONGEST_INSTANT) return value;
  const instant = readInstant(value);
  return instant === null ? intOf(value) : new Date(instant.ms).toISOString();
}

/** `index`: of the patterns that were compiled with the expression. */
function matchesKnown(text: string, _pattern: string, index: bigint): boolean {
  const pattern = running?.patterns[Number(index)];
  return matches(text, pattern ?? compilePattern(_pattern));
}

function matchesFound(text: string, source: string): boolean {
  return matches(text, patternOf(source, spend));
}

function matches(text: string, { compiled, stepsPerCharacter }: Pattern): boolean {
  spend(text.length * stepsPerCharacter);
  return compiled.test(text);
}
