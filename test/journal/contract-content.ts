/** What an event holds comes back as it was. A part of the contract of every journal driver. */
import { describe, expect, test } from 'vitest';
import { ABSENT_ACTION, ABSENT_PERSON } from '../../src/core/absent.ts';
import { KEY, NOW, receipt, type Subject } from './samples.ts';

export function contentContract({ journal, reopen }: Subject): void {
  describe('what an event holds', () => {
    const bodies: readonly (readonly [string, Uint8Array, unknown])[] = [
      ['JSON', Buffer.from('{"a":[1,null,"ü☃𝄞"]}'), { a: [1, null, 'ü☃𝄞'] }],
      ['__proto__ keys', Buffer.from('{"__proto__":{"x":1}}'), JSON.parse('{"__proto__":{"x":1}}')],
      ['U+0000', Buffer.from('"a\\u0000b"'), 'a\u0000b'],
      ['text', Buffer.from('not { JSON \u0000'), 'not { JSON \u0000'],
      ['invalid UTF-8', Uint8Array.of(0x61, 0xff, 0xfe, 0x62), 'a\ufffd\ufffdb'],
      ['nothing', new Uint8Array(), ''],
      ['a megabyte', Buffer.from(JSON.stringify('x'.repeat(1 << 20))), 'x'.repeat(1 << 20)],
      ['part of a larger buffer', Buffer.from('###{"a":1}###').subarray(3, 10), { a: 1 }],
    ];

    test.each(bodies)('a body of %s survives', async (_, body, payload) => {
      const before = Buffer.from(body);
      await Promise.all([
        journal().accept(receipt({ key: 'before', lanes: ['#other'] })),
        journal().accept(receipt({ key: 'a', body })),
        journal().accept(receipt({ key: 'after', lanes: ['#other'] })),
      ]);
      const [delivery] = await journal().next('#ops', 1);
      expect(delivery?.event.payload).toEqual(payload);
      expect(Buffer.from(body).equals(before)).toBe(true);
    });

    test('names as long as a sender likes', async () => {
      const long = (name: string) => `${name}${Array.from({ length: 5000 }, (_, index) => `${index}ü`).join('')}`;
      const event = { id: long('id'), subject: long('subject') };
      const lane = `channel:${long('#')}`;
      const given = receipt({ key: long('key'), lanes: [lane], event });
      const key = { ...KEY, subject: event.subject };
      await journal().accept(given);
      await journal().saveCard(key, { placement: { channel: 'C1', ts: '1.1' }, shows: null }, NOW);
      await reopen();
      expect(await journal().accept(given)).toEqual({ kind: 'duplicate' });
      expect(await journal().accept(receipt({ key: `${long('key')}!`, lanes: [] }))).toMatchObject({
        kind: 'accepted',
      });
      expect(await journal().next(lane, 2)).toMatchObject([{ event: { ...event } }]);
      const [named = ''] = await journal().lanesWithWork();
      expect(await journal().next(named, 2)).toHaveLength(1);
      expect(await journal().events({ id: event.id, limit: 9 })).toHaveLength(1);
      expect([await journal().card(key), await journal().card({ ...key, subject: `${key.subject}!` })]).toEqual([
        expect.anything(),
        null,
      ]);
    });

    test('U+FDD0, for which Postgres has another use', async () => {
      const target = { verb: 'post', channel: '#ops', template: 't\ufdd0' } as const;
      const message = { text: '\ufdd0', author: { id: 'u1', name: '\ufdd0', email: null, kind: 'user' } };
      const received = { scheme: 'alo', secret: 1, of: 1, signedAt: null, requestId: '\ufdd0' };
      const given = receipt({ key: 'a', event: { message }, received });
      await journal().accept({ ...given, deliveries: given.deliveries.map((delivery) => ({ ...delivery, target })) });
      expect(await journal().next('#ops', 1)).toMatchObject([{ event: { message }, target }]);
      expect(await journal().waiting('#ops', 1)).toMatchObject([{ target }]);
      expect(await journal().deliveries({ limit: 1 })).toMatchObject([{ target }]);
      expect(await journal().inspect(1)).toMatchObject({ event: { message }, received });
    });

    test('what is not read back is what reading it back would give', async () => {
      const odd = 'a\u0000\ufdd0\ud800ü☃';
      const message = { text: odd, author: { id: 'u1', name: odd, email: null, kind: 'user' } };
      const payload = { '': odd, __proto__: null, n: [1e21, -0.5, null] };
      const body = Buffer.from(JSON.stringify(payload));
      const given = receipt({ key: 'a', body, lanes: ['#a', '#b'], event: { message }, trace: 'trace' });
      expect(await journal().accept({ ...given, event: { ...given.event, payload } })).toMatchObject({
        kind: 'accepted',
      });
      const kept = await journal().next('#a', 1);
      const [first] = kept;
      expect(first?.event.payload).toBe(payload);
      await reopen();
      const read = await journal().next('#a', 1);
      expect(read).toEqual(kept);
      expect(read[0]?.event.payload).not.toBe(payload);
    });

    test('everything else is given back as it was, what is absent as the ABSENT objects', async () => {
      const odd = 'a\u0000ü☃" \'; drop table events; --';
      const message = { text: odd, author: { id: 'u1', name: odd, email: null, kind: 'user' } };
      const lane = `#${odd}`;
      const given = receipt({ key: odd, lanes: [lane], event: { subject: odd, topic: odd, message } });
      const accepted = await journal().accept(given);
      expect(await journal().lanesWithWork()).toEqual([lane]);
      const [delivery] = await journal().next(lane, 1);
      if (delivery === undefined) throw new Error('a delivery expected');
      const { seq, event, ...rest } = delivery;
      expect(event).toEqual({ ...given.event, payload: { key: odd } });
      expect(event.actor).toBe(ABSENT_PERSON);
      expect(event.action).toBe(ABSENT_ACTION);
      expect(accepted).toEqual({ kind: 'accepted', eventSeq: delivery.eventSeq, seqs: [seq] });
      expect(seq).toBeGreaterThan(0);
      expect(rest).toEqual({
        lane,
        route: given.deliveries[0]?.route,
        target: given.deliveries[0]?.target,
        doubt: null,
        group: null,
        released: false,
        thresholdHit: null,
        attempts: 0,
        dueAt: NOW,
        dueSetAt: NOW,
        acceptedAt: NOW,
        eventSeq: delivery.eventSeq,
      });
    });
  });
}
