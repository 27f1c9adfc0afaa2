/** A journal that was restored: what has not ended is in doubt. A part of the contract of every journal driver. */
import { describe, expect, test } from 'vitest';
import { LATER, NOW, type Subject, stored } from './samples.ts';

export function restoredContract({ journal }: Subject): void {
  describe('after a restore', () => {
    const at = NOW + 60_000;
    const restored = { at, lookups: 2, notBefore: at + 5_000 };

    test('what is pending may have been sent since the newest time that the journal knows', async () => {
      await stored(journal(), { key: 'a' });
      await stored(journal(), { key: 'b', receivedAt: NOW + 7 });
      expect(await journal().doubtUnfinished(restored)).toEqual({ pending: 2, held: 0 });
      const doubt = { since: NOW + 7, until: at, lookups: 2 };
      const later = { dueAt: at + 5_000, dueSetAt: at, doubt, group: null };
      expect(await journal().next('#ops', 9)).toMatchObject([later, later]);
    });

    test('what was in doubt stays so from when it was, with its group; what waits for longer goes on waiting', async () => {
      const [, one = 0, two = 0] = await stored(journal(), { key: 'a', lanes: ['#ops', '#ops'] });
      const [, retried = 0] = await stored(journal(), { key: 'b' });
      await journal().markSending([one, two], NOW + 1, one);
      await journal().retryLater({ ...LATER, seq: two, doubt: { since: NOW + 1, lookups: 1 }, group: one });
      await journal().retryLater({ ...LATER, seq: retried, dueAt: at + 9_000 });
      await journal().doubtUnfinished(restored);
      expect(await journal().next('#ops', 9)).toMatchObject([
        { seq: one, doubt: { since: NOW + 1, until: at, lookups: 0 }, group: one },
        { seq: two, doubt: { since: NOW + 1, until: at, lookups: 2 }, group: one },
        { seq: retried, doubt: { since: NOW + 10, until: at, lookups: 2 }, group: null, dueAt: at + 9_000 },
      ]);
    });

    test('what is held stays held, and is in doubt when it is released; what has ended stays as it is', async () => {
      await stored(journal(), { key: 'a', heldUntil: at + 3_600_000 });
      const [, sent = 0] = await stored(journal(), { key: 'b' });
      await journal().complete({ seq: sent, state: 'sent', at: NOW + 5 });
      expect(await journal().doubtUnfinished(restored)).toEqual({ pending: 0, held: 1 });
      expect(await journal().next('#ops', 9)).toEqual([]);
      expect(await journal().tally()).toMatchObject({ held: 1, sent: 1 });
      expect(await journal().release(at + 3_600_000)).toMatchObject({ lanes: ['#ops'] });
      expect(await journal().next('#ops', 9)).toMatchObject([{ doubt: { since: NOW + 5, until: at, lookups: 2 } }]);
    });

    test('of an empty journal nothing is in doubt', async () => {
      expect(await journal().doubtUnfinished(restored)).toEqual({ pending: 0, held: 0 });
    });
  });
}
