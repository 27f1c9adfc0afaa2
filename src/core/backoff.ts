export interface BackoffPolicy {
  readonly firstMs: number;
  readonly maxMs: number;
}

/**
 * Full jitter: uniformly between 0 and the exponential ceiling, so that many lanes that failed together do not
 * come back together. `attempt` counts from 1; `random` returns [0, 1).
 */
export function backoffMs(policy: BackoffPolicy, attempt: number, random: () => number): number {
  const ceiling = Math.min(policy.maxMs, policy.firstMs * 2 ** Math.min(attempt - 1, 30));
  return Math.round(ceiling * random());
}
