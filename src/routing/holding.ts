/** Until when a route holds an event's deliveries back. Pure. */
import type { RelayEvent } from '../core/event.ts';
import { holds } from '../language/expression.ts';
import type { WorkBudget } from '../language/work.ts';
import { needsRecipient, quietUntil } from './quiet-hours.ts';
import type { QuietRule } from './route.ts';

/**
 * ms since the epoch; null: not at all. Throws WorkLimitError. Windows in the recipient's zone do not count here: whose zone that is, Slack
 * has to be asked, and `quietForRecipient` decides when the delivery is due.
 */
export function heldUntil(
  rule: QuietRule,
  event: RelayEvent,
  { now, work }: { readonly now: number; readonly work: WorkBudget },
): number | null {
  const until = quietUntil(rule.windows, now, null);
  return until === null || isUrgent(rule, event, work) ? null : until;
}

/**
 * Until when a DM that is due is held back by quiet hours in its reader's zone, ms since the epoch; null: not at all,
 * which is also the answer of a rule without such hours (`needsRecipient`). `zone`: as Slack names it; null where it is
 * not known, and then nothing is held back.
 */
export function quietForRecipient(
  rule: QuietRule,
  event: RelayEvent,
  { zone, now }: { readonly zone: string | null; readonly now: number },
): number | null {
  if (zone === null || !needsRecipient(rule.windows)) return null;
  const until = quietUntil(rule.windows, now, zone);
  return until === null || isUrgent(rule, event) ? null : until;
}

/** The names of those in force at `now`. Those in the recipient's zone count as in force: whose zone that is, is not asked. */
export function namesInForce({ named }: QuietRule, now: number): string[] {
  const inForce = named.filter(({ windows }) => needsRecipient(windows) || quietUntil(windows, now, null) !== null);
  return inForce.map(({ name }) => name);
}

/** Whether the route's `urgent` lets this event through its quiet hours. Throws WorkLimitError where `work` is given. */
export function isUrgent({ urgent }: QuietRule, event: RelayEvent, work?: WorkBudget): boolean {
  const urgently = urgent !== null && holds(urgent.evaluate({ event }, work));
  work?.check();
  return urgently;
}
