/**
 * Expressions (CEL) over an event: `when`, `to`, `each`, `fields`.
 *
 * An expression is checked against the event's declared type when the file that holds it is loaded, and evaluated
 * against plain objects afterwards. Evaluation never throws: what the payload lacks makes it fail with a reason, and
 * whoever asked decides what that means (a condition: false).
 */
import { Environment, Optional } from '@marcbachmann/cel-js';
import { isAbsent } from '../core/absent.ts';
import { EVENT_TYPES } from './event-types.ts';
import { type ExpressionError, explainError, kind, type Root, summaryOf } from './expression-errors.ts';
import { WorkBudget } from './work.ts';

export type { ExpressionError } from './expression-errors.ts';

/** `event`: conditions and templates. `payload`: the `fields` of a source, before there is an event. */
type Vocabulary = Root;

export interface Expression {
  readonly source: string;
  /** The checked type: `bool`, `string`, `list<Person>`, … or `dyn`, which only evaluation settles. */
  readonly type: string;
  /** Spends from `work`; without one, from a budget of its own. Never throws. */
  evaluate(scope: Readonly<Record<string, unknown>>, work?: WorkBudget): Evaluation;
}

export type Evaluation =
  | { readonly ok: true; readonly value: unknown }
  /** `exceeded`: it was too much work, so there may be a value that nobody knows. */
  | { readonly ok: false; readonly reason: string; readonly exceeded: boolean };

export interface ExpressionOptions {
  readonly vocabulary: Vocabulary;
  /** Names that `each` introduced, with their types (`Person`, `dyn`). */
  readonly locals?: Readonly<Record<string, string>>;
  /** What the place needs; `dyn` is let through. */
  readonly result?: 'bool' | 'list' | 'any';
}

export type Compilation =
  | { readonly ok: true; readonly expression: Expression }
  | { readonly ok: false; readonly error: ExpressionError };

/** Of one evaluation that was given no budget: 10 to 20 ms. */
const STEPS = 20_000;

/** What of CEL's options is on, for whoever parses an expression too. */
export const CEL_OPTIONS = { enableOptionalTypes: true, homogeneousAggregateLiterals: false } as const;

/** Types an expression is checked against. Nullable fields compare with null, which CEL's own types do not allow. */
function checkingEnvironment(vocabulary: Vocabulary): Environment {
  const environment = new Environment(CEL_OPTIONS);
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
  return new Environment(CEL_OPTIONS)
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
  const failure = (error: unknown): Compilation => ({
    ok: false,
    error: explainError(error, source, options.vocabulary),
  });
  try {
    const checked = checking.check(source);
    if (!checked.valid || checked.type === undefined) return failure(checked.error);
    const mismatch = resultMismatch(checked.type, options.result ?? 'any');
    if (mismatch !== null) return { ok: false, error: { code: 'expression-type', message: mismatch, offset: 0 } };
    const run = running.parse(source);
    return {
      ok: true,
      expression: { source, type: checked.type, evaluate: (scope, work) => evaluate(run, scope, work) },
    };
  } catch (error) {
    return failure(error);
  }
}

/** True only where the condition holds: a failed evaluation, or any other value, is false. */
export function holds(evaluation: Evaluation): boolean {
  return evaluation.ok && evaluation.value === true;
}

function evaluate(
  run: (scope: Record<string, unknown>) => unknown,
  scope: Readonly<Record<string, unknown>>,
  work = new WorkBudget(STEPS),
): Evaluation {
  try {
    work.spend(1);
    const value: unknown = run(scope);
    if (value instanceof Optional) return { ok: true, value: value.hasValue() ? plain(value.value()) : null };
    return { ok: true, value: plain(value) };
  } catch (error) {
    return { ok: false, reason: summaryOf(error), exceeded: work.exceeded };
  }
}

/** CEL computes integers as bigint: a number, unless it would lose digits. */
function plain(value: unknown): unknown {
  if (typeof value === 'bigint') return Number.isSafeInteger(Number(value)) ? Number(value) : value;
  return Array.isArray(value) ? value.map(plain) : value;
}

function resultMismatch(type: string, result: NonNullable<ExpressionOptions['result']>): string | null {
  if (type === 'dyn' || result === 'any') return null;
  if (result === 'list') return type.startsWith('list') ? null : `A list is needed here; this is ${kind(type)}.`;
  if (type === 'bool') return null;
  const how = type === 'string' ? ': compare it, as in == "…" or != null' : '';
  return `A condition must be true or false; this is ${kind(type)}${how}.`;
}
