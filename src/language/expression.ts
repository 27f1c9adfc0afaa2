/**
 * Expressions (CEL) over an event: `when`, `to`, `each`, `fields`.
 *
 * An expression is checked against the event's declared type when the file that holds it is loaded, and evaluated
 * against plain objects afterwards. Evaluation never throws: what the payload lacks makes it fail with a reason, and
 * whoever asked decides what that means (a condition: false).
 */
import { Environment, Optional } from '@marcbachmann/cel-js';
import { isAbsent } from '../core/absent.ts';
import { type Counted, counted, LiteralFault } from './cel-counted.ts';
import { namesIn, nestingOf, rangeOf } from './cel-depth.ts';
import { registerNumbers } from './cel-numbers.ts';
import { registerWork, withWork } from './cel-work.ts';
import { EVENT_TYPES } from './event-types.ts';
import { type ExpressionError, explainError, kind, type Root, reasonOf } from './expression-errors.ts';
import { inside, type Loops, MOST_LOOPS, NO_LOOPS } from './loops.ts';
import { STEPS, WorkBudget, WorkLimitError } from './work.ts';

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
  /** Around it. */
  readonly loops?: Loops;
  /** What `each` calls an item of the list that it gives. */
  readonly item?: string;
}

export type Compilation =
  /** `loops`: around what is done for each `item`; without one, around the expression. */
  | { readonly ok: true; readonly expression: Expression; readonly loops: Loops }
  | { readonly ok: false; readonly error: ExpressionError };

/** Nodes that a step evaluates. */
const NODES = 20;

const TOO_DEEP = `Loops inside one another multiply their lists, and this has more than ${MOST_LOOPS}. Write the innermost as a condition of its own, beside the others (&&), or name the values: … in ["High", "Critical"].`;

/**
 * When the event came in: the same for a retry, a replay and a test, which a clock would not be. Whoever evaluates at
 * another instant has it in the scope.
 */
export const NOW = 'now';

/** What of CEL's options is on, for whoever parses an expression too. */
export const CEL_OPTIONS = { enableOptionalTypes: true, homogeneousAggregateLiterals: false } as const;

/** Types an expression is checked against. Nullable fields compare with null, which CEL's own types do not allow. */
function checkingEnvironment(vocabulary: Vocabulary): Environment {
  const environment = registerNumbers(new Environment(CEL_OPTIONS));
  environment.registerOperator('string == null', () => false);
  for (const [name, fields] of Object.entries(EVENT_TYPES)) {
    environment.registerType(name, { fields: { ...fields } });
    environment.registerOperator(`${name} == null`, () => false);
  }
  return vocabulary === 'event'
    ? environment.registerVariable('event', 'Event').registerVariable(NOW, 'google.protobuf.Timestamp')
    : environment.registerVariable('payload', 'dyn');
}

/** Plain objects at run time, where an absent person, action or message equals null. */
function runningEnvironment(vocabulary: Vocabulary): Environment {
  const environment = registerWork(registerNumbers(new Environment({ ...CEL_OPTIONS, limits: { maxDepth: 1_000 } })))
    .registerOperator('map == null', (value: unknown) => isAbsent(value))
    .registerVariable(vocabulary, 'dyn');
  return vocabulary === 'event' ? environment.registerVariable(NOW, 'dyn') : environment;
}

const environments = new Map<Vocabulary, { checking: Environment; running: Environment }>();

function environmentsOf({ vocabulary, locals = {} }: ExpressionOptions) {
  let base = environments.get(vocabulary);
  if (base === undefined) {
    base = { checking: checkingEnvironment(vocabulary), running: runningEnvironment(vocabulary) };
    environments.set(vocabulary, base);
  }
  const names = Object.entries(locals).filter(([name]) => name !== NOW);
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
    error:
      error instanceof LiteralFault
        ? { code: error.code, message: error.message, offset: error.offset }
        : explainError(error, source, options.vocabulary),
  });
  try {
    const checked = checking.check(source);
    if (!checked.valid || checked.type === undefined) return failure(checked.error);
    const mismatch = resultMismatch(checked.type, options.result ?? 'any');
    if (mismatch !== null) return { ok: false, error: { code: 'expression-type', message: mismatch, offset: 0 } };
    const { ast } = running.parse(source);
    const { loops: around = NO_LOOPS, item } = options;
    const loops = item === undefined ? around : inside(around, rangeOf(ast), item);
    const nesting = nestingOf(ast, around);
    const offset = nesting.depth > MOST_LOOPS ? nesting.offset : loops.depth > MOST_LOOPS ? 0 : null;
    if (offset !== null) return { ok: false, error: { code: 'expression-type', message: TOO_DEEP, offset } };
    const again = counted(ast);
    const program = { ...again, source, usesNow: namesIn(ast).has(NOW), run: running.parse(again.source) };
    const { type } = checked;
    const expression: Expression = { source, type, evaluate: (scope, work) => evaluate(program, scope, work) };
    return { ok: true, expression, loops };
  } catch (error) {
    return failure(error);
  }
}

/** True only where the condition holds: a failed evaluation, or any other value, is false. */
export function holds(evaluation: Evaluation): boolean {
  return evaluation.ok && evaluation.value === true;
}

type Scope = Readonly<Record<string, unknown>>;

interface Program extends Pick<Counted, 'patterns' | 'nodes'> {
  /** As it was written by its author. */
  readonly source: string;
  readonly usesNow: boolean;
  readonly run: (scope: Record<string, unknown>) => unknown;
}

function evaluate(
  { source, usesNow, run, patterns, nodes }: Program,
  scope: Scope,
  work = new WorkBudget(STEPS.route),
): Evaluation {
  try {
    work.spend(1 + nodes / NODES);
    const value: unknown = withWork({ work, patterns }, () => run(usesNow ? withNow(scope) : scope));
    // CEL swallows errors in `||` and `exists`: what was computed without what they stopped is void.
    work.spend(0);
    if (value instanceof Optional) return { ok: true, value: value.hasValue() ? plain(value.value()) : null };
    return { ok: true, value: plain(value) };
  } catch (error) {
    if (work.exceeded) return { ok: false, reason: new WorkLimitError(work.limit).message, exceeded: true };
    return { ok: false, reason: reasonOf(error, source), exceeded: false };
  }
}

function withNow(scope: Scope): Record<string, unknown> {
  const { event } = scope;
  const arrived = typeof event === 'object' && event !== null && 'received_at' in event ? event.received_at : null;
  return { [NOW]: new Date(String(arrived)), ...scope };
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
