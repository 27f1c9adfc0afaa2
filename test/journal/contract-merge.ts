/** What goes out together, and what is held back until then. A part of the contract of every journal driver. */
import { describe, expect, test } from 'vitest';
import { KEY, LATER, NOW, REASON, receipt, type Subject, stored } from './samples.ts';

const CARD = { placement: { channel: 'C1', ts: '1.1' }, shows: null };
const MERGED = { state: 'merged', at: NOW + 9, placement: { channel: 'C1', ts: '2.2' } } as const;

export function mergeContract({ journal, reopen }: Subject): void {
  const groups = async () => (await journal().waiting('#ops', 9)).map(({ seq, group }) => [seq, group]);

  describe('waiting', () => {
    test('the same as next, as far as one has to know it, and when the event happened', async () => {
      const event = { subject: 'a9', occurred_at: '2025-12-31T23:59:58.5Z' };
      const lane = 'channel:#ops';
      await journal().accept(receipt({ key: 'a', event, lanes: [lane, '#other'] }));
      const silent = { occurred_at: null, received_at: '2026-01-01T00:00:03Z', subject: null, source: 'allo' };
      await journal().accept(receipt({ key: 'b', event: silent, lanes: [lane] }));
      await journal().accept(receipt({ key: 'c', lanes: [lane] }));
      const [first] = await journal().next(lane, 1);
      await journal().retryLater({ ...LATER, seq: first?.seq ?? 0 });
      await reopen();
      const events = [
        { source: 'alo', subject: 'a9', occurredAt: NOW - 1500 },
        { source: 'allo', subject: null, occurredAt: NOW + 3000 },
      ];
      const rows = await journal().next(lane, 2);
      expect(rows.map(({ dueAt, dueSetAt }) => [dueAt, dueSetAt])).toEqual([
        [NOW + 5000, NOW + 10],
        [NOW, NOW],
      ]);
      expect(await journal().waiting(lane, 2)).toEqual(
        rows.map(({ seq, eventSeq, route, target, dueAt, dueSetAt }, index) => ({
          ...{ seq, eventSeq, route, target, dueAt, dueSetAt, ...events[index] },
          ...{ group: null, released: false, inDoubt: false, hasCard: false },
        })),
      );
    });

    test('whether the subject has a card in the channel', async () => {
      const lanes = ['channel:#ops', 'dm:#ops', '#ops', 'channel:#dev'];
      await journal().saveCard(KEY, CARD, NOW);
      await journal().accept(receipt({ key: 'it', lanes }));
      await journal().accept(receipt({ key: 'other subject', event: { subject: 'a2' }, lanes }));
      await journal().accept(receipt({ key: 'other source', event: { source: 'allo' }, lanes }));
      const found = await Promise.all(lanes.map((lane) => journal().waiting(lane, 9)));
      expect(found.map((rows) => rows.map(({ hasCard }) => hasCard))).toEqual([
        [true, false, false],
        [false, false, false],
        [false, false, false],
        [false, false, false],
      ]);
    });
  });

  test('load: what is unfinished, once each, in order', async () => {
    const [, ...seqs] = await stored(journal(), { key: 'x', lanes: ['#ops', '#ops', '#b', '#ops', '#ops'] });
    const [a = 0, b = 0, c = 0, d = 0, e = 0] = seqs;
    await journal().complete({ seq: b, state: 'sent', at: NOW });
    await journal().hold(d, NOW + 1, NOW);
    await journal().markSending([e], NOW + 7);
    const loaded = await journal().load([e, 99, d, c, b, a, c]);
    expect(loaded).toEqual([
      ...(await journal().next('#ops', 1)),
      ...(await journal().next('#b', 1)),
      ...(await journal().next('#ops', 2)).slice(1),
    ]);
    expect(loaded.map(({ seq }) => seq)).toEqual([a, c, e]);
    expect(loaded[2]?.doubt).toEqual({ since: NOW + 7, until: NOW + 7, lookups: 0 });
    expect(await journal().load([])).toEqual([]);
  });

  describe('groups', () => {
    test('stay together for as long as they are in doubt, and can be seen afterwards', async () => {
      const [, a = 0, b = 0, c = 0] = await stored(journal(), { key: 'x', lanes: ['#ops', '#ops', '#ops'] });
      await journal().markSending([a, b], NOW + 1, a);
      await reopen();
      const both = [
        [a, a],
        [b, a],
        [c, null],
      ];
      expect(await groups()).toEqual(both);
      const doubt = { since: NOW + 1, lookups: 1 };
      const groupOf = async (seq: number) => (await journal().load([seq]))[0]?.group;
      await journal().retryLater({ ...LATER, seq: b, doubt });
      expect(await groupOf(b)).toBeNull();
      await journal().retryLater(...[a, b].map((seq) => ({ ...LATER, seq, doubt, group: a })));
      expect(await groups()).toEqual(both);
      expect(await groupOf(b)).toBe(a);
      expect((await journal().waiting('#ops', 9)).map(({ inDoubt }) => inDoubt)).toEqual([true, true, false]);
      // Not there after all: each is free to go out with others.
      await journal().retryLater({ ...LATER, seq: b, group: a });
      expect(await groups()).toEqual([
        [a, a],
        [b, null],
        [c, null],
      ]);
      await journal().markSending([b, c], NOW + 20, b);
      await journal().markSending([a], NOW + 20);
      expect(await groups()).toEqual([
        [a, null],
        [b, b],
        [c, b],
      ]);
      await journal().complete({ ...MERGED, seq: b }, { ...MERGED, seq: c });
      const { placement } = MERGED;
      expect(await journal().deliveries({ seqs: [a, b, c], limit: 9 })).toMatchObject([
        { seq: c, state: 'merged', placement, group: b, inDoubt: false },
        { seq: b, state: 'merged', placement, group: b, inDoubt: false },
        { seq: a, state: 'sending', placement: null, group: null },
      ]);
    });

    test('a change of several is made whole, or where one has ended, not at all', async () => {
      const lanes = ['#ops', '#ops', '#ops'];
      const [, a = 0, b = 0, ended = 0] = await stored(journal(), { key: 'x', lanes });
      await journal().complete({ seq: ended, state: 'sent', at: NOW });
      const before = await journal().deliveries({ limit: 9 });
      const card = { key: KEY, card: CARD };
      const channel = { name: '#ops', id: 'C1' };
      const refused = { code: 'journal-refused', message: expect.stringContaining(`delivery ${ended} `) };
      const changes = [
        journal().markSending([a, b, ended], NOW + 1, a),
        journal().complete({ ...MERGED, seq: a, card, channel }, { ...MERGED, seq: ended }),
        journal().retryLater({ ...LATER, seq: b }, { ...LATER, seq: ended }),
      ];
      const other = journal().accept(receipt({ key: 'shares the commit', lanes: [] }));
      for (const change of changes) await expect(change).rejects.toMatchObject(refused);
      expect(await other).toMatchObject({ kind: 'accepted' });
      expect(await journal().deliveries({ limit: 9 })).toEqual(before);
      expect([await journal().card(KEY), await journal().channelId('#ops')]).toEqual([null, null]);
      await journal().complete({ ...MERGED, seq: a, card, channel }, { seq: b, state: 'superseded', at: NOW });
      expect(await journal().tally()).toMatchObject({ merged: 1, superseded: 1, sent: 1, pending: 0 });
      expect([await journal().card(KEY), await journal().channelId('#ops')]).toEqual([CARD, 'C1']);
    });
  });

  describe('held', () => {
    const NOTHING = { lanes: [], nextAt: null };

    test('it is in no lane until it is released, in the order in which it came', async () => {
      expect(await journal().release(NOW)).toEqual(NOTHING);
      const [, a = 0, , c = 0] = await stored(journal(), { key: 'a', heldUntil: NOW + 100, lanes: ['#a', '#b', '#a'] });
      const [, d = 0] = await stored(journal(), { key: 'd', heldUntil: NOW + 101, lanes: ['#a'] });
      expect(await journal().lanesWithWork()).toEqual([]);
      expect([await journal().next('#a', 9), await journal().waiting('#a', 9)]).toEqual([[], []]);
      expect(await journal().tally()).toMatchObject({ held: 4, pending: 0 });
      expect(await journal().deliveries({ seqs: [d], limit: 1 })).toMatchObject([
        { state: 'held', dueAt: NOW + 101, updatedAt: NOW, inDoubt: false },
      ]);
      const [, later = 0] = await stored(journal(), { key: 'not held', lanes: ['#a'] });
      expect(await journal().release(NOW + 99)).toEqual({ lanes: [], nextAt: NOW + 100 });
      await reopen();
      const { lanes, nextAt } = await journal().release(NOW + 100);
      expect([lanes.toSorted(), nextAt]).toEqual([['#a', '#b'], NOW + 101]);
      expect(await journal().lanesWithWork()).toEqual(['#a', '#b']);
      const rows = await journal().next('#a', 9);
      expect(rows.map(({ seq, released }) => [seq, released])).toEqual([
        [a, true],
        [c, true],
        [later, false],
      ]);
      expect(rows[0]).toMatchObject({ dueAt: NOW + 100, dueSetAt: NOW + 100, acceptedAt: NOW });
      expect((await journal().waiting('#a', 9)).map(({ released }) => released)).toEqual([true, true, false]);
      // The clock went back: it waits for its time.
      expect(await journal().release(NOW + 50)).toEqual({ lanes: [], nextAt: NOW + 101 });
      expect(await journal().release(NOW + 9000)).toEqual({ lanes: ['#a'], nextAt: null });
      expect(await journal().release(NOW + 9000)).toEqual(NOTHING);
    });

    test('what is pending may be held, and nothing else', async () => {
      const [, a = 0, b = 0, c = 0] = await stored(journal(), { key: 'x', lanes: ['#ops', '#ops', '#ops'] });
      await journal().hold(a, NOW + 100, NOW + 5);
      await journal().markSending([b], NOW);
      await journal().complete({ seq: c, state: 'sent', at: NOW });
      for (const seq of [a, b, c, 99]) await expect(journal().hold(seq, NOW + 7, NOW)).rejects.toThrow('not pending');
      const changes = [
        () => journal().markSending([a], NOW),
        () => journal().complete({ seq: a, state: 'sent', at: NOW }),
        () => journal().retryLater({ ...LATER, seq: a }),
      ];
      for (const change of changes) await expect(change()).rejects.toThrow('is held');
      expect((await journal().next('#ops', 9)).map(({ seq }) => seq)).toEqual([b]);
      expect(await journal().deliveries({ states: ['held'], limit: 9 })).toMatchObject([
        { seq: a, dueAt: NOW + 100, updatedAt: NOW + 5 },
      ]);
      expect(await journal().release(NOW + 100)).toEqual({ lanes: ['#ops'], nextAt: null });
    });

    test('a replay holds what it is told to, and counts nothing', async () => {
      const [eventSeq, a = 0] = await stored(journal(), { key: 'x' });
      await journal().complete({ seq: a, state: 'dead', at: NOW, reason: REASON });
      const target = { verb: 'post', channel: '#ops', template: 't' } as const;
      const threshold = { key: 'k', count: 5, withinMs: 1000 };
      const again = { lane: '#ops', route: 'r', target, threshold };
      const deliveries = [{ ...again, heldUntil: NOW + 100 }, again];
      const replayed = await journal().replay({ eventSeq, at: NOW + 1, deliveries, replaces: [a] });
      expect(replayed).toEqual([a + 1, a + 2]);
      expect(await journal().tally()).toMatchObject({ held: 1, pending: 1, dead: 0 });
      expect(await journal().release(NOW + 100)).toEqual({ lanes: ['#ops'], nextAt: null });
      expect((await journal().load([a + 1, a + 2])).map(({ released, thresholdHit: hit }) => [released, hit])).toEqual([
        [true, null],
        [false, null],
      ]);
    });
  });
}
