import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeliveryHistory } from '../../src/history/delivery-history.ts';
import type { DismissOrder } from '../../src/history/dismiss.ts';
import { type History, MORE, openHistory, POST, TWO } from './history.ts';

let history: History;
let accounts: DeliveryHistory;

beforeEach(async () => {
  history = await openHistory();
  accounts = history.accounts(TWO);
});

afterEach(() => history.close());

const WHY = { by: 'maria', reason: 'the project is over' };

/** Numbers of what is dismissed, oldest first. */
async function dismissed(): Promise<number[]> {
  const { deliveries } = await accounts.deliveries({ states: ['dismissed'], limit: 1000 });
  return deliveries.map(({ delivery }) => delivery).toReversed();
}

/** e1: 1 dead, 2 parked. e2: 3 sent, 4 dead. 7: 5 dead, by another route; its number is 3. */
async function three(): Promise<void> {
  await history.accept(TWO, ['dead', 'parked'], { id: 'e1' });
  await history.accept(TWO, ['sent', 'dead'], { id: 'e2' });
  await history.accept(POST.replace('name: r', 'name: other'), ['dead'], { id: '1' });
}

describe('dismissed is', () => {
  it.each<readonly [string, Omit<DismissOrder, 'by' | 'reason'>, readonly number[], readonly string[]]>([
    ['one, by its number', { ids: ['4'] }, [4], []],
    ['what did not arrive of an event', { ids: ['e1', 'e2'] }, [1, 2, 4], []],
    ['an event by an id that is the number of a delivery, too', { events: ['1'] }, [5], []],
    ['an event by our number of it', { events: ['2'] }, [4], []],
    ['what is in a state', { states: ['parked'] }, [2], []],
    ["what is a route's", { routes: ['other'] }, [5], []],
    ['what has a reason', { codes: ['channel_not_found'] }, [1, 2, 4, 5], []],
    ['what has another reason: nothing', { codes: ['is_archived'] }, [], []],
    ['what holds all of it', { events: ['e1', '1'], states: ['dead'], routes: ['r'] }, [1], []],
    ['nothing that arrived', { ids: ['3'] }, [], ['not-failed']],
    ['nothing in another of the two states', { ids: ['2'], states: ['dead'] }, [], ['left-out']],
    ['no number by another route', { ids: ['1', '5'], routes: ['other'] }, [5], ['left-out']],
    ['everything since a time', { since: 0 }, [1, 2, 4, 5], []],
  ])('%s', async (_, selection, expected, skips) => {
    await three();
    const dry = await accounts.dismiss({ ...selection, ...WHY, dryRun: true });
    expect(await dismissed()).toEqual([]);
    const result = await accounts.dismiss({ ...selection, ...WHY });
    expect(result).toEqual({ ...dry, dry_run: false });
    expect(await dismissed()).toEqual(expected);
    expect(result.dismissed).toBe(expected.length);
    expect(result.skipped.map(({ code }) => code)).toEqual(skips);
    expect(await accounts.dismiss({ ...selection, ...WHY })).toMatchObject({ dismissed: 0 });
  });

  it('not what is not dead or parked: it says what that is', async () => {
    await history.accept(TWO, ['sent', 'dismissed'], { id: 'e1' });
    expect((await accounts.dismiss({ ids: ['1', '2'], ...WHY })).skipped).toEqual([
      {
        code: 'not-failed',
        detail: 'It is sent: only dead and parked deliveries can be dismissed.',
        count: 1,
        delivery: 1,
      },
      { code: 'already-dismissed', detail: 'It is dismissed already.', count: 1, delivery: 2 },
    ]);
  });

  it('never what a replay replaced, and nothing of an id that nobody has', async () => {
    await history.accept(POST, ['dead'], { id: 'e1' });
    await history.accounts(POST).replay({ ids: ['1'] });
    for (const dryRun of [true, false]) {
      const result = await accounts.dismiss({ ids: ['1', 'nobody'], events: ['99'], ...WHY, dryRun });
      expect(result).toMatchObject({ dismissed: 0, skipped: [{ code: 'not-listed' }], unknown_ids: ['nobody', '99'] });
    }
  });

  it('all of it, over many pages', async () => {
    for (let index = 0; index < 250; index++) await history.accept(POST, ['dead'], { id: `e${index}` });
    expect(await accounts.dismiss({ states: ['dead'], ...WHY })).toMatchObject({ dismissed: 250, skipped: [] });
    expect(await dismissed()).toHaveLength(250);
  });
});

it('who, when and why are told with what did not arrive', async () => {
  await history.accept(POST, ['dead'], { id: 'e1' });
  await history.clock.advance(60_000);
  await accounts.dismiss({ ids: ['e1'], ...WHY });
  const [account] = (await accounts.events('e1'))[0]?.deliveries ?? [];
  const at = new Date(history.clock.now()).toISOString();
  expect(account).toMatchObject({
    state: 'dismissed',
    reason: { code: 'channel_not_found' },
    dismissal: { at, ...WHY },
  });
});

describe('a replay of what was dismissed', () => {
  beforeEach(async () => {
    await history.accept(POST, ['dismissed'], { id: 'e1' });
  });

  it.each([
    ['by its number sends it', POST, { ids: ['1'] }, ['e1 r post channel:#a'], []],
    ['of its event does not', POST, { ids: ['e1'] }, [], ['dismissed']],
    ['since a time does not', POST, { since: 0 }, [], ['dismissed']],
    ['of all that is dead does not', POST, { states: ['dead'] as const }, [], []],
    ['of its event again does', POST, { ids: ['e1'], again: true }, ['e1 r post channel:#a'], []],
    ['of its event sends what a new route owes', MORE, { ids: ['e1'] }, ['e1 new post channel:#new'], ['dismissed']],
    ['of its event does not, where its route leads now', POST.replace('#a', '#b'), { ids: ['e1'] }, [], ['dismissed']],
    [
      'by its number does, where its route leads now',
      POST.replace('#a', '#b'),
      { ids: ['1'] },
      ['e1 r post channel:#b'],
      [],
    ],
  ])('%s', async (_, routes, asked, sends, skips) => {
    const result = await history.accounts(routes).replay(asked);
    expect(await history.replays()).toEqual(sends);
    expect(result.skipped.map(({ code }) => code)).toEqual(skips);
  });
});

it.each([
  ['by route', { routes: ['other'] }, ['1 other post channel:#a']],
  ['by reason', { codes: ['is_archived'] }, []],
  ['by an event and a state', { events: ['e1'], states: ['parked'] as const }, ['e1 r post channel:#b']],
])('a replay selects %s as a dismissal does', async (_, selection, sends) => {
  await three();
  const both = `${TWO}\n${POST.replace('name: r', 'name: other')}`;
  await history.accounts(both).replay(selection);
  expect(await history.replays()).toEqual(sends);
});
