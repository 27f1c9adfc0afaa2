import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { person } from '../../src/core/absent.ts';
import type { DeliveryState } from '../../src/core/delivery.ts';
import type { RelayEvent } from '../../src/core/event.ts';
import { sent } from '../../src/core/outcome.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openJournalInProcess } from '../../src/journal/open.ts';
import { createAccounts } from '../../src/relay/accounts.ts';
import type { ReplayRequest } from '../../src/relay/replay.ts';
import { plan } from '../../src/routing/plan.ts';
import { createPeople } from '../../src/slack/people.ts';
import { ManualClock } from '../helpers/clock.ts';
import { makeEvent } from '../helpers/events.ts';
import { makeRoutes } from '../helpers/routes.ts';

const DAY_MS = 86_400_000;

let folder: string;
let journal: Journal;
let clock: ManualClock;
let woken: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-'));
  journal = await openJournalInProcess(join(folder, 'relay.db'));
  clock = new ManualClock();
  woken = [];
});

afterEach(async () => {
  await journal.close();
  await rm(folder, { recursive: true });
});

function planning(map: Record<string, string> = {}) {
  const gateway = { lookupByEmail: async () => sent(null), timeZone: async () => sent(null) };
  return {
    personKey: createPeople({ map: new Map(Object.entries(map)), matchByEmail: true, gateway, clock }).laneKey,
  };
}

/** Accepts an event by these rules; its deliveries end in these states, or stay as they are. Null: only counted. */
async function accept(
  rules: string,
  states: readonly DeliveryState[],
  fields: Partial<RelayEvent> = {},
): Promise<(number | null)[]> {
  const at = clock.now();
  const event = makeEvent({ received_at: new Date(at).toISOString(), ...fields });
  const { payload, ...envelope } = event;
  const { deliveries } = plan(event, makeRoutes(rules, SETTING), { ...planning(), now: at });
  const acceptance = await journal.accept({
    event: envelope,
    body: Buffer.from(JSON.stringify(payload)),
    dedupe: { key: `${event.source} ${event.id} ${at}`, keepUntil: at + DAY_MS },
    deliveries: deliveries.map((one) => ({ ...one, state: one.heldUntil === undefined ? 'pending' : 'held' })),
    receivedAt: at,
  });
  if (acceptance.kind === 'duplicate') throw new Error('duplicate');
  for (const [index, seq] of acceptance.seqs.entries()) {
    if (seq !== null) await end(seq, states[index] ?? 'pending');
  }
  return [...acceptance.seqs];
}

async function end(seq: number, state: DeliveryState): Promise<void> {
  if (state === 'pending') return;
  if (state === 'held') return journal.hold(seq, clock.now() + DAY_MS, clock.now());
  await journal.markSending([seq], clock.now());
  if (state === 'sending') return;
  const reason =
    state === 'dead' || state === 'parked' ? { reason: { code: 'channel_not_found', detail: 'Gone.' } } : {};
  await journal.settle({ seq, state, at: clock.now(), ...reason });
}

function accountsBy(rules: string, map?: Record<string, string>) {
  const given = { routes: makeRoutes(rules, SETTING), planning: planning(map), retentionMs: 30 * DAY_MS };
  const join = (lane: string) => ({ claimed: false, stored: () => void woken.push(lane), dropped: () => undefined });
  return createAccounts({ rules: () => given, journal, clock, join });
}

/** What replays have made so far, oldest first: `route verb lane`. */
async function replays(): Promise<string[]> {
  const records = await journal.deliveries({ limit: 1000 });
  return records
    .filter(({ replay }) => replay)
    .map(({ route, target, lane, event }) => `${event.id} ${route} ${target.verb} ${lane}`)
    .toReversed();
}

