import type { Reason } from '../core/outcome.ts';

/** A reason as two columns hold it. */
export function reasonOf(code: string | null, detail: string | null): Reason | null {
  return code === null ? null : { code, detail: detail ?? '' };
}
