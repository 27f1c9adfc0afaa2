/** What the journal tells whoever looks. A part of the contract of every journal driver. */
import { describe, expect, test } from 'vitest';
import type { EventSearch } from '../../src/journal/contract.ts';
import { LATER, NOW, REASON, receipt, type Subject, stored } from './samples.ts';

const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

export function inspectionContract({ journal, reopen }: Subject): void {
  describe('attempts', () => {
    const kept = async (seq: number) =>
      (await journal().attempts([seq])).map(({ at, ms, outcome, reason }) => [at - NOW, ms, outcome, reason?.code]);

    test('what is sent at once leaves none', async () => {
      const [, seq = 0] = await stored(journal(), { key: 'a' });
      await journal().complete({ seq, state: 'sent', at: NOW + 1 });
      expect(await kept(seq)).toEqual([]);
    });

    test('each that did not end it, and the one that did, in order', async () => {
      const [, a = 0, b = 0] = await stored(journal(), { key: 'a', lanes: ['#a', '#b'] });
      await journal().retryLater({ ...LATER, seq: a, ms: 12.4 }, { ...LATER, seq: b });
      await journal().complete({ seq: a, state: 'sent', at: NOW + 20, ms: 3 });
      await journal().complete({
        seq: b,
        state: 'dead',
        at: NOW + 30,
        ms: 0.4,
        reason: { code: 'x', detail: 'é'.repeat(999) },
      });
      await reopen();
      expect(await kept(a)).toEqual([
        [10, 12, 'retry', REASON.code],
        [20, 3, 'sent', undefined],
      ]);
      expect(await kept(b)).toEqual([
        [10, null, 'retry', REASON.code],
        [30, 0, 'dead', 'x'],
      ]);
      const both = await journal().attempts([b, a, b]);
      expect(both.map(({ deliverySeq }) => deliverySeq)).toEqual([b, b, a, a]);
      expect(both[1]?.reason?.detail).toBe('é'.repeat(300));
    });

    test('the newest fifty are kept', async () => {
      const [, seq = 0] = await stored(journal(), { key: 'a' });
      for (let index = 0; index < 53; index++) await journal().retryLater({ ...LATER, seq, at: NOW + index });
      const times = (await kept(seq)).map(([at]) => at);
      expect([times.length, times[0], times.at(-1)]).toEqual([50, 3, 52]);
    });

    test('what changes nothing leaves none', async () => {
      const [, seq = 0] = await stored(journal(), { key: 'a' });
      await journal().complete({ seq, state: 'dead', at: NOW, reason: REASON });
      await expect(journal().retryLater({ ...LATER, seq })).rejects.toThrow(/ended/);
      await expect(journal().complete({ seq, state: 'sent', at: NOW, ms: 1 })).rejects.toThrow(/ended/);
      expect(await kept(seq)).toEqual([]);
    });

    test('they go with their delivery', async () => {
      const [, a = 0, b = 0] = await stored(journal(), { key: 'a', lanes: ['#a', '#b'] });
      await journal().retryLater({ ...LATER, seq: a }, { ...LATER, seq: b });
      await journal().complete({ seq: a, state: 'sent', at: NOW, ms: 1 });
      let resume: Parameters<ReturnType<typeof journal>['prune']>[0]['resume'] = null;
      do {
        const swept = await journal().prune({ before: NOW + 99, cardsBefore: NOW, now: NOW, resume, limit: 1 });
        resume = swept.next;
      } while (resume !== null);
      expect([await kept(a), (await kept(b)).length]).toEqual([[], 1]);
    });
  });

  describe('an event, inspected', () => {
    test('with how it came in', async () => {
      const received = { scheme: 'v0', secret: 2, of: 3, signedAt: NOW - 1000, requestId: 'req-1' };
      const body = Buffer.from('{"a":"\\u0000"}');
      const [seq] = await stored(journal(), { key: 'a', body, received, trace: TRACE });
      await reopen();
      const found = await journal().inspect(seq);
      expect(Buffer.from(found?.body ?? [])).toEqual(body);
      expect(found).toMatchObject({
        seq,
        event: { id: 'a', payload: { a: '\u0000' } },
        receivedAt: NOW,
        received,
        dedupe: { key: 'a', keepUntil: NOW + 1000 },
        trace: TRACE,
      });
      const [queued] = await journal().next('#ops', 1);
      expect(queued?.trace).toBe(TRACE);
    });

    test('with how often it came again with another body, and when it last did', async () => {
      const [a] = await stored(journal(), { key: 'a' });
      const [b] = await stored(journal(), { key: 'b' });
      expect((await journal().inspect(a))?.conflicts).toBeNull();
      expect(await journal().noteConflict(a, NOW + 5)).toBe(1);
      expect(await journal().noteConflict(a, NOW + 9)).toBe(2);
      expect(await journal().noteConflict(99, NOW)).toBeNull();
      await reopen();
      expect((await journal().inspect(a))?.conflicts).toEqual({ count: 2, lastAt: NOW + 9 });
      expect((await journal().inspect(b))?.conflicts).toBeNull();
      expect(await journal().noteConflict(a, NOW + 10)).toBe(3);
    });

    test('of the relay itself nothing was verified; one that is not there is null', async () => {
      const key = `${'k'.repeat(600)}\u0000`;
      const [seq] = await stored(journal(), { key });
      expect(await journal().inspect(seq)).toMatchObject({
        received: null,
        dedupe: { key: 'k'.repeat(512) },
        trace: null,
      });
      expect(await journal().inspect(seq + 1)).toBeNull();
    });
  });

  searchContract({ journal, reopen });

  test('the tally counts every delivery, however many there are, but those that a replay replaced', async () => {
    const [eventSeq] = await stored(journal(), {
      key: 'many',
      lanes: Array.from({ length: 5_001 }, (_, index) => `#${index % 9}`),
    });
    await journal().complete(
      { seq: 1, state: 'dead', at: NOW, reason: REASON },
      { seq: 5_001, state: 'sent', at: NOW },
    );
    expect(await journal().tally()).toMatchObject({ pending: 4_999, dead: 1, sent: 1 });
    const { deliveries } = receipt({ key: 'again', lanes: ['#0'] });
    await journal().replay({ eventSeq, at: NOW, deliveries: [...deliveries], replaces: [1] });
    expect(await journal().tally()).toMatchObject({ pending: 5_000, dead: 0, sent: 1 });
  });

  describe('backlog', () => {
    test('what is unfinished by lane, longest waiting first', async () => {
      expect(await journal().backlog(9)).toEqual({
        ...{ lanes: 0, deliveries: 0, oldestAt: null, longest: [] },
        ...{ byState: { pending: 0, sending: 0, held: 0 }, failed: { dead: 0, parked: 0 }, oldestPendingAt: null },
      });
      await stored(journal(), { key: 'a', receivedAt: NOW + 5, lanes: ['#later', '#done'] });
      const [, first = 0] = await stored(journal(), { key: 'b', receivedAt: NOW + 3, lanes: ['#first'] });
      await stored(journal(), { key: 'c', receivedAt: NOW + 6, lanes: ['#first', '#held'], heldUntil: NOW + 99 });
      await journal().complete({ seq: 2, state: 'sent', at: NOW });
      await journal().retryLater({ ...LATER, seq: first, doubt: { since: NOW, lookups: 0 } });
      const backlog = await journal().backlog(2);
      expect(backlog).toMatchObject({ lanes: 3, deliveries: 4, oldestAt: NOW + 3 });
      expect(backlog).toMatchObject({ byState: { pending: 2, sending: 0, held: 2 }, oldestPendingAt: NOW + 3 });
      expect(backlog.longest).toEqual([
        {
          ...{ lane: '#first', name: '#first', waiting: 2, held: 1, inDoubt: 1, oldestAt: NOW + 3 },
          ...{ state: 'pending', dueAt: LATER.dueAt, attempts: 1, reason: REASON, lease: null },
          firstHeld: { route: 'action card', until: NOW + 99 },
        },
        {
          ...{ lane: '#later', name: '#later', waiting: 1, held: 0, inDoubt: 0, oldestAt: NOW + 5 },
          ...{ state: 'pending', dueAt: NOW + 5, attempts: 0, reason: null, firstHeld: null, lease: null },
        },
      ]);
      // What is held is in nobody's way: what waits behind it says when the lane goes on.
      await stored(journal(), { key: 'd', receivedAt: NOW + 9, lanes: ['#held'] });
      const [, , held] = (await journal().backlog(9)).longest;
      expect(held).toMatchObject({ lane: '#held', waiting: 2, held: 1, dueAt: NOW + 9 });
      expect(held?.firstHeld).toEqual({ route: 'action card', until: NOW + 99 });
      await journal().complete({ seq: 1, state: 'dead', at: NOW }, { seq: first, state: 'parked', at: NOW });
      expect(await journal().backlog(0)).toMatchObject({ longest: [], failed: { dead: 1, parked: 1 } });
    });
  });
}

