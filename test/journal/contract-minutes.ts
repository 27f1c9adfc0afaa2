/** What charts and silences are counted from. A part of the contract of every journal driver. */
import { describe, expect, test } from 'vitest';
import { NOW, REASON, type Subject, stored } from './samples.ts';

const MINUTE = 60_000;

export function minutesContract({ journal, reopen }: Subject): void {
  const byTime = <Row extends { readonly at: number; readonly count: number }>(rows: readonly Row[]) =>
    rows.map((row) => ({ ...row, at: (row.at - NOW) / MINUTE })).toSorted((a, b) => a.at - b.at || a.count - b.count);

  describe('minutes', () => {
    test('events by source, and deliveries by the minute in which they ended', async () => {
      const at = (minute: number) => NOW + minute * MINUTE + 59_999;
      await stored(journal(), { key: 'too old', receivedAt: NOW - 1 });
      const [, a = 0, b = 0] = await stored(journal(), { key: 'a', receivedAt: at(0), lanes: ['#a', '#b'] });
      const [, c = 0] = await stored(journal(), { key: 'b', receivedAt: at(0) });
      await stored(journal(), { key: 'c', receivedAt: at(2), event: { source: 'allo' } });
      const [, d = 0] = await stored(journal(), { key: 'd', receivedAt: at(2), event: { source: 'allo' } });
      await journal().complete({ seq: a, state: 'sent', at: at(1) }, { seq: b, state: 'sent', at: at(1) });
      await journal().complete({ seq: c, state: 'superseded', at: at(1) });
      await journal().complete({ seq: d, state: 'dead', at: at(3), reason: REASON });
      await reopen();
      const { accepted, ended } = await journal().minutes(NOW);
      expect(byTime(accepted)).toEqual([
        { at: 0, source: 'alo', count: 2 },
        { at: 2, source: 'allo', count: 2 },
      ]);
      expect(byTime(ended)).toEqual([
        { at: 1, state: 'sent', count: 2 },
        { at: 3, state: 'dead', count: 1 },
      ]);
      expect((await journal().minutes(NOW + 3 * MINUTE)).accepted).toEqual([]);
    });

    test('what an instance counted takes the place of what it counted before, and of nobody else', async () => {
      const a = { at: NOW, instance: 'a', counted: '{"n":1}' };
      await journal().countMinutes(a, { ...a, instance: 'b' }, { ...a, at: NOW - MINUTE });
      await journal().countMinutes({ ...a, counted: '{"n":2}' });
      await reopen();
      const { counted } = await journal().minutes(NOW);
      expect(counted.map((row) => row.counted).toSorted()).toEqual(['{"n":1}', '{"n":2}']);
    });

    test('it goes when it is old', async () => {
      await journal().countMinutes({ at: NOW, instance: 'a', counted: '{}' });
      await journal().countMinutes({ at: NOW + MINUTE, instance: 'a', counted: '{}' });
      let resume: Parameters<ReturnType<typeof journal>['prune']>[0]['resume'] = null;
      do {
        const swept = await journal().prune({ before: NOW + 1, cardsBefore: NOW, now: NOW, resume, limit: 1 });
        resume = swept.next;
      } while (resume !== null);
      expect((await journal().minutes(0)).counted.map(({ at }) => at)).toEqual([NOW + MINUTE]);
    });
  });

  test('arrivals: in which minutes events of each source came in, and when the last one did', async () => {
    for (const after of [0, 1, 2 * MINUTE + 5]) await stored(journal(), { key: `k${after}`, receivedAt: NOW + after });
    await stored(journal(), { key: 'd', receivedAt: NOW + MINUTE, event: { source: 'allo' } });
    const found = (await journal().arrivals(NOW)).toSorted((a, b) => (a.source < b.source ? -1 : 1));
    const minute = NOW / MINUTE;
    expect(found).toEqual([
      { source: 'allo', minutes: [minute + 1], lastAt: NOW + MINUTE },
      { source: 'alo', minutes: [minute, minute + 2], lastAt: NOW + 2 * MINUTE + 5 },
    ]);
  });
}
