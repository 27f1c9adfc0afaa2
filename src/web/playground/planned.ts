/** What a route would send, in words. */
import type { PlannedView } from '../../routing/route-view.ts';
import { duration } from '../dashboard/words.ts';

/** When, and on what condition. */
export function facts({ held_until: held, at_least: least }: PlannedView): string[] {
  return [
    held === null ? '' : `Quiet hours hold it until ${new Date(held).toLocaleString('en-US', HELD)}.`,
    least === null ? '' : `Only when ${least.count} came within ${duration(least.within_ms)}; it then says how many.`,
  ].filter((fact) => fact !== '');
}

const HELD = { weekday: 'short', month: 'short', day: 'numeric', hour: 'numeric', minute: '2-digit' } as const;
