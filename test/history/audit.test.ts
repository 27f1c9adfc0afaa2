import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Actor } from '../../src/core/actor.ts';
import { createDeliveryHistory, type DeliveryHistory } from '../../src/history/delivery-history.ts';
import type { Journal } from '../../src/journal/contract.ts';
import { type History, openHistory, TWO } from './history.ts';

const MARIA: Actor = { role: 'operator', via: 'dashboard', address: '203.0.113.7' };
const WHY = { by: 'maria', reason: 'the project is over' };

let history: History;
let accounts: DeliveryHistory;

beforeEach(async () => {
  history = await openHistory();
  accounts = history.accounts(TWO);
  await history.accept(TWO, ['dead', 'dead'], { id: 'e1' });
});

afterEach(() => history.close());

/** The same journal, of which something fails. */
function over(failing: Partial<Journal>): DeliveryHistory {
  return createDeliveryHistory({
    rules: () => ({ routes: [], planning: { personKey: () => 'x', maxPerEvent: 1 }, retentionMs: 1 }),
    journal: { ...history.journal, ...failing },
    clock: history.clock,
    join: () => ({ claimed: false, stored: () => undefined, dropped: () => undefined }),
  });
}

it('has who replayed and dismissed what, when, and how many deliveries it was', async () => {
  const at = history.clock.now();
  await accounts.dismiss({ ids: ['1'], ...WHY, actor: MARIA });
  await history.clock.advance(60_000);
  await accounts.replay({ states: ['dead'], since: 0, routes: ['r'], codes: ['channel_not_found'], again: true });
  const on = (ms: number) => new Date(ms).toISOString();
  expect(await accounts.audit({ limit: 9 })).toEqual({
    entries: [
      {
        number: 2,
        at: on(at + 60_000),
        action: 'replay',
        by: { role: 'operator', via: 'journal', address: null, name: null },
        selection: { states: ['dead'], since: on(0), routes: ['r'], reason_codes: ['channel_not_found'], again: true },
        what: `dead; route r; reason channel_not_found; since ${on(0)}; what has gone out as well`,
        reason: null,
        deliveries: 1,
      },
      {
        number: 1,
        at: on(at),
        action: 'dismiss',
        by: { ...MARIA, name: 'maria' },
        selection: { ids: ['1'] },
        what: '1',
        reason: 'the project is over',
        deliveries: 1,
      },
    ],
    next: null,
  });
});

it('has nothing of what would only be done, and what came to nothing', async () => {
  await accounts.dismiss({ ids: ['1'], ...WHY, dryRun: true });
  await accounts.replay({ states: ['dead'], dryRun: true });
  expect((await accounts.audit({ limit: 9 })).entries).toEqual([]);
  await accounts.dismiss({ ids: ['99'], ...WHY });
  expect((await accounts.audit({ limit: 9 })).entries).toMatchObject([{ deliveries: 0 }]);
});

it('says it in words, of a long list the beginning', async () => {
  const ids = Array.from({ length: 8 }, (_, index) => `x${index}`);
  await accounts.dismiss({ ids, events: ['e1'], states: ['dead', 'parked'], ...WHY });
  const [entry] = (await accounts.audit({ limit: 1 })).entries;
  expect(entry?.selection.ids).toEqual(ids);
  expect(entry?.what).toBe('x0, x1, x2, x3, x4 and 3 more; event e1; dead, parked');
});

it('is read page by page', async () => {
  for (let count = 0; count < 3; count++) await accounts.dismiss({ ids: ['1'], ...WHY });
  const first = await accounts.audit({ limit: 2 });
  expect([first.entries.map(({ number }) => number), first.next]).toEqual([[3, 2], 2]);
  const last = await accounts.audit({ limit: 2, before: 2 });
  expect([last.entries.map(({ number }) => number), last.next]).toEqual([[1], null]);
});

it('is written before anything is done: an order that cannot be recorded is not carried out', async () => {
  const broken = over({ beginAudit: () => Promise.reject(new Error('disk full')) });
  await expect(broken.dismiss({ ids: ['1'], ...WHY })).rejects.toThrow('disk full');
  await expect(broken.replay({ states: ['dead'] })).rejects.toThrow('disk full');
  expect((await accounts.deliveries({ states: ['dead'], limit: 9 })).deliveries).toHaveLength(2);
});

it('shows an order that was cut off as not finished', async () => {
  const cut = over({ dismiss: () => Promise.reject(new Error('gone')) });
  await expect(cut.dismiss({ ids: ['1'], ...WHY })).rejects.toThrow('gone');
  expect((await accounts.audit({ limit: 9 })).entries).toMatchObject([{ action: 'dismiss', deliveries: null }]);
});
