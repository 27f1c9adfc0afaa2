/**
 * Expressions (CEL) over an event: `when`, `to`, `each`, `fields`.
 *
 * An expression is checked against the event's declared type when the file that holds it is loaded, and evaluated
 * against plain objects afterwards. Evaluation never throws: what the payload lacks makes it fail with a reason, and
 * whoever asked decides what that means (a condition: false).
 */
import { Environment, Optional } from '@marcbachmann/cel-js';
import { isAbsent } from '../core/absent.ts';
import { closest } from './schema.ts';

/** `event`: conditions and templates. `payload`: the `fields` of a source, before there is an event. */
type Vocabulary = 'event' | 'payload';

export interface Expression {
  readonly source: string;
  /** The checked type: `bool`, `string`, `list<Person>`, … or `dyn`, which only evaluation settles. */
  readonly type: string;
  evaluate(scope: Readonly<Record<string, unknown>>): Evaluation;
}

export type Evaluation =
  | { readonly ok: true; readonly value: unknown }
  | { readonly ok: false; readonly reason: string };

export interface ExpressionOptions {
  readonly vocabulary: Vocabulary;
  /** Names that `each` introduced, with their types (`Person`, `dyn`). */
  readonly locals?: Readonly<Record<string, string>>;
  /** What the place needs; `dyn` is let through. */
  readonly result?: 'bool' | 'list' | 'any';
}

export interface ExpressionError {
  readonly code: 'expression-syntax' | 'expression-type' | 'unknown-field';
  /** One sentence. */
  readonly message: string;
  /** Where in the source it is, from 0. */
  readonly offset: number;
}

export type Compilation =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly error: ExpressionError };

const OPTIONS = { enableOptionalTypes: true, homogeneousAggregateLiterals: false } as const;

/** The event's declared type, field by field (core/event.ts). `dyn` where the sender decides. */
export const EVENT_TYPES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Person: { id: 'string', name: 'string', email: 'string', kind: 'string' },
  Action: {
    id: 'string',
    title: 'string',
    description: 'string',
    status: 'string',
    priority: 'string',
    type: 'string',
    team: 'string',
    due_at: 'string',
    url: 'string',
  },
  Assignees: { current: 'list<Person>', added: 'list<Person>', removed: 'list<Person>' },
  Message: { text: 'string', author: 'Person' },
  Event: {
    id: 'string',
    source: 'string',
    topic: 'string',
    occurred_at: 'string',
    received_at: 'string',
    subject: 'string',
    actor: 'Person',
    action: 'Action',
    assignees: 'Assignees',
    message: 'Message',
    payload: 'dyn',
  },
};

const FIELD_NAMES = [...new Set(['event', ...Object.values(EVENT_TYPES).flatMap((fields) => Object.keys(fields))])];

/** Types an expression is checked against. Nullable fields compare with null, which CEL's own types do not allow. */
function checkingEnvironment(vocabulary: Vocabulary): Environment {
  const environment = new Environment(OPTIONS);
  environment.registerOperator('string == null', () => false);
  for (const [name, fields] of Object.entries(EVENT_TYPES)) {
    environment.registerType(name, { fields: { ...fields } });
    environment.registerOperator(`${name} == null`, () => false);
  }
  return vocabulary === 'event'
    ? environment.registerVariable('event', 'Event')
    : environment.registerVariable('payload', 'dyn');
}

/** Plain objects at run time, where an absent person, action or message equals null. */
function runningEnvironment(vocabulary: Vocabulary): Environment {
  return new Environment(OPTIONS)
    .registerOperator('map == null', (value: unknown) => isAbsent(value))
    .registerVariable(vocabulary, 'dyn');
}

const environments = new Map<Vocabulary, { checking: Environment; running: Environment }>();

