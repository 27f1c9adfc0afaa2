/** What is known of Slack: where cards are, which channel a name means, who is who. A part of the contract of every journal driver. */
import { describe, expect, test } from 'vitest';
import type { Card } from '../../src/journal/contract.ts';
import { KEY, NOW, receipt, type Subject, stored } from './samples.ts';

export function cardsContract({ journal, reopen }: Subject): void {
  describe('cards', () => {
    const posted: Card = { placement: { channel: 'C1', ts: '1.1' }, shows: null };
    const shown: Card = { placement: { channel: 'C1', ts: '2.2' }, shows: { occurredAt: NOW, eventSeq: 7 } };

    test('a card is kept per source, subject and channel; the last word counts', async () => {
      expect(await journal().card(KEY)).toBeNull();
      await journal().saveCard(KEY, posted, NOW);
      expect(await journal().card(KEY)).toEqual(posted);
      await journal().saveCard(KEY, shown, NOW);
      await reopen();
      expect(await journal().card(KEY)).toEqual(shown);
      for (const other of [{ source: 'allo' }, { subject: 'a2' }, { channel: '#dev' }]) {
        expect(await journal().card({ ...KEY, ...other })).toBeNull();
      }
    });

    test('complete stores the card, and what it learnt of the channel, with the outcome', async () => {
      await journal().accept(receipt({ key: 'a' }));
      const [delivery] = await journal().next('#ops', 1);
      if (delivery === undefined) throw new Error('a delivery expected');
      const card = { key: KEY, card: shown };
      const channel = { name: '#ops', id: 'C1' };
      expect(await journal().channelId('#ops')).toBeNull();
      await journal().complete({ seq: delivery.seq, state: 'sent', at: NOW, card, channel });
      expect([await journal().card(KEY), await journal().channelId('#ops')]).toEqual([shown, 'C1']);
      expect(await journal().channelId('#dev')).toBeNull();
    });

    test('complete forgets a card that is gone, and no other', async () => {
      await journal().accept(receipt({ key: 'a' }));
      const [delivery] = await journal().next('#ops', 1);
      if (delivery === undefined) throw new Error('a delivery expected');
      const other = { ...KEY, subject: 'a2' };
      await journal().saveCard(KEY, posted, NOW);
      await journal().saveCard(other, shown, NOW);
      await journal().complete({ seq: delivery.seq, state: 'sent', at: NOW, card: { key: KEY, card: null } });
      await reopen();
      expect([await journal().card(KEY), await journal().card(other)]).toEqual([null, shown]);
    });

    test('a name that comes to mean another channel', async () => {
      const [, ...seqs] = await stored(journal(), { key: 'a', lanes: ['#ops', '#ops', '#ops'] });
      for (const [index, seq] of seqs.entries()) {
        const channel = { name: '#ops', id: ['C1', 'C1', 'C2'][index] ?? '' };
        await journal().complete({ seq, state: 'sent', at: NOW, channel });
      }
      await reopen();
      expect(await journal().channelId('#ops')).toBe('C2');
    });
  });

  test('people: who they are in Slack, until they are to be looked up again', async () => {
    const person = (now: number, email = 'maria@example.com') => journal().person(email, now);
    expect(await person(NOW)).toBeUndefined();
    await journal().savePerson('maria@example.com', 'U1', NOW + 10);
    await journal().savePerson('nobody@example.com', null, NOW + 20);
    await reopen();
    expect([await person(NOW + 9), await person(NOW + 10)]).toEqual(['U1', undefined]);
    expect(await person(NOW + 10, 'nobody@example.com')).toBeNull();
    await journal().savePerson('maria@example.com', 'U2', NOW + 20);
    expect(await person(NOW + 10)).toBe('U2');
    const sweep = { before: NOW, cardsBefore: NOW, limit: 9, resume: { table: 'people', after: 0 } } as const;
    expect(await journal().prune({ ...sweep, now: NOW + 19 })).toMatchObject({ removed: 0 });
    expect(await journal().prune({ ...sweep, now: NOW + 20 })).toMatchObject({ removed: 2 });
  });
}
