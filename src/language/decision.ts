/**
 * Why a condition came out as it did: the part of it that decided, and what that part looked at. For people who wonder;
 * nothing is decided here.
 */
import { type ASTNode, Environment } from '@marcbachmann/cel-js';
import { childrenOf } from './cel-depth.ts';
import { CEL_OPTIONS, compileExpression, type Evaluation, type Expression, NOW } from './expression.ts';
import { STEPS, WorkBudget } from './work.ts';

export interface Decision {
  /** As it is written; the whole expression where no part of it decided alone. */
  readonly part: string;
  readonly evaluation: Evaluation;
  /** The fields that the part names, in their order. */
  readonly looked: readonly Looked[];
}

interface Looked {
  /** `event.action.status` */
  readonly field: string;
  /** Where it fails, the reason says what is not there. */
  readonly evaluation: Evaluation;
}

/** Where a part is evaluated. All of them share one budget: a condition has many parts, and each may be much work. */
interface Scope {
  readonly names: Readonly<Record<string, unknown>>;
  readonly work: WorkBudget;
}

const parser = new Environment(CEL_OPTIONS);

/** The condition must be one of an event's. Never throws. */
export function decide(condition: Expression, names: Scope['names']): Decision {
  const scope = { names, work: new WorkBudget(STEPS.explanation) };
  const evaluation = condition.evaluate(names, scope.work);
  const whole = { part: condition.source.trim(), evaluation, looked: [] };
  let node: ASTNode;
  try {
    node = parser.parse(condition.source).ast;
  } catch {
    return whole;
  }
  const root = node;
  for (let part = decidingPart(node, scope); part !== null; part = decidingPart(node, scope)) node = part;
  const looked = fieldsOf(node, scope).map((field) => look(field, scope));
  const part =
    node === root ? { ...whole, looked } : { part: written(node), evaluation: evaluate(node, scope), looked };
  return scope.work.exceeded ? whole : part;
}

/** One false part makes `&&` false and one true part makes `||` true; what fails decides where nothing else does. */
function decidingPart(node: ASTNode, scope: Scope): ASTNode | null {
  if (node.op === '!_') return node.args.op === '&&' || node.args.op === '||' ? node.args : null;
  if (node.op !== '&&' && node.op !== '||') return null;
  const whole = evaluate(node, scope);
  const alone = node.op === '||';
  if (whole.ok && whole.value !== alone) return null;
  const parts = operands(node, node.op);
  return (
    parts.find((part) => {
      const evaluation = evaluate(part, scope);
      return whole.ok ? evaluation.ok && evaluation.value === alone : !evaluation.ok;
    }) ?? null
  );
}

/** `a && b && c` as a list of three. */
function operands(node: ASTNode, op: '&&' | '||'): ASTNode[] {
  if (node.op !== op) return [node];
  const [left, right] = node.args;
  return [...operands(left, op), ...operands(right, op)];
}

/** The longest paths of fields from what is in scope: `event.action.status`, not `event.action` beside it. */
function fieldsOf(node: ASTNode, scope: Scope): ASTNode[] {
  const found = isField(node, scope) ? [node] : childrenOf(node).flatMap((child) => fieldsOf(child, scope));
  const seen = new Set<string>();
  return found.filter((field) => !seen.has(written(field)) && seen.add(written(field)));
}

function isField(node: ASTNode, scope: Scope): boolean {
  if (node.op === 'id') return node.args === NOW;
  if (node.op === '.' || node.op === '.?') return isPath(node.args[0], scope);
  if (node.op === '[]' || node.op === '[?]') return node.args[1].op === 'value' && isPath(node.args[0], scope);
  return false;
}

function isPath(node: ASTNode, scope: Scope): boolean {
  return node.op === 'id' ? Object.hasOwn(scope.names, node.args) : isField(node, scope);
}

function look(node: ASTNode, scope: Scope): Looked {
  const evaluation = evaluate(node, scope);
  const field = written(node);
  return { field, evaluation: evaluation.ok ? evaluation : { ...evaluation, reason: lacking(node, scope) } };
}

/** What is there, and what in it is not. */
function lacking(node: ASTNode, scope: Scope): string {
  if (node.op !== '.' && node.op !== '.?' && node.op !== '[]' && node.op !== '[?]') return 'it is not there';
  const [holder, key] = node.args;
  const held = evaluate(holder, scope);
  if (!held.ok) return lacking(holder, scope);
  const name = typeof key === 'string' ? `"${key}"` : written(key);
  return `there is no ${name} in ${written(holder)}`;
}

function evaluate(node: ASTNode, scope: Scope): Evaluation {
  const compiled = compileExpression(written(node), { vocabulary: 'event' });
  return compiled.ok
    ? compiled.expression.evaluate(scope.names, scope.work)
    : { ok: false, reason: compiled.error.message, exceeded: false };
}

const QUOTED_OR_PARENTHESIS = /"""[\s\S]*?"""|'''[\s\S]*?'''|"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|[()]/g;

/** The node's own text. A node ends before the parenthesis that closes its last operand, so that one is put back. */
function written({ input, range }: ASTNode): string {
  const text = input.slice(range.start, range.end);
  let open = 0;
  let unopened = 0;
  for (const [token] of text.matchAll(QUOTED_OR_PARENTHESIS)) {
    if (token === '(') open += 1;
    else if (token === ')' && open > 0) open -= 1;
    else if (token === ')') unopened += 1;
  }
  return `${'('.repeat(unopened)}${text}${')'.repeat(open)}`;
}
