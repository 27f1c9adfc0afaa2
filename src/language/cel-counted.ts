/**
 * An expression, written again so that it pays for its work (cel-work.ts) and matches by RE2. It gives the same values.
 * What costs about the same for every event stays as it is.
 */
import type { ASTNode } from '@marcbachmann/cel-js';
import { readInstant } from '../core/instant.ts';
import { compilePattern, type Pattern, PatternError } from './regex.ts';

export interface Counted {
  readonly source: string;
  /** Those that the expression holds itself. */
  readonly patterns: readonly Pattern[];
  /** Nodes of the expression: what it costs without loops. */
  readonly nodes: number;
}

/** A pattern, a time or a duration in the expression that is none. `offset`: where it is in the source. */
export class LiteralFault extends Error {
  override readonly name = 'LiteralFault';
  readonly code: 'bad-pattern' | 'bad-time';
  readonly offset: number;

  constructor(code: LiteralFault['code'], message: string, offset: number) {
    super(message);
    this.code = code;
    this.offset = offset;
  }
}

/** @throws LiteralFault */
export function counted(ast: ASTNode): Counted {
  const writer = new Writer();
  const source = writer.write(ast);
  return { source, patterns: writer.patterns, nodes: writer.nodes };
}

export const LOOPS: ReadonlySet<string> = new Set(['all', 'exists', 'exists_one', 'map', 'filter']);
const SEARCHES: ReadonlySet<string> = new Set(['contains', 'indexOf', 'lastIndexOf']);
/** They read the whole of what they are called on. */
const LINEAR: ReadonlySet<string> = new Set(
  'size split lowerAscii upperAscii trim json hex string base64 bytes double'.split(' '),
);
const COMPARISONS: ReadonlySet<string> = new Set(['==', '!=', '<', '<=', '>', '>=']);
const POSTFIX: ReadonlySet<string> = new Set(['value', 'id', '.', '.?', '[]', '[?]', 'call', 'rcall', 'list', 'map']);

/** Steps of a round of a loop, and of each node that it evaluates, as measured. */
const ROUND = 0.2;
const NODE = 0.05;
/** Nodes that a look-up in a time zone counts as: its rules are read again each time. */
const ZONE = 1_000;

class Writer {
  readonly patterns: Pattern[] = [];
  nodes = 0;
  #names = 0;

  write(node: ASTNode): string {
    this.nodes += 1;
    const inner = (child: ASTNode) => this.write(child);
    switch (node.op) {
      case 'value':
        return node.input.slice(node.start, node.end);
      case 'id':
        return node.args;
      case '.':
      case '.?':
        return `${this.#operand(node.args[0])}${node.op}${node.args[1]}`;
      case '[]':
      case '[?]':
        return `${this.#operand(node.args[0])}${node.op.slice(0, -1)}${inner(node.args[1])}]`;
      case 'call':
        return this.#call(node.args[0], node.args[1]);
      case 'rcall':
        return this.#method(node.args);
      case 'list':
        return `[${node.args.map(inner).join(', ')}]`;
      case 'map':
        return `{${node.args.map(([key, value]) => `${inner(key)}: ${inner(value)}`).join(', ')}}`;
      case '!_':
      case '-_':
        return `${node.op[0]}${this.#operand(node.args)}`;
      case '?:': {
        const [condition, yes, no] = node.args;
        return `(${inner(condition)}) ? (${inner(yes)}) : (${inner(no)})`;
      }
      default:
        return this.#binary(node.op, node.args);
    }
  }

