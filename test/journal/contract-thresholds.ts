/** Deliveries that are made once their count is reached. A part of the contract of every journal driver. */
import { describe, expect, test } from 'vitest';
import type { ThresholdHit } from '../../src/core/delivery.ts';
import { NOW, receipt, type Subject } from './samples.ts';

const THRESHOLD = { key: 'storms', count: 3, withinMs: 100 };
const HOUR = 3_600_000;

export function thresholdContract({ journal, reopen }: Subject): void {
  describe('thresholds', () => {
    let keys = 0;
    const occurrence = (at: number, threshold = THRESHOLD) => {
      keys += 1;
      return receipt({ key: `o${keys}`, receivedAt: NOW + at, threshold });
    };
    const accept = async (given = occurrence(0)) => {
      const acceptance = await journal().accept(given);
      if (acceptance.kind !== 'accepted') throw new Error('a duplicate');
      return acceptance.seqs;
    };
    /** Storms that were made, by count and ms since NOW. */
    const storms = async (): Promise<(ThresholdHit | null)[]> => {
      const rows = await journal().next('#ops', 99);
      return rows.map(({ thresholdHit: hit }) => hit && { count: hit.count, since: hit.since - NOW });
    };

    /** When they come, and of which of them one is made, with the first that it counts. */
    const cases: readonly (readonly [string, readonly number[], readonly { at: number; since: number }[]])[] = [
      ['too few', [0, 1], []],
      ['enough', [0, 1, 2], [{ at: 2, since: 0 }]],
      ['at once', [0, 0, 0], [{ at: 0, since: 0 }]],
      ['just within the window', [0, 50, 99], [{ at: 99, since: 0 }]],
      ['just not within the window', [0, 50, 100], []],
      ['told once', [0, 1, 2, 3, 4, 99], [{ at: 2, since: 0 }]],
      ['not again while it lasts', Array.from({ length: 50 }, (_, index) => index * 40), [{ at: 80, since: 0 }]],
      [
        'again, after a whole window without',
        [0, 1, 2, 101, 102, 102],
        [
          { at: 2, since: 0 },
          { at: 102, since: 101 },
        ],
      ],
      ['not after a window that is not whole', [0, 1, 2, 101, 101], [{ at: 2, since: 0 }]],
      [
        'long after',
        [0, 1, 2, 900, 901, 902],
        [
          { at: 2, since: 0 },
          { at: 902, since: 900 },
        ],
      ],
      ['stored in another order than they were received in', [50, 51, 49], [{ at: 49, since: 49 }]],
      ['told, and received just before', [0, 1, 52, 51, 50], [{ at: 52, since: 0 }]],
      [
        'the clock was an hour ahead, and is right again',
        [HOUR, HOUR + 1, HOUR + 2, 0, 1, 2, 3],
        [
          { at: HOUR + 2, since: HOUR },
          { at: 2, since: 0 },
        ],
      ],
    ];

    test('made once it is reached, and again after a whole window in which it was not', async () => {
      for (const [name, times, expected] of cases) {
        const made: { at: number; since: number }[] = [];
        for (const at of times) {
          const [seq] = await accept(occurrence(at, { ...THRESHOLD, key: name }));
          if (seq === null || seq === undefined) continue;
          const [delivery] = await journal().load([seq]);
          expect(delivery?.thresholdHit?.count, name).toBe(3);
          made.push({ at, since: (delivery?.thresholdHit?.since ?? 0) - NOW });
        }
        expect(made, name).toEqual(expected);
      }
      // What was only counted is kept as an event all the same.
      expect(await journal().events({ limit: 999 })).toHaveLength(cases.flatMap(([, times]) => times).length);
    });

    test('those that share a commit, and those before a restart, count as well', async () => {
      expect(await Promise.all([accept(occurrence(0)), accept(occurrence(1))])).toEqual([[null], [null]]);
      await reopen();
      const flood = await Promise.all(Array.from({ length: 20 }, (_, index) => accept(occurrence(2 + index))));
      expect(flood.filter(([seq]) => seq !== null)).toHaveLength(1);
      await reopen();
      expect(await accept(occurrence(90))).toEqual([null]);
      expect(await storms()).toEqual([{ count: 3, since: 0 }]);
    });

    test('each key is counted apart', async () => {
      const of = (key: string) => accept(occurrence(0, { ...THRESHOLD, key }));
      for (const key of ['a', 'b', 'a', 'b']) expect(await of(key)).toEqual([null]);
      expect([await of('a'), await of('c')]).toEqual([[1], [null]]);
    });

    test('an event counts once, and makes everything that waited for it', async () => {
      const others = occurrence(0);
      const [one] = others.deliveries;
      const plain = receipt({ key: 'plain', lanes: ['#plain'] }).deliveries;
      const deliveries = one === undefined ? [] : [one, ...plain, { ...one, lane: 'dm:u1' }];
      for (const at of [0, 1]) expect(await accept({ ...occurrence(at), deliveries })).toEqual([null, at + 1, null]);
      expect(await accept({ ...occurrence(2), deliveries })).toEqual([3, 4, 5]);
      expect(await storms()).toEqual([{ count: 3, since: 0 }]);
      expect((await journal().load([4, 5])).map(({ thresholdHit: hit }) => hit)).toEqual([
        null,
        { count: 3, since: NOW },
      ]);
    });

    test('neither a duplicate nor what could not be stored counts', async () => {
      const given = occurrence(0);
      await accept(given);
      // Nothing can be held until no time: found out once the occurrence is counted, in a commit with others.
      const impossible = receipt({ key: 'impossible', heldUntil: Number.NaN }).deliveries;
      const poison = { ...occurrence(1), deliveries: [...occurrence(1).deliveries, ...impossible] };
      const outcomes = await Promise.allSettled(
        [given, poison, occurrence(2)].map((receipt) => journal().accept(receipt)),
      );
      expect(outcomes).toMatchObject([
        { value: { kind: 'duplicate' } },
        { status: 'rejected' },
        { value: { seqs: [null] } },
      ]);
      expect(await accept(occurrence(3))).toEqual([expect.any(Number)]);
      expect(await storms()).toEqual([{ count: 3, since: 0 }]);
    });

    test('a window or a count that was changed in the config', async () => {
      for (const at of [0, 1, 2, 3, 4]) await accept(occurrence(at, { ...THRESHOLD, count: 9 }));
      await accept(occurrence(5));
      expect(await storms()).toEqual([{ count: 6, since: 0 }]);
    });

    test('one that is reached in quiet hours is held', async () => {
      for (const at of [0, 1]) await accept(occurrence(at));
      const given = receipt({ key: 'held', receivedAt: NOW + 2, threshold: THRESHOLD, heldUntil: NOW + 500 });
      expect(await accept(given)).toEqual([1]);
      expect(await journal().release(NOW + 500)).toEqual({ lanes: ['#ops'], nextAt: null });
      expect(await storms()).toEqual([{ count: 3, since: 0 }]);
    });
  });
}
