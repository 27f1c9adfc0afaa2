/** What the tests of the checker are made of: evidence of a run that went well, and ways to doctor it. */
import type { DeliveryOutcome } from '../../src/history/outcomes.ts';
import { check } from './checker.ts';
import type { PlannedEvent } from './events.ts';
import type { Evidence, Violation } from './evidence.ts';
import type { LedgerEntry } from './ledger.ts';
import { markerOf, type Route, type Topic } from './scenery.ts';
import type { Sighting } from './witness.ts';

export const MINUTE = 60_000;
/** When everything was received. */
const START = Date.parse('2026-03-02T09:00:00.000Z');

export function sent(number: number, topic: Topic, more: Partial<PlannedEvent> = {}): LedgerEntry {
  const event: PlannedEvent = {
    number,
    id: `evt_${number}`,
    sender: 'allo',
    topic,
    subject: 's1',
    occurredAt: number * MINUTE,
    channel: 'cards',
    person: 'p1',
    urgent: false,
    alarm: null,
    attempts: null,
    cutAfterMs: null,
    repeatsAfterMs: [],
    ...more,
  };
  return { event, firstSentAt: number * 10, acceptedAt: number * 10 + 5, answeredAt: START + 1 };
}

let deliveries = 0;

/** The next row has this number. */
export const numbered = {
  from(delivery: number): void {
    deliveries = delivery - 1;
  },
};

export function row({ event }: LedgerEntry, route: Route, more: Partial<DeliveryOutcome> = {}): DeliveryOutcome {
  deliveries += 1;
  const { id, sender: source, topic, subject, number } = event;
  const at = new Date(START).toISOString();
  return {
    delivery: deliveries,
    state: 'sent',
    event: { number, id, source, topic, subject, title: null, received_at: at },
    route,
    verb: 'post',
    lane: `channel:#${event.channel}`,
    destination: `#${event.channel}`,
    channel: 'C1',
    ts: null,
    attempts: 0,
    in_doubt: false,
    reason: null,
    accepted_at: at,
    updated_at: at,
    due_at: null,
    replay: false,
    replayed_as: null,
    dismissal: null,
    ...more,
  };
}

export const said = (kind: Route | 'root', event: number, subject = 's1') => `${kind} ${subject} ${markerOf(event)}`;

export function seen(ts: string, text: string | string[], more: Partial<Sighting> = {}): Sighting {
  const texts = [text].flat();
  return {
    conversation: 'cards',
    ts,
    threadTs: null,
    texts,
    since: texts.map(() => ts),
    together: null,
    reactions: [],
    delivery: null,
    deleted: false,
    ...more,
  };
}

export const withSightings =
  (change: (sightings: readonly Sighting[]) => readonly Sighting[]) => (evidence: Evidence) => ({
    ...evidence,
    sightings: change(evidence.sightings),
  });
export const withRows =
  (change: (rows: readonly DeliveryOutcome[]) => readonly DeliveryOutcome[]) => (evidence: Evidence) => ({
    ...evidence,
    account: change(evidence.account),
  });
export const without = (ts: string) => withSightings((all) => all.filter((it) => it.ts !== ts));
export const also = (...more: Sighting[]) => withSightings((all) => [...all, ...more]);
export const changed = (ts: string, more: Partial<Sighting>) =>
  withSightings((all) => all.map((it) => (it.ts === ts ? { ...it, ...more } : it)));
export const rowChanged = (delivery: number, more: Partial<DeliveryOutcome>) =>
  withRows((rows) => rows.map((it) => (it.delivery === delivery ? { ...it, ...more } : it)));
type Finding = readonly [kind: Violation['kind'], event: string | null];
export type Doctored = readonly [name: string, doctor: Doctoring, expected: readonly Finding[]];
export type Doctoring = (evidence: Evidence) => Evidence;

export const findings = (evidence: Evidence) => check(evidence).violations.map(({ kind, event }) => [kind, event]);
