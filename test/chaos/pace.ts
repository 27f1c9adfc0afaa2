/** How fast deliveries may go out, and when it is quiet, so that a run has something to merge and to hold back. */
import type { QuietMinutes } from './quiet.ts';
import type { Random } from './random.ts';
import type { Mode } from './scenery.ts';

export interface Pace {
  /** Messages a second that the relay may send to one conversation. */
  readonly perSecond: number;
  /** When it is quiet. They do not touch. */
  readonly quiet: readonly QuietMinutes[];
}

/** Far more than there is to send. */
const UNPACED = 10_000;

/** Where deliveries are to be merged, more comes in a life than the lanes may send. `ms`: how long the run may last. */
export function paceFor(
  mode: Mode,
  run: { readonly eventsPerLife: number; readonly ms: number },
  random: Random,
): Pace {
  if (mode === 'singly') return { perSecond: UNPACED, quiet: [] };
  const perSecond = Math.min(3, Math.max(1.5, run.eventsPerLife / 40));
  const quiet: QuietMinutes[] = [];
  for (let from = 0; from * 60_000 < run.ms; ) {
    const length = quiet.length === 0 ? 1 : random.pick([1, 2] as const);
    quiet.push({ from, length });
    from += length + 1;
  }
  return { perSecond, quiet };
}