/** The clock begins on a Monday at 09:00 UTC. */
const SETTING = { quietHours: '{ mornings: { timezone: UTC, from: "08:00", to: "10:00" } }' };
const POST = '- { name: r, post: { channel: "#a", template: t } }';
const MOVED = '- { name: r, post: { channel: "#b", template: t } }';
const TWO = '- { name: r, post: [{ channel: "#a", template: t }, { channel: "#b", template: t }] }';
const TWICE = '- { name: r, post: [{ channel: "#a", template: t }, { channel: "#a", template: u }] }';
const OTHER = '- { name: r, post: { channel: "#a", template: v } }';
const RENAMED = '- { name: s, post: { channel: "#a", template: t } }';
const NARROWED = '- { name: r, when: "false", post: { channel: "#a", template: t } }';
const MORE = `${POST}\n- { name: new, post: { channel: "#new", template: t } }`;
const DM = '- { name: r, dm: { to: event.actor, template: t } }';
const QUIET = '- { name: r, quiet_hours: mornings, post: { channel: "#a", template: t } }';
const STORM = '- { name: r, at_least: { count: 2, within: 1h }, post: { channel: "#a", template: t } }';
const STORM_MOVED = '- { name: r, at_least: { count: 2, within: 1h }, post: { channel: "#b", template: t } }';
const ALARM =
  '- { name: r, at_least: { count: 2, within: 1h }, post: { channel: "#a", template: t }, dm: { to: event.assignees.added, template: t } }';
const BOTH = `${POST}\n${STORM.replace('name: r', 'name: storm')}`;
const MARIA = person({ id: 'u17', email: 'maria@example.com' });

interface Case {
  before: string;
  ended: DeliveryState[];
  now: string;
  asked: ReplayRequest;
  sends: string[];
  leavesOut?: string[];
  /** What is listed as dead or parked after it; default: nothing. */
  stays?: number;
}

const dead: ReplayRequest = { states: ['dead'] };
const all: ReplayRequest = { since: 0 };

