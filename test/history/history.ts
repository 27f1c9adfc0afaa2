/** A journal in which something has happened, and the accounts of it by rules that may have changed since. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { person } from '../../src/core/absent.ts';
import type { DeliveryState } from '../../src/core/delivery.ts';
import type { RelayEvent } from '../../src/core/event.ts';
import { sent } from '../../src/core/outcome.ts';
import { createDeliveryHistory, type DeliveryHistory } from '../../src/history/delivery-history.ts';
import type { Journal } from '../../src/journal/contract.ts';
import { plan } from '../../src/routing/plan.ts';
import { createPeople } from '../../src/slack/people.ts';
import { ManualClock } from '../helpers/clock.ts';
import { makeEvent } from '../helpers/events.ts';
import { makeRoutes } from '../helpers/routes.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';

export const DAY_MS = 86_400_000;

/** The clock begins on a Monday at 09:00 UTC. */
const SETTING = { quietHours: '{ mornings: { timezone: UTC, from: "08:00", to: "10:00" } }' };
export const POST = '- { name: r, post: { channel: "#a", template: t } }';
export const TWO = '- { name: r, post: [{ channel: "#a", template: t }, { channel: "#b", template: t }] }';
export const MORE = `${POST}\n- { name: new, post: { channel: "#new", template: t } }`;
export const NARROWED = '- { name: r, when: "false", post: { channel: "#a", template: t } }';
export const MARIA = person({ id: 'u17', email: 'maria@example.com' });

export interface History {
  readonly journal: Journal;
  /** `delivery.max_per_event`, from now on. */
  readonly limit: { maxPerEvent: number };
  readonly clock: ManualClock;
  /** The lanes in which a replay has stored something. */
  readonly woken: string[];
  /**
   * Accepts an event by these routes; its deliveries come to these states, or stay as they are. Gives their numbers;
   * null: only counted.
   */
  accept(
    routes: string,
    states: readonly DeliveryState[],
    fields?: Partial<RelayEvent>,
  ): Promise<readonly (number | null)[]>;
  /** What becomes of a delivery. */
  become(seq: number, state: DeliveryState): Promise<void>;
  /** By the routes that are in force now, and the people who are mapped to Slack users. */
  accounts(routes: string, map?: Readonly<Record<string, string>>): DeliveryHistory;
  /** What replays have made so far, oldest first: `event route verb lane`. */
  replays(): Promise<string[]>;
  close(): Promise<void>;
}

export async function openHistory(): Promise<History> {
  const folder = await mkdtemp(join(tmpdir(), 'relay-'));
  const journal = await openSqliteJournal(join(folder, 'relay.db'));
  const clock = new ManualClock();
  const woken: string[] = [];
  const limit = { maxPerEvent: 100 };
  const gateway = {
    lookupByEmail: async () => sent(null),
    groupId: async () => sent(null),
    timeZone: async () => sent(null),
  };
  const planning = (map: Readonly<Record<string, string>> = {}) => ({
    personKey: createPeople({ map: new Map(Object.entries(map)), matchByEmail: true, gateway, clock }).laneKey,
    maxPerEvent: limit.maxPerEvent,
  });
  const history: History = {
    limit,
    journal,
    clock,
    woken,
    async accept(routes, states, fields = {}) {
      const at = clock.now();
      const event = makeEvent({ received_at: new Date(at).toISOString(), ...fields });
      const { payload, ...envelope } = event;
      const { deliveries } = plan(event, makeRoutes(routes, SETTING), { ...planning(), now: at });
      const acceptance = await journal.accept({
        event: envelope,
        body: Buffer.from(JSON.stringify(payload)),
        dedupe: { key: `${event.source} ${event.id} ${at}`, keepUntil: at + DAY_MS },
        deliveries: deliveries.map((one) => ({
          ...one,
          state: one.dead !== undefined ? 'dead' : one.heldUntil === undefined ? 'pending' : 'held',
        })),
        receivedAt: at,
      });
      if (acceptance.kind === 'duplicate') throw new Error('duplicate');
      for (const [index, seq] of acceptance.seqs.entries()) {
        if (seq !== null && deliveries[index]?.dead === undefined)
          await history.become(seq, states[index] ?? 'pending');
      }
      return acceptance.seqs;
    },
    async become(seq, state) {
      const at = clock.now();
      if (state === 'pending') return;
      if (state === 'held') return journal.hold(seq, at + DAY_MS, at);
      await journal.markSending([seq], at);
      if (state === 'sending') return;
      const reason =
        state === 'dead' || state === 'parked' ? { reason: { code: 'channel_not_found', detail: 'Gone.' } } : {};
      if (state !== 'dismissed') return journal.complete({ seq, state, at, ...reason });
      await journal.complete({ seq, state: 'dead', at, reason: { code: 'channel_not_found', detail: 'Gone.' } });
      await journal.dismiss({ seqs: [seq], at, by: 'maria', reason: 'not needed' });
    },
    accounts(routes, map) {
      const rules = { routes: makeRoutes(routes, SETTING), planning: planning(map), retentionMs: 30 * DAY_MS };
      const enter = (lane: string) => ({
        claimed: false,
        stored: () => void woken.push(lane),
        dropped: () => undefined,
      });
      return createDeliveryHistory({ rules: () => rules, journal, clock, join: enter });
    },
    async replays() {
      const records = await journal.deliveries({ limit: 1000 });
      return records
        .filter(({ replay }) => replay)
        .map(({ route, target, lane, event }) => `${event.id} ${route} ${target.verb} ${lane}`)
        .toReversed();
    },
    async close() {
      await journal.close();
      await rm(folder, { recursive: true });
    },
  };
  return history;
}
