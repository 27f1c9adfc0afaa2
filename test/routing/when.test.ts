import { describe, expect, it } from 'vitest';
import { action, person } from '../../src/core/absent.ts';
import type { Person, RelayEvent } from '../../src/core/event.ts';
import { quietForRecipient } from '../../src/routing/holding.ts';
import { plan } from '../../src/routing/plan.ts';
import { makeEvent } from '../helpers/events.ts';
import { makeRoutes } from '../helpers/routes.ts';

/** A Monday at 07:59 in Paris. */
const NOW = Date.parse('2026-03-02T07:59+01:00');
const EIGHT = NOW + 60_000;
const HOUR = 3_600_000;
const QUIET = `{
    nights: { timezone: Europe/Paris, from: "19:00", to: "08:00" },
    mornings: { timezone: Europe/Paris, days: [mon], from: "08:00", to: "09:00" },
    theirs: { timezone: recipient, from: "22:00", to: "07:00" } }`;
const POST = 'post: { channel: "#a", template: t }';
const DM = 'dm: { to: event.assignees.added, template: t }';
const ADA = person({ email: 'ada@example.com' });
const BEN = person({ email: 'ben@example.com' });
const URGENT = makeEvent({ action: action({ priority: 'High' }) });

function planned(yaml: string, event = makeEvent(), now = NOW) {
  return plan(event, makeRoutes(yaml, { quietHours: QUIET }), {
    personKey: ({ email, id }: Person) => email ?? id ?? '',
    maxPerEvent: 100,
    now,
  });
}

function added(...people: Person[]): RelayEvent {
  return makeEvent({ assignees: { current: [], added: people, removed: [] } });
}

describe('quiet hours', () => {
  it.each<[string, string, RelayEvent, number, number | undefined]>([
    ['no quiet hours', POST, makeEvent(), NOW, undefined],
    ['inside', `quiet_hours: nights, ${POST}`, makeEvent(), NOW, EIGHT],
    ['just over', `quiet_hours: nights, ${POST}`, makeEvent(), EIGHT, undefined],
    ['two that touch', `quiet_hours: [nights, mornings], ${POST}`, makeEvent(), NOW, EIGHT + HOUR],
    ['urgent', `quiet_hours: nights, urgent: 'event.action.priority == "High"', ${POST}`, URGENT, NOW, undefined],
    ['not urgent', `quiet_hours: nights, urgent: 'event.action.priority == "High"', ${POST}`, makeEvent(), NOW, EIGHT],
    ['urgency unknown', `quiet_hours: nights, urgent: event.payload.x.y, ${POST}`, makeEvent(), NOW, EIGHT],
    ["the reader's only", `quiet_hours: theirs, ${DM}`, added(ADA), NOW, undefined],
    ["the reader's too", `quiet_hours: [nights, theirs], ${DM}`, added(ADA), NOW, EIGHT],
  ])('%s', (_, route, event, now, until) => {
    const { deliveries } = planned(`- { name: r, ${route} }`, event, now);
    expect(deliveries.map(({ heldUntil }) => heldUntil)).toEqual([until]);
    expect(deliveries.every((delivery) => until !== undefined || !('heldUntil' in delivery))).toBe(true);
  });

  it.each<[string, string, RelayEvent, string | null, number | null]>([
    ['nothing to ask', 'quiet_hours: nights', makeEvent(), 'Europe/Paris', null],
    ['awake', 'quiet_hours: theirs', makeEvent(), 'Asia/Tokyo', null],
    ['asleep', 'quiet_hours: theirs', makeEvent(), 'America/New_York', Date.parse('2026-03-02T07:00-05:00')],
    ['asleep, then nights', 'quiet_hours: [nights, theirs]', makeEvent(), 'Europe/London', EIGHT],
    ['zone unknown', 'quiet_hours: [nights, theirs]', makeEvent(), null, null],
    ['zone not of this world', 'quiet_hours: theirs', makeEvent(), 'Mars/Olympus', null],
    ['urgent', `quiet_hours: theirs, urgent: 'event.action.priority == "High"'`, URGENT, 'America/New_York', null],
  ])("in the reader's zone: %s", (_, written, event, zone, until) => {
    const [route] = makeRoutes(`- { name: r, ${written}, ${DM} }`, { quietHours: QUIET });
    expect(quietForRecipient(route!.quiet!, event, { zone, now: NOW })).toBe(until);
  });
});

describe('thresholds', () => {
  const keys = (yaml: string, event = makeEvent()) =>
    planned(yaml, event).deliveries.map(({ threshold }) => threshold?.key ?? null);
  const per = (expression: string, payload: unknown) => {
    const yaml = `- { name: r, at_least: { count: 5, within: 10m, per: '${expression}' }, ${POST} }`;
    return keys(yaml, makeEvent({ payload }))[0];
  };

  it('count an event once for its route, whatever that owes to whom', () => {
    const rules = `
- { name: r, at_least: { count: 5, within: 10m }, post: [{ channel: "#a", template: t }, { channel: "#b", template: t }], ${DM} }
- { name: s, at_least: { count: 2, within: 1h }, ${POST} }
- { name: t, ${POST} }`;
    const { deliveries } = planned(rules, added(ADA, BEN));
    const ofR = { key: '["r",null]', count: 5, withinMs: 600_000 };
    const ofS = { key: '["s",null]', count: 2, withinMs: 3_600_000 };
    expect(deliveries.map(({ threshold }) => threshold)).toEqual([ofR, ofR, ofR, ofR, ofS, undefined]);
    expect(deliveries.at(-1)).not.toHaveProperty('threshold');
  });

  it.each<[string, unknown, string]>([
    ['event.payload.team', { team: 'x' }, '["r","x"]'],
    ['event.payload.team', { team: 7 }, '["r",7]'],
    ['event.payload.team', { team: null }, '["r",null]'],
    ['[event.payload.a, event.payload.b]', { a: 1, b: 'x' }, '["r",[1,"x"]]'],
    ['event.payload', { valueOf: 1, toJSON: null }, '["r",{"valueOf":1,"toJSON":null}]'],
    ['{"n": size(event.payload)}', [1, 2], '["r",{"n":"2"}]'],
    ['uint(event.payload)', 12, '["r","12"]'],
    ['event.payload.?team', {}, '["r",null]'],
  ])('apart for each %s of %j', (expression, payload, key) => {
    expect(per(expression, payload)).toBe(key);
  });

  it('a long value is told by its hash', () => {
    const key = per('event.payload', 'x'.repeat(100_000));
    expect(key).toMatch(/^sha256:[0-9a-f]{64}$/);
    expect(per('event.payload', 'x'.repeat(100_000))).toBe(key);
    expect(per('event.payload', 'x'.repeat(100_001))).not.toBe(key);
  });

  it('what has no value is counted with all that have none, and it is said', () => {
    const rules = `- { name: r, at_least: { count: 5, within: 10m, per: event.payload.x.y }, ${POST} }`;
    const { deliveries, notes } = planned(rules);
    expect(deliveries).toMatchObject([{ threshold: { key: '["r",null]' } }]);
    const note = 'at_least.per has no value: No such key: x. It is counted with all that have none.';
    expect(notes).toEqual([{ route: 'r', note }]);
  });

  it('and quiet hours: both are said', () => {
    const rules = `- { name: r, at_least: { count: 5, within: 10m }, quiet_hours: nights, ${POST} }`;
    expect(planned(rules).deliveries).toMatchObject([{ heldUntil: EIGHT, threshold: { count: 5 } }]);
  });
});
