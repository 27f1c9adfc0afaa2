/** Who ordered what is kept. A part of the contract of every journal driver. */
import { describe, expect, test } from 'vitest';
import type { NewAuditEntry } from '../../src/journal/contract.ts';
import { NOW, type Subject } from './samples.ts';

const ENTRY: NewAuditEntry = {
  at: NOW,
  action: 'dismiss',
  role: 'operator',
  via: 'dashboard',
  address: '203.0.113.7',
  name: 'Zoë ☃',
  selection: '{"states":["dead"]}',
  reason: 'it is over',
};

export function auditContract({ journal, reopen }: Subject): void {
  describe('the audit', () => {
    const begin = (changes: Partial<NewAuditEntry> = {}) => journal().beginAudit({ ...ENTRY, ...changes });
    const numbers = async (query: { since?: number; before?: number; limit?: number } = {}) =>
      (await journal().audit({ limit: 99, ...query })).map(({ seq }) => seq);

    test('an order is kept when it is given, and what it came to once it was carried out', async () => {
      expect(await journal().audit({ limit: 9 })).toEqual([]);
      const seq = await begin();
      expect(await journal().audit({ limit: 9 })).toEqual([{ ...ENTRY, seq, deliveries: null }]);
      await journal().endAudit(seq, 12);
      const bare = { ...ENTRY, action: 'replay', via: 'journal', address: null, name: null, reason: null } as const;
      const other = await begin(bare);
      await journal().endAudit(other, 0);
      await reopen();
      expect(await journal().audit({ limit: 9 })).toEqual([
        { ...bare, seq: other, deliveries: 0 },
        { ...ENTRY, seq, deliveries: 12 },
      ]);
    });

    test('it is read page by page, newest first, and since an instant', async () => {
      const seqs: number[] = [];
      for (const at of [NOW, NOW + 1, NOW + 3, NOW + 2]) seqs.unshift(await begin({ at }));
      expect(await numbers()).toEqual(seqs);
      expect(await numbers({ limit: 2 })).toEqual(seqs.slice(0, 2));
      expect(await numbers({ before: seqs[1] ?? 0, limit: 1 })).toEqual([seqs[2]]);
      expect(await numbers({ since: NOW + 2 })).toEqual(seqs.slice(0, 2));
    });

    test('it is kept for as long as a card, not as an event, and numbers never come again', async () => {
      const old = await begin({ at: NOW - 1 });
      const recent = await begin({ at: NOW });
      const resume = { table: 'audit', after: 0 } as const;
      const request = { before: NOW + 100, now: NOW + 100, limit: 9, resume };
      expect(await journal().prune({ ...request, cardsBefore: NOW - 1 })).toEqual({ removed: 0, next: null });
      expect(await numbers()).toEqual([recent, old]);
      expect(await journal().prune({ ...request, cardsBefore: NOW })).toEqual({ removed: 1, next: null });
      expect(await numbers()).toEqual([recent]);
      await journal().prune({ ...request, cardsBefore: NOW + 1 });
      expect(await begin()).toBe(recent + 1);
    });
  });
}
