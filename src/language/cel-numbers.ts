/**
 * Arithmetic of JSON numbers in CEL. JSON has one kind of number, which CEL takes for doubles; beside an int (`1`,
 * `size(…)`) one without a fraction counts as an int, and beside a double (`1.0`, another JSON number) it stays one.
 * Ints are exact; a JSON number beyond 2^53 arrives as an int.
 */
import type { Environment } from '@marcbachmann/cel-js';

interface Operation {
  readonly ints: (left: bigint, right: bigint) => bigint;
  readonly doubles: (left: number, right: number) => number;
}

const OPERATIONS: Readonly<Record<string, Operation>> = {
  '+': { ints: (left, right) => left + right, doubles: (left, right) => left + right },
  '-': { ints: (left, right) => left - right, doubles: (left, right) => left - right },
  '*': { ints: (left, right) => left * right, doubles: (left, right) => left * right },
  '/': { ints: (left, right) => left / right, doubles: (left, right) => left / right },
  '%': { ints: (left, right) => left % right, doubles: remainder },
};

export function registerNumbers(environment: Environment): Environment {
  for (const [operator, operation] of Object.entries(OPERATIONS)) {
    const mixed = (left: bigint | number, right: bigint | number) => compute(operation, left, right);
    environment.registerOperator(`int ${operator} double: dyn`, mixed);
    environment.registerOperator(`double ${operator} int: dyn`, mixed);
  }
  environment.registerOperator('double % double: double', remainder);
  // The other way round, and !=, come with it.
  return environment.registerOperator('int == double', (left: bigint, right: number) => equal(left, right));
}

function compute({ ints, doubles }: Operation, left: bigint | number, right: bigint | number): bigint | number {
  const one = int(left);
  const other = int(right);
  if (one === null || other === null) return doubles(Number(left), Number(right));
  const result = ints(one, other);
  if (BigInt.asIntN(64, result) !== result) throw new RangeError('integer overflow');
  return result;
}

/** An int as it is, and a double that holds one exactly; null for any other. */
export function int(value: bigint | number): bigint | null {
  if (typeof value === 'bigint') return value;
  return Number.isSafeInteger(value) ? BigInt(value) : null;
}

function equal(left: bigint | number, right: bigint | number): boolean {
  // biome-ignore lint/suspicious/noDoubleEquals: between a bigint and a number it compares the values, exactly.
  return left == right;
}

function remainder(left: number, right: number): number {
  if (!Number.isInteger(left) || !Number.isInteger(right)) {
    throw new RangeError('% takes whole numbers, and one of these has a fraction');
  }
  if (right === 0) throw new RangeError('modulo by zero');
  return left % right;
}
