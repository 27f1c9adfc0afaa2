import fc from 'fast-check';
import { expect, it } from 'vitest';
import { silentLogger } from '../../../src/core/log.ts';
import type { ClaimEvents, LaneClaims } from '../../../src/journal/cluster.ts';
import { journalError } from '../../../src/journal/errors.ts';
import type { LaneWork } from '../../../src/relay/lanes/contract.ts';
import { Lanes } from '../../../src/relay/lanes/lanes.ts';
import { ManualClock, settle } from '../../helpers/clock.ts';

/** Lanes that belong to one member at a time, and may be taken away from it at any time. */
class Ownership {
  readonly clock = new ManualClock();
  readonly owner = new Map<string, number>();
  readonly todo = new Map<string, number>();
  readonly blockedUntil = new Map<string, number>();
  /** Claimed and not released, lost or not. */
  readonly inHands = new Set<string>();
  readonly told = new Map<number, ClaimEvents>();

  get unfinished(): string[] {
    return [...this.todo].filter(([, left]) => left > 0).map(([lane]) => lane);
  }

  add(lane: string, count: number): void {
    this.todo.set(lane, (this.todo.get(lane) ?? 0) + count);
  }

  tellAll(): void {
    for (const { onWork } of this.told.values()) onWork();
  }

  lose(lane: string): void {
    const owner = this.owner.get(lane);
    if (owner === undefined) return;
    this.owner.delete(lane);
    this.told.get(owner)?.onLost([lane]);
  }

  claims(member: number): LaneClaims {
    return {
      start: async (events) => void this.told.set(member, events),
      claim: async (limit) => {
        const now = this.clock.monotonic();
        const free = (lane: string) => !this.owner.has(lane) && (this.blockedUntil.get(lane) ?? 0) <= now;
        const ours = this.unfinished.filter((lane) => free(lane) && !this.inHands.has(`${member} ${lane}`));
        const lanes = ours.slice(0, limit);
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
      ownsLanes: () => true,
      stop: async () => undefined,
    };
  }
}

interface Course {
  readonly shared: Ownership;
  /** What runs come to wait for, the last one first; null: they go on. */
  readonly waits: (number | null)[];
  readonly wrong: string[];
}

function startMember(member: number, { shared, waits, wrong }: Course): Lanes {
  const going = new Set<string>();
  const drain: LaneWork['drain'] = async (lane, stopping) => {
    if (going.has(lane)) wrong.push(`${member} ${lane} runs twice`);
    going.add(lane);
    try {
      while (!stopping()) {
        await settle();
        // As the journal's fence and `ownsLanes` do.
        if (!lanes.ownsLanes()) return 1_000;
        if (shared.owner.get(lane) !== member) throw journalError('lane-lost', 'db');
        if (!shared.unfinished.includes(lane)) return null;
        const wait = waits.pop() ?? null;
        if (wait !== null) return wait;
        if (stopping()) wrong.push(`${member} ${lane} was sent although it was lost`);
        shared.add(lane, -1);
      }
      return null;
    } finally {
      going.delete(lane);
    }
  };
  const pace = { mayStart: () => true, paceOf: () => 0, setPace: () => undefined };
  const work = { drain, sendClaimed: async () => null, paused: () => false, ...pace };
  const parts = {
    work,
    claims: shared.claims(member),
    clock: shared.clock,
    random: () => 0.5,
    log: silentLogger,
    slots: 2,
  };
  const lanes = new Lanes(parts);
  return lanes;
}

it('several instances run each lane to its end, never twice at once, whatever is lost when', async () => {
  const step = fc.record({
    does: fc.constantFrom('work', 'lose', 'time', 'complete', 'add'),
    lane: fc.constantFrom('a', 'b', 'c', 'd'),
    waitMs: fc.option(fc.integer({ min: 1, max: 70_000 }), { nil: null }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const shared = new Ownership();
      const wrong: string[] = [];
      const course = { shared, waits: steps.map(({ waitMs }) => waitMs), wrong };
      const members = [0, 1].map((member) => startMember(member, course));
      await Promise.all(members.map((lanes) => lanes.resume()));
      for (const { does, lane, waitMs } of steps) {
        if (does === 'add') shared.add(lane, 1);
        if (does === 'add' || does === 'work') shared.tellAll();
        if (does === 'complete') await settle();
        if (does === 'time') await shared.clock.advance(waitMs ?? 10);
        if (does === 'lose') shared.lose(lane);
      }
      for (let round = 0; round < 60 && shared.unfinished.length > 0; round++) {
        shared.tellAll();
        await shared.clock.advance(20_000);
      }
      expect(wrong).toEqual([]);
      expect(shared.unfinished).toEqual([]);
      await Promise.all(members.map((lanes) => lanes.stop()));
      expect([shared.owner.size, shared.inHands.size, shared.clock.waiting]).toEqual([0, 0, 0]);
    }),
    { numRuns: 100 },
  );
});
