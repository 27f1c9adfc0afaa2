/** What a replay sends by the routes that are in force now, and what it leaves out. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DeliveryState } from '../../src/core/delivery.ts';
import type { ReplayRequest } from '../../src/history/replay.ts';
import { DAY_MS, type History, MARIA, MORE, NARROWED, openHistory, POST, TWO } from './history.ts';

let history: History;

beforeEach(async () => {
  history = await openHistory();
});

afterEach(() => history.close());

const MOVED = '- { name: r, post: { channel: "#b", template: t } }';
const TWICE = '- { name: r, post: [{ channel: "#a", template: t }, { channel: "#a", template: u }] }';
const OTHER = '- { name: r, post: { channel: "#a", template: v } }';
const RENAMED = '- { name: s, post: { channel: "#a", template: t } }';
const DM = '- { name: r, dm: { to: event.actor, template: t } }';
const QUIET = '- { name: r, quiet_hours: mornings, post: { channel: "#a", template: t } }';
const STORM = '- { name: r, at_least: { count: 2, within: 1h }, post: { channel: "#a", template: t } }';
const STORM_MOVED = '- { name: r, at_least: { count: 2, within: 1h }, post: { channel: "#b", template: t } }';
const BOTH = `${POST}\n${STORM.replace('name: r', 'name: storm')}`;

const dead: ReplayRequest = { states: ['dead'] };
const all: ReplayRequest = { since: 0 };
const again: ReplayRequest = { since: 0, again: true };

const A = 'r post channel:#a';
const B = 'r post channel:#b';

interface Case {
  /** The routes by which the event was accepted: POST where nothing is said. */
  readonly before?: string;
  /** What has become of its deliveries: the one is dead where nothing is said. */
  readonly ended?: readonly DeliveryState[];
  /** The routes in force now: those of then where nothing is said. */
  readonly now?: string;
  readonly asked: ReplayRequest;
  readonly sends?: readonly string[];
  readonly leavesOut?: readonly string[];
  /** What is listed as dead or parked after it: nothing where nothing is said. */
  readonly stays?: number;
}

type Table = readonly (readonly [string, Omit<Case, 'asked'> & { readonly asked?: ReplayRequest }])[];

/** What is asked for is done as its dry run says, and once only. */
async function check({ before = POST, ended = ['dead'], now = before, asked, ...expected }: Case): Promise<void> {
  const { sends = [], leavesOut = [], stays = 0 } = expected;
  await history.accept(before, ended, { id: 'e1' });
  const result = await history.accounts(now).replay({ ...asked, dryRun: true });
  expect([await history.replays(), history.woken]).toEqual([[], []]);
  expect(await history.accounts(now).replay(asked)).toEqual({ ...result, dry_run: false });
  expect(await history.replays()).toEqual(sends.map((one) => `e1 ${one}`));
  expect(history.woken).toEqual(sends.map((one) => one.split(' ')[2]));
  expect(result).toMatchObject({ dry_run: true, deliveries: sends.length, unknown_ids: [] });
  expect(result.skipped.map(({ code }) => code)).toEqual(leavesOut);
  const listed = await history.journal.deliveries({ states: ['dead', 'parked'], replayed: false, limit: 10 });
  expect(listed).toHaveLength(stays);
  if (asked.again === true) return;
  expect(await history.accounts(now).replay(asked)).toMatchObject({ deliveries: 0, replaced: 0 });
  expect(await history.replays()).toHaveLength(sends.length);
}

describe('of what is dead, a replay sends', () => {
  const TABLE: Table = [
    ['it, where it was to go', { sends: [A] }],
    ['no parked one', { ended: ['parked'], stays: 1 }],
    ['the parked ones where those are asked for', { ended: ['parked'], asked: { states: ['parked'] }, sends: [A] }],
    ['nothing that is sent', { ended: ['sent'] }],
    ['it alone, where another one of the event is sent', { before: TWO, ended: ['sent', 'dead'], sends: [B] }],
    ['it where its route leads now', { now: MOVED, sends: [B] }],
    ['it where its route leads now, though that counts', { now: STORM_MOVED, sends: [B] }],
    ['it where it was to go, though its route gained a channel', { now: TWO, sends: [A] }],
    [
      'nothing where its route leads only to where the event went out already',
      { before: TWO, ended: ['dead', 'sent'], now: MOVED, leavesOut: ['covered'], stays: 1 },
    ],
    [
      'one for two, where its route makes only one now',
      { before: TWICE, ended: ['dead', 'dead'], now: MOVED, sends: [B] },
    ],
    ['nothing whose route is gone', { now: RENAMED, leavesOut: ['no-route'], stays: 1 }],
    ['nothing that its route does not take any more', { now: NARROWED, leavesOut: ['not-routed'], stays: 1 }],
  ];
  it.each(TABLE)('%s', (_, given) => check({ asked: dead, ...given }));
});

