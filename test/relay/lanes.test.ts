import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { silentLogger } from '../../src/core/log.ts';
import type { QueuedDelivery } from '../../src/journal/journal.ts';
import { type Entrance, InProcessLanes, type LaneWork } from '../../src/relay/lanes.ts';
import { ManualClock, settle } from '../helpers/clock.ts';
import { makeEvent } from '../helpers/events.ts';

const FRESH = { doubt: null, group: null, released: false, storm: null };

function delivery(lane: string, seq = 1): QueuedDelivery {
  const target = { verb: 'post', channel: lane, template: 't' } as const;
  const when = { attempts: 0, dueAt: 0, dueSetAt: 0, acceptedAt: 0, eventSeq: seq };
  return { seq, lane, route: 'r', target, ...FRESH, ...when, event: makeEvent() };
}

/** Work whose runs end when the test says so. */
function heldWork() {
  const runs: { what: string; end: (waitMs: number | null) => void }[] = [];
  const run = (what: string) => new Promise<number | null>((end) => runs.push({ what, end }));
  const work: LaneWork = {
    mayStart: () => true,
    drain: (lane) => run(`drain ${lane}`),
    sendClaimed: ({ lane, seq }) => run(`send ${lane} ${seq}`),
  };
  return { work, runs, what: () => runs.map(({ what }) => what) };
}

function setUp(work: Partial<LaneWork>, slots = 2) {
  const clock = new ManualClock();
  const whole: LaneWork = { mayStart: () => true, drain: async () => null, sendClaimed: async () => null, ...work };
  const journal = { lanesWithWork: async () => ['left', 'over'] };
  const parts = { work: whole, journal, clock, random: () => 0.5, log: silentLogger, slots };
  return { clock, lanes: new InProcessLanes(parts) };
}

describe('running lanes', () => {
  it('drains a lane by one runner at a time, however often it is woken', () => {
    const { runs, work } = heldWork();
    const { lanes } = setUp(work);
    for (let wake = 0; wake < 5; wake++) lanes.wake('a');
    expect(runs).toHaveLength(1);
  });

  it('looks again when woken while running, and once only', async () => {
    const { runs, work } = heldWork();
    const { lanes } = setUp(work);
    lanes.wake('a');
    lanes.wake('a');
    runs[0]?.end(null);
    await settle();
    expect(runs).toHaveLength(2);
    runs[1]?.end(null);
    await settle();
    expect(runs).toHaveLength(2);
  });

  it('resumes what has something unfinished', async () => {
    const { work, what } = heldWork();
    const { lanes } = setUp(work);
    await lanes.resume();
    expect(what()).toEqual(['drain left', 'drain over']);
  });

  it('runs different lanes in parallel, up to its slots, first come first served', async () => {
    const { runs, work, what } = heldWork();
    const { lanes } = setUp(work, 2);
    for (const lane of ['a', 'b', 'c', 'd']) lanes.wake(lane);
    expect(what()).toEqual(['drain a', 'drain b']);
    runs[1]?.end(null);
    await settle();
    expect(what()).toEqual(['drain a', 'drain b', 'drain c']);
  });

  it('a lane that sleeps holds no slot and wakes by itself', async () => {
    const { runs, work, what } = heldWork();
    const { clock, lanes } = setUp(work, 1);
    lanes.wake('a');
    lanes.wake('b');
    runs[0]?.end(500);
    await settle();
    expect(what()).toEqual(['drain a', 'drain b']);
    lanes.wake('a');
    runs[1]?.end(null);
    await clock.advance(499);
    expect(runs).toHaveLength(2);
    await clock.advance(1);
    expect(what()).toEqual(['drain a', 'drain b', 'drain a']);
  });

  it('tries again, more and more slowly, after a failure', async () => {
    const starts: number[] = [];
    const { clock, lanes } = setUp({
      drain: async () => {
        starts.push(clock.monotonic());
        throw new Error('the journal is away');
      },
    });
    lanes.wake('a');
    await clock.advance(2000);
    expect(starts).toEqual([0, 375, 875, 1625]);
  });

  it('stop waits for what runs and starts nothing more', async () => {
    const { runs, work } = heldWork();
    const { clock, lanes } = setUp(work, 1);
    lanes.wake('a');
    lanes.wake('b');
    let stopped = false;
    const stopping = lanes.stop().then(() => {
      stopped = true;
    });
    await settle();
    expect(stopped).toBe(false);
    runs[0]?.end(1000);
    await stopping;
    await clock.advance(5000);
    expect(runs).toHaveLength(1);
    expect(clock.waiting).toBe(0);
  });

  it('sends nothing that is stored, woken or due after stop', async () => {
    const { runs, work } = heldWork();
    const { clock, lanes } = setUp(work, 9);
    const [claimed, joined] = [lanes.enter('a'), lanes.join('b')];
    lanes.wake('c');
    runs[0]?.end(1000);
    await settle();
    const stopping = lanes.stop();
    claimed.stored(delivery('a'));
    joined.stored();
    lanes.wake('d');
    lanes.wakeAll();
    await clock.advance(5000);
    await stopping;
    expect(runs.map(({ what }) => what)).toEqual(['drain c']);
  });
});