  #operand(node: ASTNode): string {
    const text = this.write(node);
    return POSTFIX.has(node.op) ? text : `(${text})`;
  }

  #binary(operator: string, [left, right]: readonly [ASTNode, ASTNode]): string {
    const [paidLeft, paidRight] = paidSides(operator, [left, right]);
    // The operators group to the left: a long row of them needs no parentheses.
    const before = left.op === operator && paidLeft === null ? this.write(left) : this.#operand(left);
    return `${paid(paidLeft, before)} ${operator} ${paid(paidRight, this.#operand(right))}`;
  }

  #call(name: string, args: readonly ASTNode[]): string {
    const written = args.map((argument) => this.write(argument));
    const [only] = args;
    if (only?.op === 'value') checkTime(name, only);
    if (name === 'timestamp') return `timestamp(_instant(${written.join(', ')}))`;
    if (only === undefined || only.op === 'value') return `${name}(${written.join(', ')})`;
    if (name === 'duration') return `duration(_duration(${written.join(', ')}))`;
    return LINEAR.has(name) ? `${name}(_size(${written.join(', ')}))` : `${name}(${written.join(', ')})`;
  }

  #method([name, on, args]: readonly [string, ASTNode, readonly ASTNode[]]): string {
    const [first] = args;
    if (LOOPS.has(name) && first?.op === 'id') return this.#loop(name, on, args);
    const receiver = this.#operand(on);
    const written = args.map((argument) => this.write(argument));
    if (name === 'matches' && first !== undefined) return this.#matches(receiver, first, written.join(', '));
    if (SEARCHES.has(name)) {
      const [wanted = '', ...from] = written;
      if (first?.op === 'value') return `_size(${receiver}).${name}(${[wanted, ...ints(from)].join(', ')})`;
      return this.#twice(
        wanted,
        (needle) => `_search(${receiver}, ${needle}).${name}(${[needle, ...ints(from)].join(', ')})`,
      );
    }
    if (name === 'join') {
      return this.#twice(written[0] ?? '""', (between) => `_join(${receiver}, ${between}).join(${between})`);
    }
    if (name === 'split')
      return `_size(_size(${receiver}).split(${[written[0], ...ints(written.slice(1))].join(', ')}))`;
    if (name === 'substring' || name === 'at') return `${receiver}.${name}(${ints(written).join(', ')})`;
    if (name.startsWith('get') && args.length > 0) this.nodes += ZONE;
    return `${LINEAR.has(name) ? `_size(${receiver})` : receiver}.${name}(${written.join(', ')})`;
  }

  #loop(name: string, range: ASTNode, args: readonly ASTNode[]): string {
    const over = this.write(range);
    const before = this.nodes;
    const written = args.map((argument) => this.write(argument));
    const steps = (ROUND + NODE * (this.nodes - before)).toFixed(2);
    return `_each(${over}, ${steps}).${name}(${written.join(', ')})`;
  }

  #matches(receiver: string, pattern: ASTNode, written: string): string {
    if (pattern.op !== 'value' || typeof pattern.args !== 'string') return `${receiver}._matches(${written})`;
    try {
      const index = this.patterns.push(compilePattern(pattern.args)) - 1;
      return `${receiver}._matches(${written}, ${index})`;
    } catch (error) {
      if (!(error instanceof PatternError)) throw error;
      const within = error.fragment === '' ? -1 : written.indexOf(error.fragment);
      throw new LiteralFault('bad-pattern', `This is ${error.message}.`, pattern.start + Math.max(within, 0));
    }
  }

  /** What is needed in two places is computed once. */
  #twice(value: string, use: (name: string) => string): string {
    this.#names += 1;
    const name = `__${this.#names}`;
    return `cel.bind(${name}, ${value}, ${use(name)})`;
  }
}

/** As CEL has it: no days, whose length depends on where they are. */
const DURATION = /^-?(?:\d+(?:\.\d+)?(?:h|ms?|s|us|ns))+$/;

function checkTime(name: string, { args: value, start }: Extract<ASTNode, { op: 'value' }>): void {
  if (typeof value !== 'string') return;
  if (name === 'duration' && !DURATION.test(value))
    throw new LiteralFault(
      'bad-time',
      'A duration is numbers with units: "90s", "15m", "1h30m"; a day is "24h".',
      start,
    );
  if (name === 'timestamp' && readInstant(value) === null)
    throw new LiteralFault('bad-time', 'A time is written as in "2026-03-02T09:00:00Z", or as a day.', start);
}

type Payment = '_size' | '_deep' | null;

function paid(how: Payment, written: string): string {
  return how === null ? written : `${how}(${written})`;
}

/** Texts and lists that are added make longer ones; a comparison ends where the shorter side does. */
function paidSides(operator: string, [left, right]: readonly [ASTNode, ASTNode]): [Payment, Payment] {
  const fixed = [left, right].map(isFixed);
  if (operator === '+' && ![left, right].some(isNumber)) return [fixed[0] ? null : '_size', fixed[1] ? null : '_size'];
  if (operator === 'in' && !fixed[1]) return [null, fixed[0] ? '_size' : '_deep'];
  return COMPARISONS.has(operator) && !fixed[0] && !fixed[1] ? ['_deep', null] : [null, null];
}

/** As large as it is written. */
function isFixed(node: ASTNode): boolean {
  return node.op === 'value' || (node.op === 'list' && node.args.every(isFixed));
}

function isNumber(node: ASTNode): boolean {
  return node.op === 'value' && (typeof node.args === 'number' || typeof node.args === 'bigint');
}

function ints(written: readonly string[]): string[] {
  return written.map((argument) => `_int(${argument})`);
}