const CASES: [string, Case][] = [
  ['dead goes out again', { before: POST, ended: ['dead'], now: POST, asked: dead, sends: ['r post channel:#a'] }],
  ['parked only where asked for', { before: POST, ended: ['parked'], now: POST, asked: dead, sends: [], stays: 1 }],
  [
    'parked',
    { before: POST, ended: ['parked'], now: POST, asked: { states: ['parked'] }, sends: ['r post channel:#a'] },
  ],
  ['what is sent is not listed', { before: POST, ended: ['sent'], now: POST, asked: dead, sends: [] }],
  ['one of two', { before: TWO, ended: ['sent', 'dead'], now: TWO, asked: dead, sends: ['r post channel:#b'] }],
  ['the route moved', { before: POST, ended: ['dead'], now: MOVED, asked: dead, sends: ['r post channel:#b'] }],
  [
    'the route gained a channel: the dead one stays where it was',
    { before: POST, ended: ['dead'], now: TWO, asked: dead, sends: ['r post channel:#a'] },
  ],
  [
    'the route leads only where it went out already',
    { before: TWO, ended: ['dead', 'sent'], now: MOVED, asked: dead, sends: [], leavesOut: ['covered'], stays: 1 },
  ],
  [
    'two that were dead become the one that is left',
    { before: TWICE, ended: ['dead', 'dead'], now: MOVED, asked: dead, sends: ['r post channel:#b'] },
  ],
  [
    'what is dead may not take the place of what went out',
    {
      before: TWICE,
      ended: ['dead', 'sent'],
      now: OTHER,
      asked: all,
      sends: [],
      leavesOut: ['already-sent', 'covered'],
      stays: 1,
    },
  ],
  [
    'the route is gone',
    { before: POST, ended: ['dead'], now: RENAMED, asked: dead, sends: [], leavesOut: ['no-route'], stays: 1 },
  ],
  [
    'the route does not take it any more',
    { before: POST, ended: ['dead'], now: NARROWED, asked: dead, sends: [], leavesOut: ['not-routed'], stays: 1 },
  ],
  [
    'a whole event: nothing that went out or is about to',
    {
      before: TWO,
      ended: ['sent', 'pending'],
      now: TWO,
      asked: all,
      sends: [],
      leavesOut: ['already-sent', 'on-its-way'],
    },
  ],
  [
    'a whole event: what went out with others, and what quiet hours hold back',
    {
      before: TWO,
      ended: ['merged', 'held'],
      now: TWO,
      asked: all,
      sends: [],
      leavesOut: ['already-sent', 'on-its-way'],
    },
  ],
  [
    'what went out with others, again',
    { before: POST, ended: ['merged'], now: POST, asked: { ...all, again: true }, sends: ['r post channel:#a'] },
  ],
  [
    'what quiet hours hold back is not sent by its number either',
    { before: POST, ended: ['held'], now: POST, asked: { ids: ['1'] }, sends: [], leavesOut: ['on-its-way'] },
  ],
  [
    'a whole event: what was counted is not sent singly',
    { before: STORM, ended: [], now: STORM, asked: all, sends: [], leavesOut: ['counted'] },
  ],
  [
    'a whole event: not even again',
    { before: STORM, ended: [], now: STORM, asked: { ...all, again: true }, sends: [], leavesOut: ['counted'] },
  ],
  [
    'a whole event: a new route that counts does not send what came before',
    { before: POST, ended: ['dead'], now: BOTH, asked: all, sends: ['r post channel:#a'], leavesOut: ['counted'] },
  ],
  ['what is dead of a storm', { before: POST, ended: ['dead'], now: STORM, asked: all, sends: ['r post channel:#a'] }],
  [
    'what is dead of a storm whose route moved',
    { before: POST, ended: ['dead'], now: STORM_MOVED, asked: dead, sends: ['r post channel:#b'] },
  ],
  [
    'a whole event: a card that something newer superseded has gone out',
    { before: POST, ended: ['superseded'], now: POST, asked: all, sends: [], leavesOut: ['already-sent'] },
  ],
  [
    'a whole event: what is dead, and what a new route owes',
    { before: POST, ended: ['dead'], now: MORE, asked: all, sends: ['r post channel:#a', 'new post channel:#new'] },
  ],
  [
    'a whole event that moved: the dead one leaves the list for it',
    { before: POST, ended: ['dead'], now: MOVED, asked: all, sends: ['r post channel:#b'] },
  ],
  [
    'a whole event: two in one lane count as two',
    {
      before: POST,
      ended: ['sent'],
      now: TWICE,
      asked: all,
      sends: ['r post channel:#a'],
      leavesOut: ['already-sent'],
    },
  ],
  [
    'a whole event again: what went out too, but not what is on its way',
    {
      before: TWO,
      ended: ['sent', 'pending'],
      now: TWO,
      asked: { ...all, again: true },
      sends: ['r post channel:#a'],
      leavesOut: ['on-its-way'],
    },
  ],
  [
    'an event that no route takes',
    { before: NARROWED, ended: [], now: NARROWED, asked: all, sends: [], leavesOut: ['no-route-takes-it'] },
  ],
  [
    'by the id of the event',
    { before: POST, ended: ['dead'], now: POST, asked: { ids: ['e1'] }, sends: ['r post channel:#a'] },
  ],
  [
    'by its number',
    { before: TWO, ended: ['dead', 'dead'], now: TWO, asked: { ids: ['2'] }, sends: ['r post channel:#b'], stays: 1 },
  ],
  [
    'by the number of one that went out',
    { before: POST, ended: ['sent'], now: POST, asked: { ids: ['1'] }, sends: [], leavesOut: ['already-sent'] },
  ],
  [
    'the same again',
    { before: POST, ended: ['sent'], now: POST, asked: { ids: ['1'], again: true }, sends: ['r post channel:#a'] },
  ],
  [
    'an event, but only what is dead of it',
    {
      before: TWO,
      ended: ['parked', 'dead'],
      now: MORE,
      asked: { ids: ['e1'], ...dead },
      sends: [],
      leavesOut: ['covered'],
      stays: 2,
    },
  ],
  [
    'a number in another state',
    {
      before: POST,
      ended: ['parked'],
      now: POST,
      asked: { ids: ['1'], ...dead },
      sends: [],
      leavesOut: ['left-out'],
      stays: 1,
    },
  ],
];