describe('entering a lane', () => {
  it('claims an idle one: what is stored is sent without a look into the journal', async () => {
    const { runs, work, what } = heldWork();
    const { lanes } = setUp(work);
    const entrance = lanes.enter('a');
    expect(entrance.claimed).toBe(true);
    entrance.stored(delivery('a', 7));
    expect(what()).toEqual(['send a 7']);
    runs[0]?.end(null);
    await settle();
    expect(lanes.enter('a').claimed).toBe(true);
  });

  it('the next is not claimed, and is looked for when the first has ended', async () => {
    const { runs, work, what } = heldWork();
    const { lanes } = setUp(work);
    const [first, second] = [lanes.enter('a'), lanes.enter('a')];
    expect(second.claimed).toBe(false);
    first.stored(delivery('a', 1));
    second.stored(delivery('a', 2));
    runs[0]?.end(null);
    await settle();
    expect(what()).toEqual(['send a 1', 'drain a']);
  });

  it('is never claimed over the head of an earlier event that is not stored yet', async () => {
    const { runs, work, what } = heldWork();
    const { lanes } = setUp(work);
    const [first, second] = [lanes.enter('a'), lanes.enter('a')];
    first.stored(delivery('a', 1));
    runs[0]?.end(null);
    await settle();
    const third = lanes.enter('a');
    expect(third.claimed).toBe(false);
    third.stored(delivery('a', 3));
    second.stored(delivery('a', 2));
    expect(what()).toEqual(['send a 1', 'drain a']);
  });

  it('what is dropped lets go of the lane', () => {
    const { work, what } = heldWork();
    const { lanes } = setUp(work);
    const [first, second] = [lanes.enter('a'), lanes.enter('a')];
    first.dropped();
    expect(lanes.enter('a').claimed).toBe(false);
    second.stored(delivery('a', 2));
    expect(what()).toEqual(['drain a']);
    const other = lanes.enter('b');
    other.dropped();
    expect(lanes.enter('b').claimed).toBe(true);
  });

  it('does not claim beyond its slots, out of turn, or when stopping', async () => {
    const { work } = heldWork();
    expect(setUp({ ...work, mayStart: () => false }).lanes.enter('a').claimed).toBe(false);
    const { lanes } = setUp(work, 1);
    expect([lanes.enter('a').claimed, lanes.enter('b').claimed]).toEqual([true, false]);
    const stopped = setUp(work).lanes;
    await stopped.stop();
    expect(stopped.enter('a').claimed).toBe(false);
  });

  it('keeps every lane in order and leaves nothing behind, whatever is stored, dropped or delayed when', async () => {
    const step = fc.record({
      lane: fc.constantFrom('a', 'b'),
      does: fc.constantFrom('enter', 'enter', 'commit', 'commit', 'drop', 'settle', 'time'),
      waitMs: fc.option(fc.integer({ min: 1, max: 50 }), { nil: null }),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), fc.integer({ min: 1, max: 3 }), async (steps, slots) => {
        const journal: QueuedDelivery[] = [];
        const seen: QueuedDelivery[] = [];
        const waits: (number | null)[] = steps.map(({ waitMs }) => waitMs);
        const end = (one: QueuedDelivery) => {
          seen.push(one);
          journal.splice(journal.indexOf(one), 1);
        };
        const { clock, lanes } = setUp(
          {
            sendClaimed: async (one) => {
              await settle();
              const waitMs = waits.pop() ?? null;
              if (waitMs === null) end(journal.find(({ seq }) => seq === one.seq)!);
              return waitMs;
            },
            drain: async (lane) => {
              await settle();
              for (let one = journal.find((other) => other.lane === lane); one !== undefined; ) {
                const waitMs = waits.pop() ?? null;
                if (waitMs !== null) return waitMs;
                end(one);
                one = journal.find((other) => other.lane === lane);
              }
              return null;
            },
          },
          slots,
        );
        let seq = 0;
        let entering: { lane: string; entrance: Entrance }[] = [];
        // The journal stores in the order in which it was asked.
        const conclude = (stored: boolean) => {
          const [first, ...rest] = entering;
          entering = rest;
          if (first === undefined) return;
          const one = delivery(first.lane, ++seq);
          if (stored) journal.push(one);
          if (stored) first.entrance.stored(one);
          else first.entrance.dropped();
        };
        for (const { lane, does, waitMs } of steps) {
          if (does === 'enter') entering.push({ lane, entrance: lanes.enter(lane) });
          else if (does === 'commit' || does === 'drop') conclude(does === 'commit');
          else if (does === 'settle') await settle();
          else await clock.advance(waitMs ?? 10);
        }
        while (entering.length > 0) conclude(true);
        for (let round = 0; round < 200 && journal.length > 0; round++) await clock.advance(100);
        expect(journal).toEqual([]);
        await settle();
        for (const lane of ['a', 'b']) {
          const order = seen.filter((one) => one.lane === lane).map((one) => one.seq);
          expect(order).toEqual(order.toSorted((a, b) => a - b));
          const again = lanes.enter(lane);
          expect(again.claimed).toBe(true);
          again.dropped();
        }
      }),
      { numRuns: 60 },
    );
  });

  it('what joins an idle lane keeps a later event from being claimed over its head', async () => {
    const { runs, work, what } = heldWork();
    const { lanes } = setUp(work);
    const replay = lanes.join('a');
    const event = lanes.enter('a');
    expect([replay.claimed, event.claimed]).toEqual([false, false]);
    event.stored(delivery('a', 2));
    replay.stored();
    expect(what()).toEqual(['drain a']);
    runs[0]?.end(null);
    await settle();
  });
});
