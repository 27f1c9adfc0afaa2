/** Deliveries that are dead from the start. A part of the contract of every journal driver. */
import { describe, expect, test } from 'vitest';
import type { NewDelivery, NewEvent } from '../../src/journal/contract.ts';
import { NOW, receipt, type Subject, stored } from './samples.ts';

const TOO_MANY = { code: 'too_many_deliveries', detail: '3 more deliveries were not made.' };

const UNMADE: NewDelivery = {
  lane: 'route:r',
  route: 'r',
  target: { verb: 'none' },
  dead: TOO_MANY,
  state: 'dead',
};

/** With a delivery that is to be made, and one that is dead. */
function both(key: string, unmade: NewDelivery = UNMADE): NewEvent {
  const made = receipt({ key });
  return { ...made, deliveries: [...made.deliveries, unmade] };
}

export function unmadeContract({ journal, reopen }: Subject): void {
  describe('a delivery that is dead from the start', () => {
    test('is stored with its event as it is, listed, counted and to be reported, and is in no lane', async () => {
      const acceptance = await journal().accept(both('k'));
      await reopen();
      const [dead, made] = await journal().deliveries({ limit: 10 });
      expect(acceptance).toMatchObject({ seqs: [made?.seq, dead?.seq] });
      expect(dead).toMatchObject({ state: 'dead', lane: 'route:r', route: 'r', target: { verb: 'none' }, attempts: 0 });
      expect(dead).toMatchObject({ reason: TOO_MANY, acceptedAt: NOW, updatedAt: NOW, replay: false });
      expect(made).toMatchObject({ state: 'pending', reason: null });
      expect(await journal().lanesWithWork()).toEqual(['#ops']);
      expect(await journal().tally()).toMatchObject({ dead: 1, pending: 1 });
      expect(await journal().failures({ since: NOW, limit: 10 })).toMatchObject([
        { lane: 'route:r', state: 'dead', reason: TOO_MANY, count: 1, unreported: [dead?.seq] },
      ]);
    });

    test('is only counted where its threshold is not reached', async () => {
      const threshold = { key: 'r', count: 2, withinMs: 1000 };
      expect(await journal().accept(both('a', { ...UNMADE, threshold }))).toMatchObject({ seqs: [1, null] });
      expect(await journal().accept(both('b', { ...UNMADE, threshold }))).toMatchObject({ seqs: [2, 3] });
      expect((await journal().deliveries({ states: ['dead'], limit: 10 })).map(({ seq }) => seq)).toEqual([3]);
    });

    test('may come of a replay, beside what is made', async () => {
      const [eventSeq, first = 0] = await stored(journal(), { key: 'k' });
      await journal().complete({ seq: first, state: 'dead', at: NOW, reason: TOO_MANY });
      const [made] = receipt({ key: 'k' }).deliveries;
      const deliveries = [made ?? UNMADE, UNMADE];
      const [again = 0, dead = 0] =
        (await journal().replay({ eventSeq, at: NOW + 1, deliveries, replaces: [first] })) ?? [];
      const records = await journal().deliveries({ limit: 10 });
      expect(records.map(({ seq, state, reason, replayedAs }) => [seq, state, reason, replayedAs])).toEqual([
        [dead, 'dead', TOO_MANY, null],
        [again, 'pending', null, null],
        [first, 'dead', TOO_MANY, again],
      ]);
      expect(await journal().lanesWithWork()).toEqual(['#ops']);
    });
  });
}
