/** What became of each event, and sending it again. A part of the contract of every journal driver. */
import { describe, expect, test } from 'vitest';
import { DELIVERY_STATES, type PlannedDelivery } from '../../src/core/delivery.ts';
import type { DeliveryQuery, EventQuery } from '../../src/journal/contract.ts';
import { NOW, REASON, receipt, type Subject, stored } from './samples.ts';

const placement = { channel: 'C1', ts: '1.2' };

const planned = (lane: string): PlannedDelivery => ({
  lane,
  route: 'by now',
  target: { verb: 'post', channel: lane, template: 't' },
});

export function accountsContract({ journal, reopen }: Subject): void {
  describe('events', () => {
    /** e1 … e6, of which e4 came while the clock was an hour behind; e6 has the id of e2, from another source. */
    const six = async () => {
      for (const [index, hour] of [1, 2, 3, 2, 5, 6].entries()) {
        const key = index === 5 ? 'e2' : `e${index + 1}`;
        const source = index === 5 ? 'allo' : 'alo';
        await journal().accept(receipt({ key, event: { source }, receivedAt: NOW + hour * 1000, lanes: [] }));
      }
    };
    const cases: readonly (readonly [string, EventQuery, readonly number[]])[] = [
      ['all, oldest first', { limit: 10 }, [1, 2, 3, 4, 5, 6]],
      ['the first of them', { limit: 2 }, [1, 2]],
      ['after one', { after: 2, limit: 2 }, [3, 4]],
      ['since, although the clock was set back', { since: NOW + 3000, limit: 10 }, [3, 5, 6]],
      ['since, a page', { since: NOW + 3000, limit: 2 }, [3, 5]],
      ['since, the next page', { since: NOW + 3000, after: 5, limit: 2 }, [6]],
      ['since a time to come', { since: NOW + 9000, limit: 2 }, []],
      ['by id', { id: 'e2', limit: 10 }, [2, 6]],
      ['by id, the first', { id: 'e2', limit: 1 }, [2]],
      ['by id, after', { id: 'e2', after: 2, limit: 10 }, [6]],
      ['by id, since', { id: 'e2', since: NOW + 3000, limit: 10 }, [6]],
      ['by number', { seqs: [5, 2, 5, 99], limit: 10 }, [2, 5]],
      ['by number, the first', { seqs: [5, 2, 6], limit: 2 }, [2, 5]],
      ['by number and all else', { seqs: [2, 5, 6], id: 'e2', since: NOW + 3000, after: 1, limit: 9 }, [6]],
      ['none of none', { seqs: [], limit: 10 }, []],
    ];

    test('those asked for, in order', async () => {
      await six();
      for (const [name, query, expected] of cases) {
        const found = await journal().events(query);
        expect(
          found.map(({ seq }) => seq),
          name,
        ).toEqual(expected);
      }
    });

    test('come back whole', async () => {
      const given = receipt({ key: 'a', event: { topic: 'call.ended' } });
      await journal().accept(given);
      expect(await journal().events({ id: 'a', limit: 1 })).toEqual([
        { seq: 1, event: { ...given.event, payload: { key: 'a' } } },
      ]);
    });
  });

  describe('deliveries', () => {
    test('everything that is known of one', async () => {
      const event = { subject: 'a7', topic: 'action_created' };
      const [eventSeq, a = 0, b = 0] = await stored(journal(), {
        key: 'x',
        event,
        receivedAt: NOW + 1,
        lanes: ['#a', '#b'],
      });
      await journal().markSending([a], NOW + 2, a);
      await journal().retryLater({
        seq: a,
        attempts: 1,
        at: NOW + 3,
        dueAt: NOW + 9,
        reason: REASON,
        doubt: { since: NOW + 2, lookups: 1 },
        group: a,
      });
      await journal().complete({ seq: b, state: 'sent', at: NOW + 4, placement });
      await reopen();
      const [second, first, ...none] = await journal().deliveries({ limit: 10 });
      expect(none).toEqual([]);
      const { target } = receipt({ key: 'x', lanes: ['#a'] }).deliveries[0] ?? {};
      expect(first).toEqual({
        seq: a,
        eventSeq,
        lane: '#a',
        route: 'action card',
        target,
        state: 'pending',
        attempts: 1,
        acceptedAt: NOW + 1,
        updatedAt: NOW + 3,
        dueAt: NOW + 9,
        inDoubt: true,
        reason: REASON,
        placement: null,
        group: a,
        replay: false,
        replayedAs: null,
        dismissal: null,
        event: { id: 'x', source: 'alo', ...event, title: null, received_at: new Date(NOW + 1).toISOString() },
      });
      expect(second).toMatchObject({
        seq: b,
        state: 'sent',
        updatedAt: NOW + 4,
        inDoubt: false,
        reason: null,
        placement,
      });
    });

    /** d1 … d8, one an event, each in the state of that place in DELIVERY_STATES, but dismissed; d7, which died, was replayed as d9. */
    const nine = async () => {
      for (const [index, state] of DELIVERY_STATES.entries()) {
        if (state === 'dismissed') continue;
        const [, seq = 0] = await stored(journal(), { key: `d${index + 1}`, receivedAt: NOW + index * 1000 });
        if (state === 'sending') await journal().markSending([seq], NOW);
        else if (state === 'held') await journal().hold(seq, NOW + 9000, NOW);
        else if (state !== 'pending') await journal().complete({ seq, state, at: NOW });
      }
      const replay = { eventSeq: 7, at: NOW + 4500, deliveries: [planned('#ops')], replaces: [7] };
      expect(await journal().replay(replay)).toEqual([9]);
    };
    const cases: readonly (readonly [string, DeliveryQuery, readonly number[]])[] = [
      ['all, newest first', { limit: 10 }, [9, 8, 7, 6, 5, 4, 3, 2, 1]],
      ['a page', { limit: 3 }, [9, 8, 7]],
      ['the next page', { before: 7, limit: 3 }, [6, 5, 4]],
      ['since, by when it entered', { since: NOW + 4500, limit: 10 }, [9, 8, 7, 6]],
      ['since a time to come', { since: NOW + 9000, limit: 10 }, []],
      ['held', { states: ['held'], limit: 10 }, [1]],
      ['held, since', { states: ['held'], since: NOW + 1, limit: 10 }, []],
      ['pending', { states: ['pending'], limit: 10 }, [9, 2]],
      ['dead or parked', { states: ['dead', 'parked'], limit: 10 }, [8, 7]],
      ['dead, not replayed', { states: ['dead'], replayed: false, limit: 10 }, []],
      ['parked, not replayed', { states: ['parked', 'dead'], replayed: false, limit: 10 }, [8]],
      ['not replayed', { replayed: false, limit: 10 }, [9, 8, 6, 5, 4, 3, 2, 1]],
      ['replayed or not', { states: ['dead'], replayed: true, limit: 10 }, [7]],
      ['not ended, or listed, a page', { states: ['held', 'pending', 'sending', 'dead'], limit: 2 }, [9, 7]],
      [
        'not ended, or listed, the next',
        { states: ['held', 'pending', 'sending', 'dead'], before: 7, limit: 3 },
        [3, 2, 1],
      ],
      ['sent or dead', { states: ['sent', 'dead'], limit: 10 }, [7, 4]],
      ['merged', { states: ['merged'], limit: 10 }, [5]],
      ['superseded, since', { states: ['superseded'], since: NOW + 5000, limit: 10 }, [6]],
      ['no state at all', { states: [], limit: 10 }, []],
      ['by number', { seqs: [4, 8, 4, 99], limit: 10 }, [8, 4]],
      [
        'by number and all else',
        { seqs: [2, 4, 7, 8, 9], eventSeqs: [7, 8, 9], states: ['dead', 'pending'], since: NOW, before: 9, limit: 9 },
        [7],
      ],
      ['of an event', { eventSeqs: [7], limit: 10 }, [9, 7]],
      ['of events, a page', { eventSeqs: [1, 7, 8], limit: 3 }, [9, 8, 7]],
      ['of events, the next', { eventSeqs: [1, 7, 8], before: 7, limit: 3 }, [1]],
      ['none of none', { seqs: [], limit: 10 }, []],
    ];

    test('those asked for, newest first', async () => {
      await nine();
      for (const [name, query, expected] of cases) {
        const found = await journal().deliveries(query);
        expect(
          found.map(({ seq }) => seq),
          name,
        ).toEqual(expected);
      }
    });

    test('since, although the clock was set back', async () => {
      for (const [index, hour] of [1, 3, 2, 4].entries()) {
        await journal().accept(receipt({ key: `d${index}`, receivedAt: NOW + hour * 1000 }));
      }
      expect((await journal().deliveries({ since: NOW + 3000, limit: 9 })).map(({ seq }) => seq)).toEqual([4, 2]);
    });
  });

  describe('replay', () => {
    const states = async () =>
      (await journal().deliveries({ limit: 99 }))
        .reverse()
        .map(({ seq, state, replay, replayedAs }) => [seq, state, replay, replayedAs]);

    test('new deliveries at the end of their lanes, in place of those that are replaced', async () => {
      const [eventSeq, a = 0, b = 0, c = 0] = await stored(journal(), { key: 'x', lanes: ['#one', '#one', '#one'] });
      const [, newer = 0] = await stored(journal(), { key: 'y', lanes: ['#one'] });
      await journal().complete({ seq: a, state: 'dead', at: NOW, reason: REASON });
      await journal().complete({ seq: b, state: 'parked', at: NOW, reason: REASON });
      await journal().complete({ seq: c, state: 'dead', at: NOW, reason: REASON });
      const deliveries = [planned('#one'), planned('#two')];
      const seqs = await journal().replay({ eventSeq, at: NOW + 5000, deliveries, replaces: [a, b, c] });
      await reopen();
      expect(seqs).toEqual([newer + 1, newer + 2]);
      expect(await states()).toEqual([
        [a, 'dead', false, newer + 1],
        [b, 'parked', false, newer + 2],
        [c, 'dead', false, newer + 1],
        [newer, 'pending', false, null],
        [newer + 1, 'pending', true, null],
        [newer + 2, 'pending', true, null],
      ]);
      const [first, second] = await journal().next('#one', 10);
      expect(first?.seq).toBe(newer);
      expect(second).toMatchObject({
        ...planned('#one'),
        doubt: null,
        attempts: 0,
        dueAt: NOW + 5000,
        dueSetAt: NOW + 5000,
      });
      expect(second).toMatchObject({ acceptedAt: NOW + 5000, eventSeq, event: { id: 'x' } });
    });

    test('an event of which nothing is listed may be sent again as well', async () => {
      const [eventSeq, a = 0] = await stored(journal(), { key: 'x' });
      await journal().complete({ seq: a, state: 'sent', at: NOW });
      expect(await journal().replay({ eventSeq, at: NOW, deliveries: [planned('#ops')], replaces: [] })).toEqual([
        a + 1,
      ]);
      expect(await states()).toEqual([
        [a, 'sent', false, null],
        [a + 1, 'pending', true, null],
      ]);
    });

    test('of those who replay the same at once, one does', async () => {
      const [eventSeq, a = 0] = await stored(journal(), { key: 'x' });
      await journal().complete({ seq: a, state: 'dead', at: NOW });
      const replay = { eventSeq, at: NOW, deliveries: [planned('#ops')], replaces: [a] };
      const answers = await Promise.all([journal().replay(replay), journal().replay(replay), journal().replay(replay)]);
      expect(answers).toEqual([[a + 1], null, null]);
      expect(await journal().tally()).toMatchObject({ dead: 0, pending: 1 });
    });

    test('nothing happens where one of those to be replaced is not listed', async () => {
      const [eventSeq, dead = 0, sent = 0, pending = 0] = await stored(journal(), {
        key: 'x',
        lanes: ['#a', '#b', '#c'],
      });
      await journal().complete({ seq: dead, state: 'dead', at: NOW });
      await journal().complete({ seq: sent, state: 'sent', at: NOW });
      const before = await states();
      const deliveries = [planned('#a')];
      for (const other of [sent, pending, 99]) {
        expect(await journal().replay({ eventSeq, at: NOW, deliveries, replaces: [dead, other] })).toBeNull();
      }
      expect(await journal().replay({ eventSeq: 99, at: NOW, deliveries, replaces: [dead] })).toBeNull();
      expect(await journal().replay({ eventSeq, at: NOW, deliveries: [], replaces: [dead] })).toEqual([]);
      expect(await states()).toEqual(before);
    });
  });

  describe('dismissing', () => {
    const dismissal = { by: 'maria', reason: 'the project is over' };
    const three = async () => {
      const [eventSeq, a = 0, b = 0, c = 0] = await stored(journal(), { key: 'x', lanes: ['#a', '#b', '#c'] });
      await journal().complete(
        { seq: a, state: 'dead', at: NOW, reason: REASON },
        { seq: b, state: 'parked', at: NOW },
      );
      return { eventSeq, a, b, c };
    };
    const rows = async () => {
      const found = await journal().deliveries({ limit: 10 });
      return found.map(({ seq, state, dismissal }) => [seq, state, dismissal]);
    };

    test('dead and parked ones, once; who, when and why are kept beside why they did not arrive', async () => {
      const { a, b, c } = await three();
      expect(await journal().dismiss({ seqs: [a, b, c, 99, a], at: NOW + 5, ...dismissal })).toEqual([a, b]);
      expect(await journal().dismiss({ seqs: [a, b], at: NOW + 6, by: null, reason: 'again' })).toEqual([]);
      await reopen();
      expect(await rows()).toEqual([
        [c, 'pending', null],
        [b, 'dismissed', dismissal],
        [a, 'dismissed', dismissal],
      ]);
      const [first, ...none] = await journal().deliveries({ states: ['dismissed'], limit: 10, before: b });
      expect(none).toEqual([]);
      expect(first).toMatchObject({ seq: a, updatedAt: NOW + 5, reason: REASON });
      expect(await journal().tally()).toMatchObject({ dead: 0, parked: 0, dismissed: 2, pending: 1 });
      expect((await journal().backlog(0)).failed).toEqual({ dead: 0, parked: 0 });
      expect(await journal().failures({ since: 0, limit: 10 })).toEqual([]);
    });

    test('not what was replayed; but what was dismissed can be replayed', async () => {
      const { eventSeq, a, b, c } = await three();
      await journal().replay({ eventSeq, at: NOW, deliveries: [planned('#a')], replaces: [a] });
      expect(await journal().dismiss({ seqs: [a, b], at: NOW, ...dismissal })).toEqual([b]);
      const again = await journal().replay({ eventSeq, at: NOW, deliveries: [planned('#b')], replaces: [b] });
      expect(again).toEqual([c + 2]);
      expect(await journal().tally()).toMatchObject({ dead: 0, parked: 0, dismissed: 0, pending: 3 });
    });

    test('it is kept for as long as anything that ended then', async () => {
      const { a, b } = await three();
      await journal().dismiss({ seqs: [a], at: NOW + 50, ...dismissal });
      const sweep = async (before: number) => {
        const request = { before: NOW + before, cardsBefore: 0, now: 0, limit: 100 };
        await journal().prune({ ...request, resume: { table: 'deliveries', after: 0 } });
        return (await journal().deliveries({ seqs: [a, b], limit: 9 })).map(({ seq }) => seq);
      };
      expect(await sweep(50)).toEqual([b, a]);
      // What is still parked stays, however old.
      expect(await sweep(51)).toEqual([b]);
    });
  });
}
