import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { streamLogger } from '../../src/core/log.ts';
import type { Claim, ClaimEvents, LaneClaims, Leaving } from '../../src/journal/cluster.ts';
import { journalError } from '../../src/journal/errors.ts';
import type { SharedLaneWork } from '../../src/relay/lanes.ts';
import { SharedLanes } from '../../src/relay/shared-lanes.ts';
import { ManualClock, settle } from '../helpers/clock.ts';

const MINUTE_MS = 60_000;

interface Run {
  readonly lane: string;
  readonly stopping: () => boolean;
  readonly end: (waitMs: number | null) => void;
  readonly fail: (error: Error) => void;
}

/** One instance over a cluster and work that do as the test says. */
async function setUp(slots = 2) {
  const clock = new ManualClock();
  const claimable: Claim[] = [];
  const limits: number[] = [];
  const left: [string, Leaving][] = [];
  const runs: Run[] = [];
  const paces = new Map<string, number>();
  const log: string[] = [];
  const state = { paused: false, mayAct: true, sweeps: 0, stopped: 0, claimFails: false };
  let events: ClaimEvents | undefined;
  const claims: LaneClaims = {
    start: async (told) => {
      events = told;
    },
    async claim(limit) {
      limits.push(limit);
      await settle();
      if (state.claimFails) throw new Error('the database is away');
      return claimable.splice(0, limit);
    },
    release: async (lane, leaving) => void left.push([lane, leaving]),
    sweep: async () => {
      state.sweeps += 1;
    },
    stop: async () => {
      state.stopped += 1;
    },
  };
  const work: SharedLaneWork = {
    drain: (lane, stopping) =>
      new Promise((end, fail) => {
        runs.push({ lane, stopping, end, fail });
      }),
    paused: () => state.paused,
    paceOf: (lane) => paces.get(lane) ?? 0,
    setPace: (lane, until) => void paces.set(lane, until),
  };
  const cluster = { claims, mayAct: () => state.mayAct };
  const logger = streamLogger({ write: (line: string) => void log.push(line) });
  const lanes = new SharedLanes({ work, cluster, clock, random: () => 0.5, log: logger, slots });
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

async function turns(): Promise<void> {
  for (let turn = 0; turn < 4; turn++) await settle();
}

describe('claiming', () => {
  it('takes as many lanes as there are free slots, and the next when a slot gets free', async () => {
    const { limits, ran, gone, onWork, end } = await setUp(2);
    await onWork('a', 'b', 'c');
    expect([ran(), limits.at(-1)]).toEqual([['a', 'b'], 2]);
    await end(1, null);
    expect([ran(), gone()]).toEqual([['a', 'b', 'c'], [['b', null]]]);
    expect(limits.at(-1)).toBe(1);
  });

  it('looks again when it has released a lane, which was queued anew while it ran', async () => {
    const { claimable, ran, onWork, end } = await setUp();
    await onWork('a');
    claimable.push({ lane: 'a', pacedUntil: 0 });
    await end(0, null);
    expect(ran()).toEqual(['a', 'a']);
  });

  it('asks once at a time, and once more for what it was told meanwhile', async () => {
    const { limits, onWork, ran } = await setUp(4);
    const before = limits.length;
    await Promise.all([onWork('a'), onWork(), onWork('b')]);
    expect(ran().toSorted()).toEqual(['a', 'b']);
    expect(limits.length - before).toBeLessThanOrEqual(2);
  });

  it('tries again, more and more slowly, where it cannot claim', async () => {
    const { clock, state, limits, onWork, ran } = await setUp();
    state.claimFails = true;
    await onWork('a');
    const failed = limits.length;
    await clock.advance(2_000);
    expect(limits.length - failed).toBeGreaterThanOrEqual(3);
    expect(limits.length - failed).toBeLessThan(6);
    state.claimFails = false;
    await clock.advance(MINUTE_MS);
    expect(ran()).toEqual(['a']);
  });

  it('nothing enters from memory, and entering or waking claims nothing', async () => {
    const { lanes, limits } = await setUp();
    const before = limits.length;
    const entrances = [lanes.enter(), lanes.join()];
    lanes.wake();
    for (const entrance of entrances) entrance.stored();
    await turns();
    expect([entrances.map(({ claimed }) => claimed), limits.length]).toEqual([[false, false], before]);
  });

  it('sweeps at the start, and every 30 s until it stops', async () => {
    const { clock, lanes, state } = await setUp();
    expect(state.sweeps).toBe(1);
    await clock.advance(MINUTE_MS);
    expect(state.sweeps).toBe(3);
    await lanes.stop();
    await clock.advance(MINUTE_MS);
    expect([state.sweeps, clock.waiting]).toEqual([3, 0]);
  });

  it('a pace goes with the lane, from instance to instance', async () => {
    const { claimable, left, paces, onWork, end } = await setUp();
    claimable.push({ lane: 'a', pacedUntil: 1234 });
    await onWork();
    expect(paces.get('a')).toBe(1234);
    paces.set('a', 5678);
    await end(0, null);
    expect(left).toEqual([['a', { againInMs: null, pacedUntil: 5678 }]]);
  });
});

describe('what becomes of a lane after a run', () => {
  it('a minute at most: it sleeps without a slot, stays ours and wakes by itself', async () => {
    const { clock, ran, gone, onWork, end } = await setUp(1);
    await onWork('a');
    await end(0, MINUTE_MS);
    await onWork('b');
    expect(ran()).toEqual(['a', 'b']);
    await end(1, null);
    await clock.advance(MINUTE_MS - 1);
    expect(ran()).toEqual(['a', 'b']);
    await clock.advance(1);
    expect([ran(), gone()]).toEqual([['a', 'b', 'a'], [['b', null]]]);
  });

  it('longer: it is released', async () => {
    const { gone, onWork, end } = await setUp();
    await onWork('a');
    await end(0, MINUTE_MS + 1);
    expect(gone()).toEqual([['a', MINUTE_MS + 1]]);
  });

  it('sleepers are woken all at once', async () => {
    const { lanes, ran, onWork, end } = await setUp(2);
    await onWork('a', 'b');
    await end(0, 5_000);
    await end(1, 5_000);
    lanes.wakeAll();
    await turns();
    expect(ran()).toEqual(['a', 'b', 'a', 'b']);
  });

  it('too many sleepers: released instead', async () => {
    const { left, ran, onWork, end } = await setUp(64);
    await onWork(...Array.from({ length: 4_100 }, (_, n) => `lane ${n}`));
    for (let n = 0; n < 4_100; n++) {
      if (n % 64 === 0) await turns();
      await end(n, 50_000);
    }
    expect([ran().length, left.length]).toEqual([4_100, 4]);
    expect(left[0]?.[1].againInMs).toBe(50_000);
  });

  it('a failure: released, for longer each time', async () => {
    const { gone, log, runs, onWork } = await setUp();
    for (let time = 0; time < 3; time++) {
      await onWork('a');
      runs[time]?.fail(new Error('the journal is away'));
      await turns();
    }
    expect(gone()).toEqual([375, 500, 750].map((ms) => ['a', ms]));
    expect(log.filter((line) => line.includes('lane failed'))).toHaveLength(3);
  });

  it('after half an hour it is the turn of others, however much there is', async () => {
    const { clock, gone, runs, onWork, end } = await setUp();
    await onWork('a');
    await clock.advance(30 * MINUTE_MS);
    expect(runs[0]?.stopping()).toBe(false);
    await clock.advance(1);
    expect(runs[0]?.stopping()).toBe(true);
    await end(0, null);
    expect(gone()).toEqual([['a', 0]]);
  });

  it('while Slack refuses us, it leaves everything to others, and looks again afterwards', async () => {
    const { lanes, state, ran, gone, onWork, end } = await setUp();
    await onWork('a');
    state.paused = true;
    await end(0, MINUTE_MS);
    await onWork('b');
    expect([ran(), gone()]).toEqual([['a'], [['a', 0]]]);
    state.paused = false;
    lanes.wakeAll();
    await turns();
    expect(ran()).toEqual(['a', 'b']);
  });
});

describe('losing a lane', () => {
  it('its run is told to stop, and until it has ended nothing starts, is claimed or may be sent', async () => {
    const { clock, lanes, limits, ran, gone, runs, onWork, onLost, end } = await setUp(3);
    await onWork('a', 'b', 'c');
    await end(1, 1_000);
    await end(2, 1_000);
    await onLost('a', 'b');
    expect([runs[0]?.stopping(), lanes.mayAct(), gone()]).toEqual([true, false, [['b', 0]]]);
    const before = limits.length;
    await onWork('a');
    await clock.advance(1_000);
    expect([ran(), limits.length]).toEqual([['a', 'b', 'c'], before]);
    await end(0, null);
    expect(lanes.mayAct()).toBe(true);
    expect(ran()).toEqual(['a', 'b', 'c', 'c', 'a']);
    expect(gone()).toEqual([
      ['b', 0],
      ['a', 0],
    ]);
  });

  it('is not ours to act on either while the cluster says so', async () => {
    const { lanes, state } = await setUp();
    state.mayAct = false;
    expect(lanes.mayAct()).toBe(false);
  });

  it('told by the journal: left alone, and no error', async () => {
    const { clock, gone, log, runs, ran, onWork } = await setUp();
    await onWork('a');
    runs[0]?.fail(journalError('lane-lost', 'postgres://db/relay'));
    await turns();
    await clock.advance(MINUTE_MS);
    expect([gone(), ran()]).toEqual([[['a', 0]], ['a']]);
    expect(log.map((line) => JSON.parse(line).level)).toEqual(['info']);
    await onWork('a');
    expect(ran()).toEqual(['a', 'a']);
  });
});

describe('stopping', () => {
  it('claims no more, lets runs end, releases everything, then leaves', async () => {
    const { clock, lanes, state, left, runs, ran, onWork, end } = await setUp(3);
    await onWork('a', 'b');
    await end(1, 40_000);
    await clock.advance(10_000);
    const stopping = lanes.stop();
    await onWork('c');
    expect([runs[0]?.stopping(), state.stopped]).toEqual([true, 0]);
    await end(0, null);
    await Promise.all([stopping, lanes.stop()]);
    expect(Object.fromEntries(left.map(([lane, { againInMs }]) => [lane, againInMs]))).toEqual({ a: 0, b: 30_000 });
    expect([state.stopped, ran(), clock.waiting]).toEqual([1, ['a', 'b'], 0]);
  });

  it('what was being claimed is let go of', async () => {
    const { lanes, ran, gone, claimable, onWork } = await setUp();
    claimable.push({ lane: 'a', pacedUntil: 0 });
    const working = onWork();
    await lanes.stop();
    await working;
    expect([ran(), gone()]).toEqual([[], [['a', 0]]]);
  });
});

describe('several instances', () => {
  /** Lanes that belong to one member at a time, and may be taken away from it at any time. */
  class Ownership {
    readonly clock = new ManualClock();
    readonly owner = new Map<string, number>();
    readonly todo = new Map<string, number>();
    readonly blockedUntil = new Map<string, number>();
    /** Claimed and not released, lost or not. */
    readonly inHands = new Set<string>();
    readonly told = new Map<number, ClaimEvents>();

    claims(member: number): LaneClaims {
      return {
        start: async (events) => void this.told.set(member, events),
        claim: async (limit) => {
          const now = this.clock.monotonic();
          const free = [...this.todo].filter(
            ([lane, left]) => left > 0 && !this.owner.has(lane) && (this.blockedUntil.get(lane) ?? 0) <= now,
          );
          const left = free.filter(([lane]) => !this.inHands.has(`${member} ${lane}`));
          const lanes = left.slice(0, limit).map(([lane]) => lane);
          for (const lane of lanes) {
            this.owner.set(lane, member);
            this.inHands.add(`${member} ${lane}`);
          }
          await settle();
          return lanes.map((lane) => ({ lane, pacedUntil: 0 }));
        },
        release: async (lane, { againInMs }) => {
          await settle();
          this.inHands.delete(`${member} ${lane}`);
          if (this.owner.get(lane) !== member) return;
          this.owner.delete(lane);
          this.blockedUntil.set(lane, this.clock.monotonic() + (againInMs ?? 0));
        },
        sweep: async () => undefined,
        stop: async () => undefined,
      };
    }
  }

  it('run each lane to its end, never twice at once, whatever is lost when', async () => {
    const step = fc.record({
      does: fc.constantFrom('work', 'lose', 'time', 'settle', 'add'),
      lane: fc.constantFrom('a', 'b', 'c', 'd'),
      waitMs: fc.option(fc.integer({ min: 1, max: 70_000 }), { nil: null }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        const shared = new Ownership();
        const waits = steps.map(({ waitMs }) => waitMs);
        const wrong: string[] = [];
        const members = [0, 1].map((member) => {
          const key = (lane: string) => `${member} ${lane}`;
          const going = new Set<string>();
          const drain: SharedLaneWork['drain'] = async (lane, stopping) => {
            if (going.has(key(lane))) wrong.push(`${key(lane)} runs twice`);
            going.add(key(lane));
            try {
              while (!stopping()) {
                await settle();
                // As the journal's fence and `mayCall` do.
                if (!lanes.mayAct()) return 1_000;
                if (shared.owner.get(lane) !== member) throw journalError('lane-lost', 'db');
                if ((shared.todo.get(lane) ?? 0) === 0) return null;
                const wait = waits.pop() ?? null;
                if (wait !== null) return wait;
                if (stopping()) wrong.push(`${key(lane)} was sent although it was lost`);
                shared.todo.set(lane, (shared.todo.get(lane) ?? 0) - 1);
              }
              return null;
            } finally {
              going.delete(key(lane));
            }
          };
          const work = { drain, paused: () => false, paceOf: () => 0, setPace: () => undefined };
          const cluster = { claims: shared.claims(member), mayAct: () => true };
          const log = streamLogger({ write: () => undefined });
          const lanes = new SharedLanes({ work, cluster, clock: shared.clock, random: () => 0.5, log, slots: 2 });
          return lanes;
        });
        const tellAll = () => {
          for (const { onWork } of shared.told.values()) onWork();
        };
        await Promise.all(members.map((lanes) => lanes.resume()));
        for (const { does, lane, waitMs } of steps) {
          if (does === 'add') shared.todo.set(lane, (shared.todo.get(lane) ?? 0) + 1);
          if (does === 'add' || does === 'work') tellAll();
          if (does === 'settle') await settle();
          if (does === 'time') await shared.clock.advance(waitMs ?? 10);
          const owner = shared.owner.get(lane);
          if (does === 'lose' && owner !== undefined) {
            shared.owner.delete(lane);
            shared.told.get(owner)?.onLost([lane]);
          }
        }
        for (let round = 0; round < 60 && [...shared.todo.values()].some((left) => left > 0); round++) {
          tellAll();
          await shared.clock.advance(20_000);
        }
        expect(wrong).toEqual([]);
        expect([...shared.todo.values()].filter((left) => left > 0)).toEqual([]);
        await Promise.all(members.map((lanes) => lanes.stop()));
        expect([shared.owner.size, shared.inHands.size, shared.clock.waiting]).toEqual([0, 0, 0]);
      }),
      { numRuns: 40 },
    );
  });
});
