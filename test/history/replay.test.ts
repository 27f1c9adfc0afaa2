import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReplayRequest } from '../../src/history/replay.ts';
import { type History, MORE, openHistory, POST, TWO } from './history.ts';

let history: History;

beforeEach(async () => {
  history = await openHistory();
});

afterEach(() => history.close());

const dead: ReplayRequest = { states: ['dead'] };
const all: ReplayRequest = { since: 0 };

describe('a replay', () => {
  it('asked for twice at once sends once, also by two programs', async () => {
    for (const id of ['e1', 'e2', 'e3']) await history.accept(TWO, ['dead', 'parked'], { id });
    const both: ReplayRequest = { states: ['dead', 'parked'] };
    const [one, other] = [history.accounts(TWO), history.accounts(TWO)];
    const results = await Promise.all([one.replay(both), one.replay(both), other.replay(both), one.replay(all)]);
    expect(await history.replays()).toHaveLength(6);
    expect(results.reduce((sum, { deliveries }) => sum + deliveries, 0)).toBe(6);
    expect(await one.deliveries({ states: ['dead', 'parked'], limit: 10 })).toEqual({ deliveries: [], next: null });
  });

  it('asked for twice at once sends once what was never owed before', async () => {
    await history.accept(POST, ['sent'], { id: 'e1' });
    const accounts = history.accounts(MORE);
    await Promise.all([accounts.replay(all), accounts.replay(all), accounts.replay({ ids: ['e1'] })]);
    expect(await history.replays()).toEqual(['e1 new post channel:#new']);
  });

  it('that ends dead again is listed again, and replayed as often as it takes', async () => {
    const [first] = await history.accept(POST, ['dead']);
    const accounts = history.accounts(POST);
    await accounts.replay(dead);
    const { deliveries } = await accounts.deliveries({ limit: 10 });
    const [second, original] = deliveries;
    expect(original).toMatchObject({ delivery: first, state: 'dead', replayed_as: second?.delivery, replay: false });
    expect(second).toMatchObject({ state: 'pending', replay: true, replayed_as: null });
    await history.become(second?.delivery ?? 0, 'dead');
    expect(await accounts.replay(dead)).toMatchObject({ deliveries: 1, replaced: 1 });
    const [third] = (await accounts.deliveries({ limit: 1 })).deliveries;
    await history.become(third?.delivery ?? 0, 'sent');
    expect(await accounts.replay(all)).toMatchObject({ deliveries: 0, skipped: [{ code: 'already-sent', count: 1 }] });
    expect(await accounts.replay({ ids: [String(first)] })).toMatchObject({ skipped: [{ code: 'already-replayed' }] });
  });

  it('keeps the order of the events over many pages, at the end of the lane', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => `e${index}`);
    for (const id of ids) await history.accept(POST, ['dead'], { id });
    await history.accept(POST, ['pending'], { id: 'newer' });
    expect(await history.accounts(POST).replay(dead)).toMatchObject({ deliveries: 250, replaced: 250, skipped: [] });
    const queue = await history.journal.next('channel:#a', 1000);
    expect(queue.map(({ event }) => event.id)).toEqual(['newer', ...ids]);
    expect(await history.accounts(POST).replay(all)).toMatchObject({ skipped: [{ code: 'on-its-way', count: 251 }] });
  });

  it('since a time sends only what was accepted since', async () => {
    await history.accept(POST, ['dead'], { id: 'before' });
    await history.clock.advance(3_600_000);
    const since = history.clock.now();
    await history.accept(POST, ['dead'], { id: 'after' });
    await history.accept(POST, ['parked'], { id: 'unsure' });
    await history.clock.advance(1000);
    expect(await history.accounts(POST).replay({ ...dead, since })).toMatchObject({ deliveries: 1 });
    await history.accounts(POST).replay({ since });
    expect(await history.replays()).toEqual(['after r post channel:#a', 'unsure r post channel:#a']);
    const named = await history.accounts(POST).replay({ ids: ['before'], since });
    expect(named).toMatchObject({ deliveries: 0, skipped: [{ code: 'left-out' }] });
  });

  it('says which ids nothing has; a number may be a delivery or an event of the sender', async () => {
    await history.accept(POST, ['dead'], { id: '4711' });
    const result = await history.accounts(POST).replay({ ids: ['4711', 'nope', '99'] });
    expect(result).toMatchObject({ deliveries: 1, unknown_ids: ['nope', '99'] });
  });

  it('fails as the journal does', async () => {
    await history.accept(POST, ['dead']);
    const accounts = history.accounts(POST);
    await history.journal.close();
    await expect(accounts.replay(dead)).rejects.toMatchObject({ code: 'journal-closed' });
  });
});