describe('a replay', () => {
  it.each(CASES)('%s; and once only', async (_, { before, ended, now, asked, sends, leavesOut = [], stays = 0 }) => {
    await accept(before, ended, { id: 'e1' });
    const result = await accountsBy(now).replay({ ...asked, dryRun: true });
    expect([await replays(), woken]).toEqual([[], []]);
    expect(await accountsBy(now).replay(asked)).toEqual({ ...result, dry_run: false });
    expect(await replays()).toEqual(sends.map((one) => `e1 ${one}`));
    expect(woken).toEqual(sends.map((one) => one.split(' ')[2]));
    expect(result).toMatchObject({ dry_run: true, deliveries: sends.length, unknown_ids: [] });
    expect(result.skipped.map(({ code }) => code)).toEqual(leavesOut);
    const listed = await journal.deliveries({ states: ['dead', 'parked'], replayed: false, limit: 10 });
    expect(listed).toHaveLength(stays);
    if (asked.again === true) return;
    expect(await accountsBy(now).replay(asked)).toMatchObject({ deliveries: 0, replaced: 0 });
    expect(await replays()).toHaveLength(sends.length);
  });

  it('asked for twice at once sends once, also by two programs', async () => {
    for (const id of ['e1', 'e2', 'e3']) await accept(TWO, ['dead', 'parked'], { id });
    const both: ReplayRequest = { states: ['dead', 'parked'] };
    const [one, other] = [accountsBy(TWO), accountsBy(TWO)];
    const results = await Promise.all([one.replay(both), one.replay(both), other.replay(both), one.replay(all)]);
    expect(await replays()).toHaveLength(6);
    expect(results.reduce((sum, { deliveries }) => sum + deliveries, 0)).toBe(6);
    expect(await one.deliveries({ states: ['dead', 'parked'], limit: 10 })).toEqual({ deliveries: [], next: null });
  });

  it('asked for twice at once sends once what was never owed before', async () => {
    await accept(POST, ['sent'], { id: 'e1' });
    const accounts = accountsBy(MORE);
    await Promise.all([accounts.replay(all), accounts.replay(all), accounts.replay({ ids: ['e1'] })]);
    expect(await replays()).toEqual(['e1 new post channel:#new']);
  });

  it('that ends dead again is listed again, and replayed as often as it takes', async () => {
    const [first] = await accept(POST, ['dead']);
    const accounts = accountsBy(POST);
    await accounts.replay(dead);
    const { deliveries } = await accounts.deliveries({ limit: 10 });
    const [second, original] = deliveries;
    expect(original).toMatchObject({ delivery: first, state: 'dead', replayed_as: second?.delivery, replay: false });
    expect(second).toMatchObject({ state: 'pending', replay: true, replayed_as: null });
    await end(second?.delivery ?? 0, 'dead');
    expect(await accounts.replay(dead)).toMatchObject({ deliveries: 1, replaced: 1 });
    const [third] = (await accounts.deliveries({ limit: 1 })).deliveries;
    await end(third?.delivery ?? 0, 'sent');
    expect(await accounts.replay(all)).toMatchObject({ deliveries: 0, skipped: [{ code: 'already-sent', count: 1 }] });
    expect(await accounts.replay({ ids: [String(first)] })).toMatchObject({ skipped: [{ code: 'already-replayed' }] });
  });

  it('keeps the order of the events over many pages, at the end of the lane', async () => {
    const ids = Array.from({ length: 250 }, (_, index) => `e${index}`);
    for (const id of ids) await accept(POST, ['dead'], { id });
    await accept(POST, ['pending'], { id: 'newer' });
    expect(await accountsBy(POST).replay(dead)).toMatchObject({ deliveries: 250, replaced: 250, skipped: [] });
    const queue = await journal.next('channel:#a', 1000);
    expect(queue.map(({ event }) => event.id)).toEqual(['newer', ...ids]);
    expect(await accountsBy(POST).replay(all)).toMatchObject({ skipped: [{ code: 'on-its-way', count: 251 }] });
  });

  it('since a time is of what was accepted since', async () => {
    await accept(POST, ['dead'], { id: 'before' });
    await clock.advance(3_600_000);
    const since = clock.now();
    await accept(POST, ['dead'], { id: 'after' });
    await accept(POST, ['parked'], { id: 'unsure' });
    await clock.advance(1000);
    expect(await accountsBy(POST).replay({ ...dead, since })).toMatchObject({ deliveries: 1 });
    await accountsBy(POST).replay({ since });
    expect(await replays()).toEqual(['after r post channel:#a', 'unsure r post channel:#a']);
    const named = await accountsBy(POST).replay({ ids: ['before'], since });
    expect(named).toMatchObject({ deliveries: 0, skipped: [{ code: 'left-out' }] });
  });

  it('to a person whom the map has learnt to know goes to them, and to nobody twice', async () => {
    await accept(DM, ['dead'], { id: 'e1', actor: MARIA });
    await accept(DM, ['sent'], { id: 'e2', actor: MARIA });
    await accountsBy(DM, { u17: 'U00000017' }).replay(all);
    expect(await replays()).toEqual(['e1 r dm dm:U00000017']);
  });

  it('waits for quiet hours to end, like everything else', async () => {
    await accept(POST, ['dead'], { id: 'e1' });
    const accounts = accountsBy(QUIET);
    await accounts.replay(dead);
    const [held] = (await accounts.deliveries({ limit: 1 })).deliveries;
    expect(held).toMatchObject({ state: 'held', replay: true, due_at: '2026-03-02T10:00:00.000Z' });
    expect(await accounts.replay(all)).toMatchObject({ deliveries: 0, skipped: [{ code: 'on-its-way' }] });
  });

  it('of an event older than what is kept sends only what is listed of it', async () => {
    await accept(POST, ['dead'], { id: 'e1' });
    await clock.advance(31 * DAY_MS);
    const result = await accountsBy(MORE).replay(all);
    expect(result).toMatchObject({ deliveries: 1, skipped: [{ code: 'too-old', count: 1 }] });
    expect(await accountsBy(MORE).replay({ ...all, again: true })).toMatchObject({ deliveries: 1 });
    expect(await replays()).toEqual(['e1 r post channel:#a', 'e1 new post channel:#new']);
  });

  it.each<[string, ReplayRequest]>([
    ['dead', dead],
    ['all', all],
    ['its id', { ids: ['e1'], again: true }],
  ])('never sends a report of the relay itself: %s', async (_, asked) => {
    await accept(POST, ['dead'], { id: 'e1', source: '~relay' });
    const result = await accountsBy(POST).replay(asked);
    expect(result).toMatchObject({ deliveries: 0, skipped: [{ code: 'report', count: 1 }] });
  });

  it('says which ids nothing has; a number may be a delivery or an event of the sender', async () => {
    await accept(POST, ['dead'], { id: '4711' });
    const result = await accountsBy(POST).replay({ ids: ['4711', 'nope', '99'] });
    expect(result).toMatchObject({ deliveries: 1, unknown_ids: ['nope', '99'] });
  });

  it('fails as the journal does', async () => {
    await accept(POST, ['dead']);
    const accounts = accountsBy(POST);
    await journal.close();
    await expect(accounts.replay(dead)).rejects.toMatchObject({ code: 'journal-closed' });
    journal = await openJournalInProcess(join(folder, 'relay.db'));
  });
});