function searchContract({ journal }: Subject): void {
  describe('search', () => {
    /** Numbers of the events, and where the search goes on. */
    const found = async (search: Partial<EventSearch>) => {
      const { events, next } = await journal().search({ limit: 99, look: 99, ...search });
      return [events.map(({ seq }) => seq), next];
    };

    /** Five events, a second apart; of 2 a delivery is dead, and of 3 one was replayed as sent; 5 has none. */
    const five = async () => {
      const bodies = ['{}', '{"Title":"50% of É_x!"}', '\u0000 tail', '{"n":4}', Buffer.from([0xff, 0x41, 0xfe])];
      for (const [index, body] of bodies.entries()) {
        const n = index + 1;
        await journal().accept(
          receipt({
            key: n === 4 ? 'Evt_4' : `e${n}`,
            receivedAt: NOW + n * 1000,
            body: Buffer.from(body),
            event: {
              topic: n < 3 ? 'call.ended' : 'sms',
              subject: n === 1 ? null : `S${n % 2}`,
              source: n === 5 ? 'b' : 'a',
            },
            lanes: [[], ['channel:#ops', 'dm:U1'], ['channel:#ops'], ['channel:C9'], []][index] ?? [],
          }),
        );
      }
      await journal().complete({ seq: 1, state: 'dead', at: NOW, reason: REASON });
      await journal().complete({ seq: 2, state: 'sent', at: NOW, placement: { channel: 'D7', ts: '1.2' } });
      await journal().complete({ seq: 3, state: 'dead', at: NOW, reason: REASON });
      const again = {
        lane: 'channel:#ops',
        route: 'r',
        target: { verb: 'post', channel: '#ops', template: 't' },
      } as const;
      expect(await journal().replay({ eventSeq: 3, at: NOW, deliveries: [again], replaces: [3] })).toEqual([5]);
      await journal().complete({ seq: 5, state: 'sent', at: NOW });
    };

    test('finds an event by its number, which is in none of its texts', async () => {
      for (const key of ['one', 'two']) await journal().accept(receipt({ key, body: Buffer.from('{}') }));
      expect(await found({ text: '2' })).toEqual([[2], null]);
      expect(await found({ text: '3' })).toEqual([[], null]);
    });

    const cases: readonly (readonly [string, Partial<EventSearch>, readonly [readonly number[], number | null]])[] = [
      ['all, newest first', {}, [[5, 4, 3, 2, 1], null]],
      ['a page', { limit: 2 }, [[5, 4], 4]],
      ['the next page', { limit: 2, before: 4 }, [[3, 2], 2]],
      ['the last page', { limit: 2, before: 2 }, [[1], null]],
      ['a page that ends with the end', { limit: 1, before: 2 }, [[1], null]],
      ['before the first', { before: 1 }, [[], null]],
      ['as far as it may look', { look: 2 }, [[5, 4], 4]],
      ['as far as it may look, in vain', { look: 2, topic: 'call.ended' }, [[], 4]],
      ['by source', { source: 'b' }, [[5], null]],
      ['by topic', { topic: 'call.ended' }, [[2, 1], null]],
      ['by topics that begin so', { topic: 'call.*' }, [[2, 1], null]],
      ['by topics like a pattern', { topic: '*l.*d' }, [[2, 1], null]],
      ['by a topic with what other patterns are made of', { topic: 's_s' }, [[], null]],
      ['by a topic like a set', { topic: '[s]?%\\' }, [[], null]],
      ['by a topic in another case', { topic: 'SMS' }, [[], null]],
      ['by subject', { subject: 'S0' }, [[4, 2], null]],
      ['by a state, not by what was replayed', { state: 'dead' }, [[2], null]],
      ['by another state', { state: 'sent' }, [[3, 2], null]],
      ['by channel, as the route names it', { channel: '#ops' }, [[3, 2], null]],
      ['by channel, without its #', { channel: 'ops' }, [[3, 2], null]],
      ['by a channel id', { channel: 'C9' }, [[4], null]],
      ['by where it is in Slack', { channel: 'D7' }, [[2], null]],
      ['by a reader', { channel: 'U1' }, [[2], null]],
      ['by channel and state of one delivery', { channel: '#ops', state: 'sent' }, [[3], null]],
      ['since', { since: NOW + 4000 }, [[5, 4], null]],
      ['since, a page', { since: NOW + 3000, limit: 2 }, [[5, 4], 4]],
      ['since a time to come', { since: NOW + 9000 }, [[], null]],
      ['until', { until: NOW + 2000 }, [[2, 1], null]],
      ['until before all', { until: NOW }, [[], null]],
      ['between', { since: NOW + 2000, until: NOW + 3000, look: 1 }, [[3], 3]],
      ['text in the id, whatever its case', { text: 'EVT' }, [[4], null]],
      ['text in the subject', { text: 's0' }, [[4, 2], null]],
      ['text in the body', { text: 'TITLE' }, [[2], null]],
      ['text with what patterns are made of', { text: '50% of É_x!' }, [[2], null]],
      ['text as a pattern', { text: '50%É' }, [[], null]],
      ['text behind a NUL', { text: 'tail' }, [[3], null]],
      ['text in what is not UTF-8', { text: 'a', source: 'b' }, [[5], null]],
      ['text with a NUL', { text: '\u0000x' }, [[], null]],
      ['a quote', { text: `'"\\` }, [[], null]],
      ['all at once', { source: 'a', topic: 'sms', subject: 'S1', state: 'sent', since: NOW, text: 'e3' }, [[3], null]],
    ];

    test('those asked for', async () => {
      await five();
      for (const [name, search, expected] of cases) expect(await found(search), name).toEqual(expected);
    });

    test('with what names them, and how many deliveries are in which state', async () => {
      await five();
      const { events, lookedUntil } = await journal().search({ limit: 9, look: 4 });
      expect(lookedUntil).toBe(NOW + 2000);
      expect(events.map(({ states }) => states)).toEqual([{}, { pending: 1 }, { sent: 1 }, { dead: 1, sent: 1 }]);
      expect(events[3]).toEqual({
        ...{ seq: 2, id: 'e2', source: 'a', topic: 'call.ended', subject: 'S0', receivedAt: NOW + 2000, title: null },
        states: { dead: 1, sent: 1 },
      });
    });
  });
}
