/** What is to be reported of what did not arrive. A part of the contract of every journal driver. */
import { describe, expect, test } from 'vitest';
import type { Completion } from '../../src/journal/contract.ts';
import { NOW, REASON, receipt, type Subject, stored } from './samples.ts';

const ARCHIVED = { code: 'is_archived', detail: 'The channel is archived.' };

export function failuresContract({ journal, reopen }: Subject): void {
  describe('failures', () => {
    let keys = 0;
    /** A delivery that ended like this `at` ms after NOW. */
    const listed = async (at: number, ending: Partial<Completion> & { lane?: string } = {}): Promise<number> => {
      const { lane = '#ops', ...rest } = ending;
      keys += 1;
      const [, seq = 0] = await stored(journal(), { key: `k${keys}`, lanes: [lane] });
      await journal().complete({ seq, state: 'dead', at: NOW + at, reason: REASON, ...rest });
      return seq;
    };
    const failures = (since = 0, limit = 10) => journal().failures({ since: NOW + since, limit });

    test('one group for each lane, state and reason', async () => {
      expect(await failures()).toEqual([]);
      const [a, b] = [await listed(1), await listed(2)];
      const parked = await listed(3, { state: 'parked' });
      const archived = await listed(4, { reason: ARCHIVED });
      const other = await listed(5, { lane: '#dev' });
      await listed(6, { state: 'sent' });
      await listed(7, { state: 'superseded' });
      await journal().accept(receipt({ key: 'pending' }));
      await reopen();
      const dead = { lane: '#ops', state: 'dead', reason: REASON };
      const once = (at: number, seq: number) => ({ count: 1, firstAt: NOW + at, lastAt: NOW + at, unreported: [seq] });
      const groups = await failures();
      expect(groups).toHaveLength(4);
      expect(groups).toEqual(
        expect.arrayContaining([
          { ...dead, count: 2, firstAt: NOW + 1, lastAt: NOW + 2, unreported: [a, b], event: 2 },
          { ...dead, state: 'parked', ...once(3, parked), event: 3 },
          { ...dead, reason: ARCHIVED, ...once(4, archived), event: 4 },
          { ...dead, lane: '#dev', ...once(5, other), event: 5 },
        ]),
      );
    });

    test('the reason in the words of the newest', async () => {
      await listed(2, { reason: { code: 'x', detail: 'newer' } });
      await listed(1, { reason: { code: 'x', detail: 'older' } });
      expect(await failures()).toMatchObject([{ reason: { code: 'x', detail: 'newer' }, count: 2 }]);
    });

    test('an event that reports them is stored in one commit with that they are reported', async () => {
      const [a, b] = [await listed(1), await listed(2)];
      const report = receipt({ key: 'report', lanes: ['#problems'], reports: [a] });
      await journal().accept(report);
      expect(await failures()).toMatchObject([{ count: 2, unreported: [b] }]);
      // A duplicate changes nothing, and neither does what cannot be stored.
      await journal().accept({ ...report, reports: [b] });
      const impossible = receipt({ key: 'impossible', receivedAt: Number.NaN, reports: [b] });
      await expect(journal().accept(impossible)).rejects.toThrow();
      expect(await failures()).toMatchObject([{ unreported: [b] }]);
      await journal().accept(receipt({ key: 'report 2', lanes: ['#problems'], reports: [b] }));
      await reopen();
      expect(await failures()).toEqual([]);
    });

    test('what was reported counts since the instant asked for; what was not, always', async () => {
      const [early, late] = [await listed(10), await listed(50)];
      await journal().accept(receipt({ key: 'report', lanes: [], reports: [early, late] }));
      expect(await failures()).toEqual([]);
      const old = await listed(20);
      const fresh = await listed(60);
      const common = { lane: '#ops', state: 'dead', reason: REASON, event: 5 };
      const group = { ...common, lastAt: NOW + 60, unreported: [old, fresh] };
      expect(await failures(0)).toEqual([{ ...group, count: 4, firstAt: NOW + 10 }]);
      expect(await failures(30)).toEqual([{ ...group, count: 3, firstAt: NOW + 20 }]);
      expect(await failures(1000)).toEqual([{ ...group, count: 2, firstAt: NOW + 20 }]);
    });

    test('no more unreported ones than asked for, the oldest first, and all are counted', async () => {
      const seqs = [await listed(3), await listed(1), await listed(2)];
      expect(await failures(0, 2)).toMatchObject([{ count: 3, unreported: [seqs[1], seqs[2]] }]);
    });

    test('neither what is not worth a report nor what was replayed', async () => {
      await listed(1, { unreported: true });
      const replayed = await listed(2);
      const [record] = await journal().deliveries({ seqs: [replayed], limit: 1 });
      const again = { lane: '#ops', route: 'r', target: { verb: 'post', channel: '#ops', template: 't' } } as const;
      const eventSeq = record?.eventSeq ?? 0;
      const seqs = await journal().replay({ eventSeq, at: NOW, deliveries: [again], replaces: [replayed] });
      expect(await failures()).toEqual([]);
      // The replay itself may fail, and is news again.
      const seq = seqs?.[0] ?? 0;
      await journal().complete({ seq, state: 'dead', at: NOW + 9, reason: REASON });
      expect(await failures()).toMatchObject([{ count: 1, unreported: [seq] }]);
    });

    test('one that ended without saying why', async () => {
      const [, seq = 0] = await stored(journal(), { key: 'mute' });
      await journal().complete({ seq, state: 'dead', at: NOW });
      expect(await failures()).toMatchObject([
        { reason: { code: 'unknown', detail: '' }, count: 1, unreported: [seq] },
      ]);
    });
  });
}
