import { CALLS } from './events.ts';
import type { Arrival } from './slack.ts';

interface Expected {
  /** Of the contender. */
  readonly name: string;
  readonly count: number;
  /** Where event number `n` belongs. */
  readonly channelOf: (n: number) => string;
}

/** Throws where a message is missing, came twice, in the wrong channel or out of order. */
export function checkArrivals(arrivals: readonly Arrival[], { name, count, channelOf }: Expected): void {
  const wrong = (what: string) => new Error(`${name}: ${what}.`);
  const seen = new Set<number>();
  const latest = new Map<string, number>();
  for (const { n, call, channel } of arrivals) {
    if (seen.has(n)) throw wrong(`event ${n} came twice`);
    seen.add(n);
    if (call !== `cll_${n % CALLS}` || channel !== channelOf(n))
      throw wrong(`event ${n} came as ${call} in ${channel}`);
    if (n < (latest.get(call) ?? -1)) throw wrong(`event ${n} came after ${latest.get(call)}, out of order`);
    latest.set(call, n);
  }
  if (seen.size !== count) throw wrong(`${seen.size} of ${count} messages came`);
}
