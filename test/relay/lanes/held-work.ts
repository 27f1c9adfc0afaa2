import { silentLogger } from '../../../src/core/log.ts';
import type { QueuedDelivery } from '../../../src/journal/journal.ts';
import { InProcessLanes, type LaneWork } from '../../../src/relay/lanes/lanes.ts';
import { ManualClock } from '../../helpers/clock.ts';
import { makeEvent } from '../../helpers/events.ts';

const FRESH = { doubt: null, group: null, released: false, storm: null };

export function delivery(lane: string, seq = 1): QueuedDelivery {
  const target = { verb: 'post', channel: lane, template: 't' } as const;
  const when = { attempts: 0, dueAt: 0, dueSetAt: 0, acceptedAt: 0, eventSeq: seq };
  return { seq, lane, route: 'r', target, ...FRESH, ...when, event: makeEvent() };
}

/** Work whose runs end when the test says so. */
export function heldWork() {
  const runs: { what: string; end: (waitMs: number | null) => void }[] = [];
  const run = (what: string) => new Promise<number | null>((end) => runs.push({ what, end }));
  const work: LaneWork = {
    mayStart: () => true,
    drain: (lane) => run(`drain ${lane}`),
    sendClaimed: ({ lane, seq }) => run(`send ${lane} ${seq}`),
  };
  return { work, runs, what: () => runs.map(({ what }) => what) };
}

export function setUp(work: Partial<LaneWork>, slots = 2) {
  const clock = new ManualClock();
  const whole: LaneWork = { mayStart: () => true, drain: async () => null, sendClaimed: async () => null, ...work };
  const journal = { lanesWithWork: async () => ['left', 'over'] };
  const parts = { work: whole, journal, clock, random: () => 0.5, log: silentLogger, slots };
  return { clock, lanes: new InProcessLanes(parts) };
}
