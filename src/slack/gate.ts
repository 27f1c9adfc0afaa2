/**
 * Slack limits a method for the whole workspace. After a 429 nobody calls that method before its time: what is asked
 * meanwhile gets the same answer, with what is left of the wait. Not for messages, which are limited by channel.
 */
import type { Clock } from '../core/clock.ts';
import type { Failure } from '../core/outcome.ts';
import type { Call } from './call.ts';
import type { SlackMethod } from './classify.ts';

type Limit = Extract<Failure, { kind: 'retry' }>;

export function gated(call: Call, clock: Pick<Clock, 'monotonic'>): Call {
  const closed = new Map<SlackMethod, { readonly until: number; readonly limit: Limit }>();
  return async (method, args, read) => {
    const gate = closed.get(method);
    const leftMs = gate === undefined ? 0 : Math.ceil(gate.until - clock.monotonic());
    if (gate !== undefined && leftMs > 0) return { ...gate.limit, afterMs: leftMs };
    const outcome = await call(method, args, read);
    if (outcome.kind === 'retry' && outcome.limited && outcome.afterMs !== undefined) {
      closed.set(method, { until: clock.monotonic() + outcome.afterMs, limit: outcome });
    }
    return outcome;
  };
}
