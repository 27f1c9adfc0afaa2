import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { person } from '../../src/core/absent.ts';
import { type History, MARIA, NARROWED, openHistory, POST, TWO } from './history.ts';

let history: History;

beforeEach(async () => {
  history = await openHistory();
});

afterEach(() => history.close());

const ALARM =
  '- { name: r, at_least: { count: 2, within: 1h }, post: { channel: "#a", template: t }, dm: { to: event.assignees.added, template: t } }';

describe('deliveries', () => {
  it('come newest first, page by page, filtered', async () => {
    const states = ['dead', 'sent', 'parked', 'pending', 'dead'] as const;
    for (const [index, state] of states.entries()) await history.accept(POST, [state], { id: `e${index}` });
    const accounts = history.accounts(POST);
    const numbers = async (filter: Partial<Parameters<typeof accounts.deliveries>[0]>) => {
      const { deliveries, next } = await accounts.deliveries({ limit: 2, ...filter });
      return [deliveries.map(({ delivery }) => delivery), next];
    };
    expect(await numbers({})).toEqual([[5, 4], 4]);
    expect(await numbers({ before: 4 })).toEqual([[3, 2], 2]);
    expect(await numbers({ before: 2 })).toEqual([[1], null]);
    expect(await numbers({ states: ['dead', 'parked'] })).toEqual([[5, 3], 3]);
    expect(await numbers({ states: ['sent'], limit: 1 })).toEqual([[2], null]);
    expect(await numbers({ numbers: [1, 4] })).toEqual([[4, 1], null]);
    expect(await numbers({ since: history.clock.now() + 1 })).toEqual([[], null]);
  });

  it('say everything but what was in the message, except its title', async () => {
    await history.accept(POST, ['dead'], { id: 'e1', payload: { data: { title: 'Pump 4' }, text: 'hush' } });
    const { deliveries } = await history.accounts(POST).deliveries({ limit: 1 });
    const at = '2026-03-02T09:00:00.000Z';
    expect(deliveries).toEqual([
      {
        delivery: 1,
        state: 'dead',
        event: {
          ...{ number: 1, id: 'e1', source: 'alo', topic: 'action_created', subject: 'act_1' },
          ...{ title: 'Pump 4', received_at: at },
        },
        route: 'r',
        verb: 'post',
        lane: 'channel:#a',
        destination: '#a',
        channel: null,
        ts: null,
        attempts: 0,
        in_doubt: false,
        reason: { code: 'channel_not_found', detail: 'Gone.' },
        accepted_at: at,
        updated_at: at,
        due_at: null,
        replay: false,
        replayed_as: null,
        dismissal: null,
      },
    ]);
  });
});

describe('a threshold', () => {
  it('counts an event once, and then tells all that its route owes it to', async () => {
    const added = [MARIA, person({ id: 'u18' }), person({ id: 'u19' })];
    const assignees = { current: [], added, removed: [] };
    expect(await history.accept(ALARM, [], { id: 'e1', assignees })).toEqual([null, null, null, null]);
    expect(await history.accept(ALARM, [], { id: 'e2', assignees })).toEqual([1, 2, 3, 4]);
    const accounts = history.accounts(`${ALARM}\n${NARROWED}`);
    expect(await accounts.events('e1')).toMatchObject([{ deliveries: [], counted_by: ['r'] }]);
    const [told] = await accounts.events('e2');
    expect([told?.deliveries.length, told?.counted_by]).toEqual([4, []]);
    expect(await history.accounts(POST).events('e1')).toMatchObject([{ counted_by: [] }]);
    const { deliveries } = await accounts.deliveries({ limit: 10 });
    expect(deliveries.map(({ event, lane }) => `${event.id} ${lane}`)).toEqual([
      'e2 dm:u19',
      'e2 dm:u18',
      'e2 dm:maria@example.com',
      'e2 channel:#a',
    ]);
  });
});

describe('an event', () => {
  it('is found by its id, in every source, or by its number', async () => {
    await history.accept(TWO, ['sent', 'dead'], { id: 'e1' });
    await history.accept(NARROWED, [], { id: 'e1', source: 'allo' });
    const accounts = history.accounts(POST);
    expect(await accounts.events('e1')).toMatchObject([
      { event: { number: 1, source: 'alo' }, deliveries: [{ delivery: 2, state: 'dead' }, { delivery: 1 }] },
      { event: { number: 2, source: 'allo' }, deliveries: [] },
    ]);
    expect(await accounts.events('2')).toMatchObject([{ event: { id: 'e1', source: 'allo' } }]);
    expect(await accounts.events('3')).toEqual([]);
    expect(await accounts.events('e2')).toEqual([]);
  });

  it('says how often it came again with another body', async () => {
    await history.accept(POST, ['sent'], { id: 'e1' });
    await history.accept(POST, ['sent'], { id: 'e2' });
    await history.journal.noteConflict(2, Date.parse('2026-03-02T09:00:00Z'));
    await history.journal.noteConflict(2, Date.parse('2026-03-02T09:00:05Z'));
    const accounts = history.accounts(POST);
    expect(await accounts.events('e1')).toMatchObject([{ conflicts: null }]);
    expect(await accounts.events('e2')).toMatchObject([
      { conflicts: { count: 2, last_at: '2026-03-02T09:00:05.000Z' } },
    ]);
  });
});