function environmentsOf({ vocabulary, locals = {} }: ExpressionOptions) {
  let base = environments.get(vocabulary);
  if (base === undefined) {
    base = { checking: checkingEnvironment(vocabulary), running: runningEnvironment(vocabulary) };
    environments.set(vocabulary, base);
  }
  const names = Object.entries(locals);
  if (names.length === 0) return base;
  const checking = base.checking.clone();
  const running = base.running.clone();
  for (const [name, type] of names) {
    checking.registerVariable(name, type);
    running.registerVariable(name, 'dyn');
  }
  return { checking, running };
}

/** Parses and checks an expression. Never throws. */
export function compileExpression(source: string, options: ExpressionOptions): Compilation {
  const { checking, running } = environmentsOf(options);
  try {
    const checked = checking.check(source);
    if (!checked.valid || checked.type === undefined) return failure(checked.error, source);
    const mismatch = resultMismatch(checked.type, options.result ?? 'any');
    if (mismatch !== null) return { ok: false, error: { code: 'expression-type', message: mismatch, offset: 0 } };
    const run = running.parse(source);
    return { ok: true, expression: { source, type: checked.type, evaluate: (scope) => evaluate(run, scope) } };
  } catch (error) {
    return failure(error, source);
  }
}

/** True only where the condition holds: a failed evaluation, or any other value, is false. */
export function holds(evaluation: Evaluation): boolean {
  return evaluation.ok && evaluation.value === true;
}

function evaluate(
  run: (scope: Record<string, unknown>) => unknown,
  scope: Readonly<Record<string, unknown>>,
): Evaluation {
  try {
    const value: unknown = run(scope);
    if (value instanceof Optional) return { ok: true, value: value.hasValue() ? plain(value.value()) : null };
    return { ok: true, value: plain(value) };
  } catch (error) {
    return { ok: false, reason: summaryOf(error) };
  }
}

/** CEL computes integers as bigint; whoever takes the value wants a number. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number(value);
  return Array.isArray(value) ? value.map(plain) : value;
}

function resultMismatch(type: string, result: NonNullable<ExpressionOptions['result']>): string | null {
  if (type === 'dyn' || result === 'any') return null;
  if (result === 'bool')
    return type === 'bool' ? null : `A condition must be true or false; this is ${described(type)}.`;
  return type.startsWith('list') ? null : `A list is needed here; this is ${described(type)}.`;
}

function described(type: string): string {
  if (type in EVENT_TYPES) return `the whole ${type.toLowerCase()}`;
  return type.startsWith('list') ? 'a list' : `a ${type}`;
}

function failure(error: unknown, source: string): Compilation {
  const summary = summaryOf(error);
  const offset = Math.min(offsetOf(error), source.length);
  const missing = /^(?:No such key|Unknown variable): (\w+)/.exec(summary);
  if (missing !== null) {
    const [, name = ''] = missing;
    const near = closest(name, FIELD_NAMES);
    const message = `There is no "${name}" here.${near === null ? '' : ` Did you mean "${near}"?`}`;
    return { ok: false, error: { code: 'unknown-field', message, offset } };
  }
  const code = isNamed(error, 'ParseError') ? 'expression-syntax' : 'expression-type';
  return { ok: false, error: { code, message: sentence(summary), offset } };
}

function summaryOf(error: unknown): string {
  if (typeof error === 'object' && error !== null && 'summary' in error) return String(error.summary);
  return error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error);
}

function offsetOf(error: unknown): number {
  if (typeof error !== 'object' || error === null || !('range' in error)) return 0;
  const { range } = error;
  if (typeof range !== 'object' || range === null || !('start' in range)) return 0;
  return typeof range.start === 'number' ? range.start : 0;
}

function isNamed(error: unknown, name: string): boolean {
  return error instanceof Error && error.name === name;
}

function sentence(text: string): string {
  const trimmed = text.trim();
  return `${trimmed.charAt(0).toUpperCase()}${trimmed.slice(1)}${/[.!?]$/.test(trimmed) ? '' : '.'}`;
}
