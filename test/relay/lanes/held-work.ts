import { silentLogger } from '../../../src/core/log.ts';
import type { QueuedDelivery } from '../../../src/journal/contract.ts';
import type { LaneWork } from '../../../src/relay/lanes/contract.ts';
import { Lanes } from '../../../src/relay/lanes/lanes.ts';
import { LocalClaims } from '../../../src/relay/lanes/local-claims.ts';
import { ManualClock } from '../../helpers/clock.ts';
import { makeEvent } from '../../helpers/events.ts';

const FRESH = { doubt: null, group: null, released: false, thresholdHit: null };

export function delivery(lane: string, seq = 1): QueuedDelivery {
  const target = { verb: 'post', channel: lane, template: 't' } as const;
  const when = { attempts: 0, dueAt: 0, dueSetAt: 0, acceptedAt: 0, eventSeq: seq };
  return { seq, lane, route: 'r', target, ...FRESH, ...when, event: makeEvent() };
}

/** Work whose runs end when the test says so. */
export function heldWork() {
  const runs: { what: string; end: (waitMs: number | null) => void }[] = [];
  const run = (what: string) => new Promise<number | null>((end) => runs.push({ what, end }));
  const work: Partial<LaneWork> = {
    drain: (lane) => run(`drain ${lane}`),
    sendClaimed: ({ lane, seq }) => run(`send ${lane} ${seq}`),
  };
  return { work, runs, what: () => runs.map(({ what }) => what) };
}

/** The lanes of a process that has its journal to itself. */
export async function setUp(work: Partial<LaneWork>, slots = 2, unfinished: string[] = []) {
  const clock = new ManualClock();
  const whole: LaneWork = {
    mayStart: () => true,
    drain: async () => null,
    sendClaimed: async () => null,
    paused: () => false,
    paceOf: () => 0,
    setPace: () => undefined,
    ...work,
  };
  const journal = { lanesWithWork: async () => unfinished };
  const parts = { work: whole, claims: new LocalClaims(journal), clock, random: () => 0.5, log: silentLogger, slots };
  const lanes = new Lanes(parts);
  await lanes.resume();
  return { clock, lanes };
}
