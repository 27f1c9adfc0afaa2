/** What lists of events and deliveries are made of. A part of the contract of every journal driver. */
import { describe, expect, test } from 'vitest';
import { action } from '../../src/core/absent.ts';
import { NOW, receipt, type Subject, stored } from './samples.ts';

export function listsContract({ journal, reopen }: Subject): void {
  describe('titles', () => {
    const titles = async () => {
      const { deliveries } = { deliveries: await journal().deliveries({ limit: 99 }) };
      const { events } = await journal().search({ limit: 99, look: 99 });
      const listed = events.map(({ title }) => title);
      expect(deliveries.map(({ event }) => event.title)).toEqual(listed);
      return listed.toReversed();
    };

    test('of the header, else of the payload; null without one', async () => {
      const body = (payload: unknown) => Buffer.from(JSON.stringify(payload));
      const bodies = [
        body({ title: 'x' }),
        body({ data: { name: '\u0000Pump\ufdd0' } }),
        body({}),
        Buffer.from([0xff]),
      ];
      for (const [index, given] of bodies.entries()) {
        const event = index === 0 ? { action: action({ title: 'Cold room 2' }) } : {};
        await journal().accept(receipt({ key: `k${index}`, body: given, event }));
      }
      await reopen();
      expect(await titles()).toEqual(['Cold room 2', '\u0000Pump\ufdd0', null, null]);
    });

    test('what is large is not read for one', async () => {
      const large = Buffer.from(JSON.stringify({ title: 'x', rest: 'y'.repeat(20_000) }));
      await stored(journal(), { key: 'a', body: large });
      await stored(journal(), { key: 'b', body: large, event: { action: action({ title: 'Pump' }) } });
      const description = 'z'.repeat(70_000);
      await stored(journal(), { key: 'c', body: large, event: { action: action({ title: 'Pump', description }) } });
      expect(await titles()).toEqual([null, 'Pump', null]);
    });
  });

  test('a lane is named as its route or the people who read it name it', async () => {
    const post = { verb: 'post', template: 't' } as const;
    const given = receipt({ key: 'a', lanes: [] });
    const maria = { id: 'u1', name: 'Maria Lopez', email: null, kind: null };
    const deliveries = [
      { lane: 'channel:#ops', target: { ...post, channel: '#ops' } },
      { lane: 'channel:C1', target: { ...post, channel: 'C1' } },
      { lane: 'channel:C2', target: { ...post, channel: 'C2' } },
      { lane: 'dm:U1', target: { ...post, to: maria } },
    ].map((delivery) => ({ ...delivery, route: 'r', state: 'pending' as const }));
    await journal().accept({ ...given, deliveries });
    const channel = { name: '#phones', id: 'C2' };
    await journal().complete({ seq: (await stored(journal(), { key: 'b' }))[1] ?? 0, state: 'sent', at: NOW, channel });
    const { longest } = await journal().backlog(9);
    expect(longest.map(({ name }) => name)).toEqual(['#ops', 'C1', '#phones', 'Maria Lopez']);
    expect(longest.every(({ oldestAt }) => oldestAt === NOW)).toBe(true);
  });
}
