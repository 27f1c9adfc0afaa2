import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { QueuedDelivery } from '../../../src/journal/contract.ts';
import type { Reservation } from '../../../src/relay/lanes/contract.ts';
import { settle } from '../../helpers/clock.ts';
import { delivery, heldWork, setUp } from './held-work.ts';

describe('entering a lane', () => {
  it('claims an idle one: what is stored is sent without a look into the journal', async () => {
    const { runs, work, what } = heldWork();
    const { lanes } = await setUp(work);
    const reservation = lanes.enter('a');
    expect(reservation.claimed).toBe(true);
    reservation.stored(delivery('a', 7));
    expect(what()).toEqual(['send a 7']);
    runs[0]?.end(null);
    await settle();
    expect(lanes.enter('a').claimed).toBe(true);
  });

  it('what it is woken for while claimed is looked for afterwards', async () => {
    const { runs, work, what } = heldWork();
    const { lanes } = await setUp(work);
    const claimed = lanes.enter('a');
    // As what quiet hours held back, released while the event is being stored.
    lanes.wake('a');
    claimed.stored(delivery('a', 7));
    runs[0]?.end(null);
    await settle();
    expect(what()).toEqual(['send a 7', 'drain a']);
  });

  it('and also where nothing is stored', async () => {
    const { work, what } = heldWork();
    const { lanes } = await setUp(work);
    const claimed = lanes.enter('a');
    lanes.wake('a');
    claimed.dropped();
    await settle();
    expect(what()).toEqual(['drain a']);
  });

  it('the next is not claimed, and is looked for when the first has ended', async () => {
    const { runs, work, what } = heldWork();
    const { lanes } = await setUp(work);
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
    const { lanes } = await setUp(work);
    const [first, second] = [lanes.enter('a'), lanes.enter('a')];
    first.stored(delivery('a', 1));
    runs[0]?.end(null);
    await settle();
    const third = lanes.enter('a');
    expect(third.claimed).toBe(false);
    third.stored(delivery('a', 3));
    second.stored(delivery('a', 2));
    await settle();
    expect(what()).toEqual(['send a 1', 'drain a']);
  });

  it('what is dropped while the lane runs does not let another run begin', async () => {
    const { runs, work, what } = heldWork();
    const { lanes } = await setUp(work);
    lanes.enter('a').stored(delivery('a', 1));
    lanes.join('a').dropped();
    const next = lanes.enter('a');
    expect(next.claimed).toBe(false);
    next.stored();
    expect(what()).toEqual(['send a 1']);
    runs[0]?.end(null);
    await settle();
    expect(what()).toEqual(['send a 1', 'drain a']);
  });

  it('what is dropped lets go of the lane', async () => {
    const { work, what } = heldWork();
    const { lanes } = await setUp(work);
    const [first, second] = [lanes.enter('a'), lanes.enter('a')];
    first.dropped();
    expect(lanes.enter('a').claimed).toBe(false);
    second.stored(delivery('a', 2));
    await settle();
    expect(what()).toEqual(['drain a']);
    const other = lanes.enter('b');
    other.dropped();
    expect(lanes.enter('b').claimed).toBe(true);
  });

  it('does not claim beyond its slots, out of turn, or when stopping', async () => {
    const { work } = heldWork();
    const { lanes: early } = await setUp({ ...work, mayStart: () => false });
    expect(early.enter('a').claimed).toBe(false);
    const { lanes } = await setUp(work, 1);
    expect([lanes.enter('a').claimed, lanes.enter('b').claimed]).toEqual([true, false]);
    const { lanes: stopped } = await setUp(work);
    await stopped.stop();
    expect(stopped.enter('a').claimed).toBe(false);
  });

  it('keeps every lane in order and leaves nothing behind, whatever is stored, dropped or delayed when', async () => {
    const step = fc.record({
      lane: fc.constantFrom('a', 'b'),
      does: fc.constantFrom('enter', 'enter', 'commit', 'commit', 'drop', 'complete', 'time'),
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
        const { clock, lanes } = await setUp(
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
        let entering: { lane: string; reservation: Reservation }[] = [];
        // The journal stores in the order in which it was asked.
        const conclude = (stored: boolean) => {
          const [first, ...rest] = entering;
          entering = rest;
          if (first === undefined) return;
          const one = delivery(first.lane, ++seq);
          if (stored) journal.push(one);
          if (stored) first.reservation.stored(one);
          else first.reservation.dropped();
        };
        for (const { lane, does, waitMs } of steps) {
          if (does === 'enter') entering.push({ lane, reservation: lanes.enter(lane) });
          else if (does === 'commit' || does === 'drop') conclude(does === 'commit');
          else if (does === 'complete') await settle();
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
    const { lanes } = await setUp(work);
    const replay = lanes.join('a');
    const event = lanes.enter('a');
    expect([replay.claimed, event.claimed]).toEqual([false, false]);
    event.stored(delivery('a', 2));
    replay.stored();
    await settle();
    expect(what()).toEqual(['drain a']);
    runs[0]?.end(null);
    await settle();
  });
});
