/** What is no longer needed goes, and nothing else. A part of the contract of every journal driver. */
import { describe, expect, test } from 'vitest';
import type { PruneCursor, PruneRequest } from '../../src/journal/contract.ts';
import { KEY, NOW, REASON, receipt, type Subject, stored } from './samples.ts';

export function pruneContract({ journal, reopen }: Subject): void {
  describe('prune', () => {
    const request = { before: NOW + 100, cardsBefore: NOW + 100, now: NOW + 100, limit: 2, resume: null };
    /** A whole sweep: what was removed, and in how many calls. */
    const sweep = async (changes: Partial<PruneRequest> = {}) => {
      let removed = 0;
      let calls = 0;
      let resume: PruneCursor | null = null;
      do {
        const pruned = await journal().prune({ ...request, ...changes, resume });
        expect(pruned.removed).toBeLessThanOrEqual(changes.limit ?? request.limit);
        // Of lanes only some drivers know.
        if (resume?.table !== 'lanes') removed += pruned.removed;
        calls += 1;
        resume = pruned.next;
      } while (resume !== null && calls < 1000);
      return { removed, calls };
    };
    const kept = async () => ({
      deliveries: (await journal().deliveries({ limit: 99 })).map(({ seq }) => seq).reverse(),
      events: (await journal().events({ limit: 99 })).map(({ event }) => event.id),
    });
    const FOR_EVER = NOW + 1_000_000;
    const KEPT = ['dead', 'parked', 'held', 'pending', 'sending', 'sent late'] as const;

    test('an empty journal', async () => {
      expect(await sweep()).toEqual({ removed: 0, calls: 11 });
    });

    test.each([1, 2, 3, 1000])('what ended well long ago goes, with its event, %i rows at a time', async (limit) => {
      const ends = ['sent', 'merged', 'superseded', ...KEPT, 'replayed'] as const;
      const seqs: number[] = [];
      for (const [index, end] of ends.entries()) {
        const [eventSeq, seq = 0] = await stored(journal(), { key: end, receivedAt: NOW + index, keepUntil: FOR_EVER });
        seqs.push(seq);
        if (end === 'sending') await journal().markSending([seq], NOW);
        else if (end === 'held') await journal().hold(seq, NOW, NOW);
        else if (end === 'sent late') await journal().complete({ seq, state: 'sent', at: NOW + 100 });
        else if (end === 'replayed') {
          await journal().complete({ seq, state: 'dead', at: NOW, reason: REASON });
          const again = { lane: '#ops', route: 'r', target: { verb: 'post', channel: '#ops', template: 't' } } as const;
          const replayed = await journal().replay({ eventSeq, at: NOW + 8, deliveries: [again], replaces: [seq] });
          await journal().complete({ seq: replayed?.[0] ?? 0, state: 'sent', at: NOW + 9 });
        } else if (end !== 'pending') await journal().complete({ seq, state: end, at: NOW + 99, reason: REASON });
      }
      await journal().accept(receipt({ key: 'owes nothing', receivedAt: NOW, lanes: [], keepUntil: FOR_EVER }));
      await journal().accept(receipt({ key: 'new', receivedAt: NOW + 100, lanes: [], keepUntil: FOR_EVER }));
      // sent, merged, superseded, both of the replayed one; the events of these, and the one that owed nothing.
      expect((await sweep({ limit })).removed).toBe(10);
      await reopen();
      expect(await kept()).toEqual({
        deliveries: seqs.slice(3, 9),
        events: [...KEPT, 'new'],
      });
      expect((await sweep({ limit })).removed).toBe(0);
    });

    test('an event stays for as long as one of its deliveries does', async () => {
      const [, a = 0, b = 0] = await stored(journal(), { key: 'x', lanes: ['#a', '#b'], keepUntil: FOR_EVER });
      await journal().complete({ seq: a, state: 'sent', at: NOW });
      await sweep();
      expect(await kept()).toEqual({ deliveries: [b], events: ['x'] });
      expect((await journal().next('#b', 1))[0]?.event.id).toBe('x');
      await journal().complete({ seq: b, state: 'sent', at: NOW });
      await sweep();
      expect(await kept()).toEqual({ deliveries: [], events: [] });
    });

    test('what came while the clock was ahead does not shield what comes after it', async () => {
      const times = [50, 9_000, 9_000, 9_000, 60];
      for (const [index, at] of times.entries()) {
        const [, seq = 0] = await stored(journal(), { key: `k${index}`, receivedAt: NOW + at, keepUntil: FOR_EVER });
        await journal().complete({ seq, state: 'sent', at: NOW + at });
      }
      expect((await sweep({ limit: 1 })).removed).toBe(4);
      expect(await kept()).toEqual({ deliveries: [2, 3, 4], events: ['k1', 'k2', 'k3'] });
    });

    test('a sweep does not go through what is new', async () => {
      for (let index = 0; index < 20; index += 1) {
        const [, seq = 0] = await stored(journal(), { key: `k${index}`, receivedAt: NOW + 200, keepUntil: FOR_EVER });
        await journal().complete({ seq, state: 'sent', at: NOW + 200 });
      }
      // Ten pages of `seen`, whose rows end in no order, and one or two of each other table.
      expect((await sweep()).calls).toBeLessThan(23);
    });

    test('numbers never come again', async () => {
      const [eventSeq, seq = 0] = await stored(journal(), { key: 'x', keepUntil: FOR_EVER });
      await journal().complete({ seq, state: 'sent', at: NOW });
      await sweep();
      expect(await stored(journal(), { key: 'y' })).toEqual([eventSeq + 1, seq + 1]);
    });

    test('keys go when they may come again, and not before', async () => {
      for (const [key, keepUntil] of [
        ['expired', NOW + 100],
        ['kept', NOW + 101],
      ] as const) {
        await journal().accept(receipt({ key, keepUntil, lanes: [] }));
      }
      // Both events, and one key.
      expect((await sweep()).removed).toBe(3);
      const again = async (key: string) => (await journal().accept(receipt({ key, receivedAt: NOW }))).kind;
      expect([await again('expired'), await again('kept')]).toEqual(['accepted', 'duplicate']);
    });

    test('what thresholds counted goes; when each was last reached, too', async () => {
      const threshold = { key: 'k', count: 2, withinMs: 1000 };
      const occurs = async (key: string, at: number, given = threshold) => {
        const changes = { key, receivedAt: NOW + at, threshold: given, keepUntil: FOR_EVER };
        return (await stored(journal(), changes)).length - 1;
      };
      for (const at of [98, 99, 100, 101]) await occurs(`at ${at}`, at);
      for (const at of [98, 99]) await occurs(`old ${at}`, at, { ...threshold, key: 'old' });
      const before = await sweep({ limit: 1 });
      // The events whose delivery was not made, but for those of 100 and 101; four occurrences; when `old` was reached.
      expect(before.removed).toBe(2 + 4 + 1);
      // Two are left of `k`, which was reached just now; nothing of `old`.
      expect(await occurs('three', 102, { ...threshold, count: 3 })).toBe(0);
      expect([
        await occurs('one', 102, { ...threshold, key: 'old' }),
        await occurs('two', 102, { ...threshold, key: 'old' }),
      ]).toEqual([0, 1]);
    });

    test('cards that nothing was done with for long', async () => {
      const card = { placement: { channel: 'C1', ts: '1.1' }, shows: null };
      for (const [subject, at] of [
        ['saved long ago', 99],
        ['saved', 100],
      ] as const) {
        await journal().saveCard({ ...KEY, subject }, card, NOW + at);
      }
      await journal().saveCard({ ...KEY, subject: 'used again' }, card, NOW);
      const [, seq = 0] = await stored(journal(), { key: 'x' });
      await journal().complete({
        seq,
        state: 'sent',
        at: NOW + 100,
        card: { key: { ...KEY, subject: 'used again' }, card },
      });
      await sweep({ before: NOW, now: NOW });
      const there = async (subject: string) => (await journal().card({ ...KEY, subject })) !== null;
      expect([await there('saved long ago'), await there('saved'), await there('used again')]).toEqual([
        false,
        true,
        true,
      ]);
    });

    test.each([
      ['what ended', { before: NOW + 100, cardsBefore: NOW, now: NOW }],
      ['cards', { before: NOW, cardsBefore: NOW + 100, now: NOW }],
      ['keys and people', { before: NOW, cardsBefore: NOW, now: NOW + 100 }],
    ])('%s: each by its own term', async (which, terms) => {
      const [, seq = 0] = await stored(journal(), { key: 'x', receivedAt: NOW + 50, keepUntil: NOW + 50 });
      await journal().complete({ seq, state: 'sent', at: NOW + 50 });
      await journal().saveCard(KEY, { placement: { channel: 'C1', ts: '1.1' }, shows: null }, NOW + 50);
      await journal().savePerson('maria@example.com', 'U1', NOW + 50);
      await sweep(terms);
      const left = {
        'what ended': (await kept()).deliveries.length + (await kept()).events.length,
        cards: (await journal().card(KEY)) === null ? 0 : 2,
        'keys and people':
          ((await journal().person('maria@example.com', NOW)) === undefined ? 0 : 1) +
          ((await journal().accept(receipt({ key: 'x', receivedAt: NOW }))).kind === 'duplicate' ? 1 : 0),
      };
      expect(left).toEqual({ 'what ended': 2, cards: 2, 'keys and people': 2, [which]: 0 });
    });
  });
}