describe('of a whole event, a replay sends', () => {
  const TABLE: Table = [
    [
      'nothing that went out or is about to',
      { before: TWO, ended: ['sent', 'pending'], leavesOut: ['already-sent', 'on-its-way'] },
    ],
    [
      'nothing that went out with others, or that quiet hours hold back',
      { before: TWO, ended: ['merged', 'held'], leavesOut: ['already-sent', 'on-its-way'] },
    ],
    [
      'no card that something newer superseded, for it has gone out',
      { ended: ['superseded'], leavesOut: ['already-sent'] },
    ],
    ['nothing that was counted', { before: STORM, ended: [], leavesOut: ['counted'] }],
    ['nothing that was counted, not even again', { before: STORM, ended: [], asked: again, leavesOut: ['counted'] }],
    ['what is dead, but not what a new route would only count', { now: BOTH, sends: [A], leavesOut: ['counted'] }],
    ['what is dead, though its route counts now', { now: STORM, sends: [A] }],
    ['what is dead, and what a new route owes', { now: MORE, sends: [A, 'new post channel:#new'] }],
    ['what is dead where its route leads now, which takes it from the list', { now: MOVED, sends: [B] }],
    [
      'the second of two in one lane, where one went out',
      { ended: ['sent'], now: TWICE, sends: [A], leavesOut: ['already-sent'] },
    ],
    [
      'nothing that is dead in place of what went out',
      { before: TWICE, ended: ['dead', 'sent'], now: OTHER, leavesOut: ['already-sent', 'covered'], stays: 1 },
    ],
    [
      'what went out too, asked for again, but not what is on its way',
      { before: TWO, ended: ['sent', 'pending'], asked: again, sends: [A], leavesOut: ['on-its-way'] },
    ],
    ['what went out with others too, asked for again', { ended: ['merged'], asked: again, sends: [A] }],
    ['nothing that no route takes', { before: NARROWED, ended: [], leavesOut: ['no-route-takes-it'] }],
  ];
  it.each(TABLE)('%s', (_, given) => check({ asked: all, ...given }));
});

describe('of what is named, a replay sends', () => {
  it.each<readonly [string, Case]>([
    ['an event by its id', { asked: { ids: ['e1'] }, sends: [A] }],
    [
      'a delivery by its number, and no other',
      { before: TWO, ended: ['dead', 'dead'], asked: { ids: ['2'] }, sends: [B], stays: 1 },
    ],
    ['nothing that went out', { ended: ['sent'], asked: { ids: ['1'] }, leavesOut: ['already-sent'] }],
    ['what went out too, asked for again', { ended: ['sent'], asked: { ids: ['1'], again: true }, sends: [A] }],
    ['nothing that quiet hours hold back', { ended: ['held'], asked: { ids: ['1'] }, leavesOut: ['on-its-way'] }],
    [
      'no number in another state than asked for',
      { ended: ['parked'], asked: { ids: ['1'], ...dead }, leavesOut: ['left-out'], stays: 1 },
    ],
    [
      'nothing dead where the route leads only to what is parked',
      {
        before: TWO,
        ended: ['parked', 'dead'],
        now: MORE,
        asked: { ids: ['e1'], ...dead },
        leavesOut: ['covered'],
        stays: 2,
      },
    ],
  ])('%s', (_, given) => check(given));
});

describe('a replay', () => {
  it('to a person whom the map has learnt to know goes to them, and to nobody twice', async () => {
    await history.accept(DM, ['dead'], { id: 'e1', actor: MARIA });
    await history.accept(DM, ['sent'], { id: 'e2', actor: MARIA });
    await history.accounts(DM, { u17: 'U00000017' }).replay(all);
    expect(await history.replays()).toEqual(['e1 r dm dm:U00000017']);
  });

  it('waits for quiet hours to end, like everything else', async () => {
    await history.accept(POST, ['dead'], { id: 'e1' });
    const accounts = history.accounts(QUIET);
    await accounts.replay(dead);
    const [held] = (await accounts.deliveries({ limit: 1 })).deliveries;
    expect(held).toMatchObject({ state: 'held', replay: true, due_at: '2026-03-02T10:00:00.000Z' });
    expect(await accounts.replay(all)).toMatchObject({ deliveries: 0, skipped: [{ code: 'on-its-way' }] });
  });

  it('of an event older than what is kept sends only what is listed of it', async () => {
    await history.accept(POST, ['dead'], { id: 'e1' });
    await history.clock.advance(31 * DAY_MS);
    const result = await history.accounts(MORE).replay(all);
    expect(result).toMatchObject({ deliveries: 1, skipped: [{ code: 'too-old', count: 1 }] });
    expect(await history.accounts(MORE).replay(again)).toMatchObject({ deliveries: 1 });
    expect(await history.replays()).toEqual(['e1 r post channel:#a', 'e1 new post channel:#new']);
  });

  it.each<[string, ReplayRequest]>([
    ['what is dead', dead],
    ['everything', all],
    ['its id, again', { ids: ['e1'], again: true }],
  ])('never sends a report of the relay itself, asked for %s', async (_, asked) => {
    await history.accept(POST, ['dead'], { id: 'e1', source: '~relay' });
    const result = await history.accounts(POST).replay(asked);
    expect(result).toMatchObject({ deliveries: 0, skipped: [{ code: 'report', count: 1 }] });
  });
});