describe('deliveries', () => {
  it('come newest first, page by page, filtered', async () => {
    const states = ['dead', 'sent', 'parked', 'pending', 'dead'] as const;
    for (const [index, state] of states.entries()) await accept(POST, [state], { id: `e${index}` });
    const accounts = accountsBy(POST);
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
    expect(await numbers({ since: clock.now() + 1 })).toEqual([[], null]);
  });

  it('say everything but what was in the message', async () => {
    await accept(POST, ['dead'], { id: 'e1', payload: { text: 'hush' } });
    const { deliveries } = await accountsBy(POST).deliveries({ limit: 1 });
    const at = '2026-03-02T09:00:00.000Z';
    expect(deliveries).toEqual([
      {
        delivery: 1,
        state: 'dead',
        event: { number: 1, id: 'e1', source: 'alo', topic: 'action_created', subject: 'act_1', received_at: at },
        route: 'r',
        verb: 'post',
        lane: 'channel:#a',
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
      },
    ]);
  });
});

describe('a threshold', () => {
  it('counts an event once, and then tells all that its route owes it to', async () => {
    const added = [MARIA, person({ id: 'u18' }), person({ id: 'u19' })];
    const assignees = { current: [], added, removed: [] };
    expect(await accept(ALARM, [], { id: 'e1', assignees })).toEqual([null, null, null, null]);
    expect(await accept(ALARM, [], { id: 'e2', assignees })).toEqual([1, 2, 3, 4]);
    const accounts = accountsBy(`${ALARM}\n${NARROWED}`);
    expect(await accounts.events('e1')).toMatchObject([{ deliveries: [], counted_by: ['r'] }]);
    const [told] = await accounts.events('e2');
    expect([told?.deliveries.length, told?.counted_by]).toEqual([4, []]);
    expect(await accountsBy(POST).events('e1')).toMatchObject([{ counted_by: [] }]);
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
    await accept(TWO, ['sent', 'dead'], { id: 'e1' });
    await accept(NARROWED, [], { id: 'e1', source: 'allo' });
    const accounts = accountsBy(POST);
    expect(await accounts.events('e1')).toMatchObject([
      { event: { number: 1, source: 'alo' }, deliveries: [{ delivery: 2, state: 'dead' }, { delivery: 1 }] },
      { event: { number: 2, source: 'allo' }, deliveries: [] },
    ]);
    expect(await accounts.events('2')).toMatchObject([{ event: { id: 'e1', source: 'allo' } }]);
    expect(await accounts.events('3')).toEqual([]);
    expect(await accounts.events('e2')).toEqual([]);
  });
});
