/** What is accepted once, and how a lane's deliveries go their way. A part of the contract of every journal driver. */
import { describe, expect, test } from 'vitest';
import type { Doubt } from '../../src/core/delivery.ts';
import type { NewEvent } from '../../src/journal/contract.ts';
import { KEY, LATER, NOW, REASON, receipt, type Subject, stored } from './samples.ts';

export function lanesContract({ journal, reopen }: Subject): void {
  describe('duplicates', () => {
    test('a key is accepted once, however many come at once or later', async () => {
      const flood = await Promise.all(Array.from({ length: 50 }, () => journal().accept(receipt({ key: 'same' }))));
      expect(flood.filter(({ kind }) => kind === 'accepted')).toHaveLength(1);
      await reopen();
      expect(await journal().accept(receipt({ key: 'same' }))).toEqual({ kind: 'duplicate' });
      expect(await journal().tally()).toMatchObject({ pending: 1 });
    });

    test('the same key under another source is another event', async () => {
      const alo = await journal().accept(receipt({ key: 'k' }));
      const allo = await journal().accept(receipt({ key: 'k', event: { source: 'allo' } }));
      expect([alo.kind, allo.kind]).toEqual(['accepted', 'accepted']);
    });

    test('a key may come again from the moment it expired, and counts anew from then', async () => {
      const at = (receivedAt: number) =>
        journal().accept(receipt({ key: 'k', receivedAt, keepUntil: receivedAt + 1000 }));
      const kinds: string[] = [];
      for (const ms of [0, 999, 1000, 1999, 2000]) kinds.push((await at(NOW + ms)).kind);
      expect(kinds).toEqual(['accepted', 'duplicate', 'accepted', 'duplicate', 'accepted']);
    });
  });

  describe('duplicates by a second key', () => {
    const given = (key: string, also: string, receivedAt = NOW) =>
      receipt({ key, keepUntil: NOW + 9000, receivedAt, also: { key: also, keepUntil: receivedAt + 1000 } });
    const kinds = async (receipts: readonly NewEvent[], atOnce: boolean) => {
      const found: string[] = [];
      if (atOnce) return (await Promise.all(receipts.map((one) => journal().accept(one)))).map(({ kind }) => kind);
      for (const one of receipts) found.push((await journal().accept(one)).kind);
      return found;
    };

    test.each([false, true])('either makes one, whether they come at once: %s', async (atOnce) => {
      const receipts = [given('a', 'A'), given('b', 'A'), given('a', 'C'), given('d', 'D'), receipt({ key: 'D' })];
      expect(await kinds(receipts, atOnce)).toEqual(['accepted', 'duplicate', 'duplicate', 'accepted', 'duplicate']);
      await reopen();
      expect((await journal().next('#ops', 10)).map(({ event }) => event.id)).toEqual(['a', 'd']);
      // Both keys of a duplicate are remembered.
      expect(await kinds([given('b', 'E'), given('f', 'C')], atOnce)).toEqual(['duplicate', 'duplicate']);
    });

    test('each until its own time is over', async () => {
      const later = [given('a', 'A', NOW + 1000), given('b', 'A', NOW + 1999), given('c', 'A', NOW + 2000)];
      expect(await kinds([given('a', 'A'), ...later], false)).toEqual([
        'accepted',
        'duplicate',
        'duplicate',
        'accepted',
      ]);
    });
  });

  describe('lanes', () => {
    test('next gives a lane its deliveries in order of acceptance, those to be tried again included', async () => {
      for (const key of ['a', 'b', 'c']) await journal().accept(receipt({ key, lanes: ['#one', '#two'] }));
      const [a, b] = await journal().next('#one', 2);
      if (a === undefined || b === undefined) throw new Error('two deliveries expected');
      expect([a.event.id, b.event.id]).toEqual(['a', 'b']);
      await journal().markSending([a.seq], NOW + 1);
      await journal().retryLater({ ...LATER, seq: b.seq, attempts: 3 });
      await reopen();
      const rows = await journal().next('#one', 10);
      expect(
        rows.map(({ event, attempts, dueAt, dueSetAt }) => [event.id, attempts, dueAt - NOW, dueSetAt - NOW]),
      ).toEqual([
        ['a', 0, 0, 0],
        ['b', 3, 5000, 10],
        ['c', 0, 0, 0],
      ]);
      expect(rows.map(({ seq }) => seq)).toEqual(rows.map(({ seq }) => seq).sort((x, y) => x - y));
    });

    test('what has ended is gone from its lane, counted, and does not change any more', async () => {
      for (const key of ['a', 'b', 'c', 'd', 'e', 'f']) await journal().accept(receipt({ key }));
      const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = (await journal().next('#ops', 10)).map(({ seq }) => seq);
      const placement = { channel: 'C1', ts: '1.2' };
      await journal().complete({ seq: a, state: 'sent', at: NOW, placement });
      await journal().complete({ seq: b, state: 'superseded', at: NOW });
      await journal().complete({ seq: c, state: 'dead', at: NOW, reason: REASON });
      await journal().complete({ seq: e, state: 'parked', at: NOW, reason: REASON });
      await journal().complete({ seq: f, state: 'merged', at: NOW, placement });
      await journal().markSending([d], NOW);
      const tally = {
        held: 0,
        pending: 0,
        sending: 1,
        sent: 1,
        merged: 1,
        superseded: 1,
        dead: 1,
        parked: 1,
        dismissed: 0,
      };
      expect(await journal().tally()).toEqual(tally);
      expect((await journal().next('#ops', 10)).map(({ seq }) => seq)).toEqual([d]);

      const channel = { name: '#ops', id: 'C1' };
      const card = { key: KEY, card: { placement, shows: null } };
      const again = { seq: a, state: 'dead', at: NOW, card, channel } as const;
      await expect(journal().complete(again)).rejects.toMatchObject({ code: 'journal-refused' });
      await expect(journal().retryLater({ ...LATER, seq: e })).rejects.toThrow();
      await expect(journal().markSending([c], NOW)).rejects.toThrow('has already ended');
      await expect(journal().markSending([99], NOW)).rejects.toThrow();
      expect(await journal().tally()).toEqual(tally);
      expect([await journal().card(KEY), await journal().channelId('#ops')]).toEqual([null, null]);
    });

    test('lanesWithWork names each lane with something unfinished once', async () => {
      expect(await journal().lanesWithWork()).toEqual([]);
      await journal().accept(receipt({ key: 'a', lanes: ['#one', '#two', '#one'] }));
      await journal().accept(receipt({ key: 'b', lanes: [] }));
      expect((await journal().lanesWithWork()).sort()).toEqual(['#one', '#two']);
      for (const { seq } of await journal().next('#one', 10)) await journal().complete({ seq, state: 'sent', at: NOW });
      expect(await journal().lanesWithWork()).toEqual(['#two']);
    });
  });

  describe('doubt', () => {
    const doubt = async (): Promise<Doubt | null | undefined> => (await journal().next('#ops', 1))[0]?.doubt;
    test('what is found being sent is in doubt since the attempt began, and not looked for yet', async () => {
      const [, seq = 0] = await stored(journal(), { key: 'a' });
      expect(await doubt()).toBeNull();
      await journal().markSending([seq], NOW + 5);
      await reopen();
      expect(await doubt()).toEqual({ since: NOW + 5, until: NOW + 5, lookups: 0 });
    });

    test('what was stored as being sent is in doubt since it was received', async () => {
      await journal().accept(receipt({ key: 'a', state: 'sending', receivedAt: NOW + 7 }));
      await reopen();
      expect(await doubt()).toEqual({ since: NOW + 7, until: NOW + 7, lookups: 0 });
    });

    test('it lasts from the first attempt in doubt to the last one, until it is resolved', async () => {
      const [, seq = 0] = await stored(journal(), { key: 'a' });
      await journal().markSending([seq], NOW + 1);
      await journal().retryLater({ ...LATER, seq, doubt: { since: NOW + 1, lookups: 0 } });
      expect(await doubt()).toEqual({ since: NOW + 1, until: NOW + 1, lookups: 0 });
      await journal().retryLater({ ...LATER, seq, doubt: { since: NOW + 1, lookups: 2 } });
      await reopen();
      expect(await doubt()).toEqual({ since: NOW + 1, until: NOW + 1, lookups: 2 });
      await journal().markSending([seq], NOW + 9);
      expect(await doubt()).toEqual({ since: NOW + 1, until: NOW + 9, lookups: 0 });
      await journal().retryLater({ ...LATER, seq, doubt: null });
      expect(await doubt()).toBeNull();
      await journal().markSending([seq], NOW + 20);
      expect(await doubt()).toEqual({ since: NOW + 20, until: NOW + 20, lookups: 0 });
    });
  });
}
