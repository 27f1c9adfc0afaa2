import { streamLogger } from '../../../src/core/log.ts';
import type { Claim, ClaimEvents, LaneClaims, Leaving } from '../../../src/journal/cluster.ts';
import type { LaneWork } from '../../../src/relay/lanes/contract.ts';
import { Lanes } from '../../../src/relay/lanes/lanes.ts';
import { ManualClock, settle } from '../../helpers/clock.ts';

interface Run {
  readonly lane: string;
  readonly stopping: () => boolean;
  readonly end: (waitMs: number | null) => void;
  readonly fail: (error: Error) => void;
}

/** One instance over a cluster and work that do as the test says. */
export async function startInstance(slots = 2) {
  const clock = new ManualClock();
  const claimable: Claim[] = [];
  const limits: number[] = [];
  const left: [string, Leaving][] = [];
  const runs: Run[] = [];
  const paces = new Map<string, number>();
  const log: string[] = [];
  const state = { paused: false, ownsLanes: true, stopped: 0 };
  let events: ClaimEvents | undefined;
  const claims: LaneClaims = {
    start: async (told) => {
      events = told;
      events.onWork();
    },
    async claim(limit) {
      limits.push(limit);
      await settle();
      return claimable.splice(0, limit);
    },
    async release(lane, leaving) {
      left.push([lane, leaving]);
    },
    ownsLanes: () => state.ownsLanes,
    stop: async () => {
      state.stopped += 1;
    },
  };
  const work: LaneWork = {
    mayStart: () => true,
    sendClaimed: async () => null,
    drain: (lane, stopping) =>
      new Promise((end, fail) => {
        runs.push({ lane, stopping, end, fail });
      }),
    paused: () => state.paused,
    paceOf: (lane) => paces.get(lane) ?? 0,
    setPace: (lane, until) => void paces.set(lane, until),
  };
  const logger = streamLogger({ write: (line: string) => void log.push(line) });
  const lanes = new Lanes({ work, claims, clock, random: () => 0.5, log: logger, slots });
  await lanes.resume();
  const onWork = async (...names: string[]) => {
    claimable.push(...names.map((lane) => ({ lane, pacedUntil: 0 })));
    events?.onWork();
    await turns();
  };
  const onLost = async (...names: string[]) => {
    events?.onLost(names);
    await turns();
  };
  const end = async (index: number, waitMs: number | null) => {
    runs[index]?.end(waitMs);
    await turns();
  };
  await turns();
  const ran = () => runs.map(({ lane }) => lane);
  const gone = () => left.map(([lane, { againInMs }]) => [lane, againInMs]);
  return { clock, lanes, state, limits, left, gone, runs, ran, paces, log, claimable, onWork, onLost, end };
}

export async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await settle();
}
