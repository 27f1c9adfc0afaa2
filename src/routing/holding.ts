/** Until when a route holds an event's deliveries back. Pure. */
import type { RelayEvent } from '../core/event.ts';
import { holds } from '../language/expression.ts';
import { needsRecipient, quietUntil } from './quiet-hours.ts';
import type { QuietRule } from './route.ts';

/**
 * ms since the epoch; null: not at all. Windows in the recipient's zone do not count here: whose zone that is, Slack
 * has to be asked, and `quietForRecipient` decides when the delivery is due.
 */
export function heldUntil(rule: QuietRule, event: RelayEvent, now: number): number | null {
  const until = quietUntil(rule.windows, now, null);
  return until === null || isUrgent(rule, event) ? null : until;
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

function isUrgent({ urgent }: QuietRule, event: RelayEvent): boolean {
  return urgent !== null && holds(urgent.evaluate({ event }));
}
