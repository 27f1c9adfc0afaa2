import { describe, expect, it } from 'vitest';
import { person } from '../../src/core/absent.ts';
import type { Person } from '../../src/core/event.ts';
import { STEPS } from '../../src/language/work.ts';
import { type Plan, plan } from '../../src/routing/plan.ts';
import { makeEvent } from '../helpers/events.ts';
import { makeRoutes } from '../helpers/routes.ts';

/** A Monday at noon, in UTC. */
const NOW = Date.parse('2026-03-02T12:00Z');
const QUIET = { quietHours: '{ noons: { timezone: UTC, from: "11:00", to: "13:00" } }' };

const people = (count: number) => Array.from({ length: count }, (_, n) => person({ email: `p${n}@example.com` }));

function planned(yaml: string, added: readonly Person[], maxPerEvent = 100): Plan {
  const event = makeEvent({ assignees: { current: added, added, removed: [] } });
  return plan(event, makeRoutes(yaml, QUIET), {
    personKey: ({ email, id }) => email ?? id ?? '',
    maxPerEvent,
    now: NOW,
  });
}

/** `route: lane` of what is sent, and of what is not the reason instead. */
const told = ({ deliveries }: Plan) =>
  deliveries.map(({ route, lane, dead }) => `${route}: ${dead === undefined ? lane : dead.detail}`);

const DM = 'dm: { to: event.assignees.added, template: t }';
const POST = 'post: [{ channel: "#a", template: t }, { channel: "#b", template: t }]';

const NARROW = "narrow the route's dm.to";
const EARLIER = 'let the routes above make fewer';

const rest = (count: string, most: number, remedy = NARROW) =>
  `${count} not made: an event makes at most ${most} (delivery.max_per_event). Raise it, or ${remedy}.`;

describe('delivery.max_per_event', () => {
  it('makes the first, in the order of the routes, and one dead delivery for the rest of each route', () => {
    const yaml = `- { name: one, ${POST} }\n- { name: two, ${DM} }\n- { name: three, ${POST} }\n- { name: four, ${DM} }`;
    expect(told(planned(yaml, people(3), 4))).toEqual([
      'one: channel:#a',
      'one: channel:#b',
      'two: dm:p0@example.com',
      'two: dm:p1@example.com',
      `two: ${rest('1 more delivery was', 4)}`,
      `three: ${rest('2 more deliveries were', 4, EARLIER)}`,
      `four: ${rest('3 more deliveries were', 4, EARLIER)}`,
    ]);
  });

  it('of a route that has too many steps by itself says so', () => {
    expect(told(planned(`- { name: r, ${POST} }`, [], 1))).toEqual([
      'r: channel:#a',
      `r: ${rest('1 more delivery was', 1, 'remove steps from the route')}`,
    ]);
  });

  it('cuts nothing where there is room for all', () => {
    expect(told(planned(`- { name: r, ${DM} }`, people(100)))).toHaveLength(100);
    expect(planned(`- { name: r, ${DM} }`, people(101)).deliveries.filter(({ dead }) => dead)).toHaveLength(1);
  });

  it('counts everybody once', () => {
    const twice = [...people(3), ...people(3)];
    expect(told(planned(`- { name: r, ${DM} }`, twice, 3))).toHaveLength(3);
    expect(told(planned(`- { name: r, ${DM} }`, twice, 2)).at(-1)).toBe(`r: ${rest('1 more delivery was', 2)}`);
  });

  it('of thousands of people keeps no more than it sends to', () => {
    const { deliveries } = planned(`- { name: r, ${DM} }`, people(8000));
    expect(deliveries).toHaveLength(101);
    expect(deliveries.at(-1)).toEqual({
      route: 'r',
      lane: 'route:r',
      target: { verb: 'none' },
      dead: { code: 'too_many_deliveries', detail: rest('7900 more deliveries were', 100) },
    });
  });

  it('what is not made is counted by the threshold of its route, and not held', () => {
    const counted = `at_least: { count: 2, within: 10m }, quiet_hours: noons`;
    const { deliveries } = planned(`- { name: r, ${counted}, ${DM} }`, people(3), 2);
    expect(deliveries.map(({ threshold }) => threshold?.count)).toEqual([2, 2, 2]);
    expect(deliveries.map(({ heldUntil }) => heldUntil !== undefined)).toEqual([true, true, false]);
  });
});

const HOSTILE = 'event.assignees.current.exists(p, event.assignees.added.exists(a, a.email == p.name))';
const LIST = `event.assignees.current.filter(p, event.assignees.added.exists(a, a.email == p.name))`;

describe('the work of an event', () => {
  it.each([
    ['when', `when: '${HOSTILE}', post: { channel: "#a", template: t }`],
    ['urgent', `quiet_hours: noons, urgent: '${HOSTILE}', post: { channel: "#a", template: t }`],
    ['at_least.per', `at_least: { count: 2, within: 10m, per: '${HOSTILE}' }, post: { channel: "#a", template: t }`],
    ['dm.to', `dm: { to: '${LIST}', template: t }`],
    [
      'card.channel',
      `card: { channel: "#a{{ event.topic }}{% for p in event.assignees.current %}{% for q in event.assignees.added %}{% endfor %}{% endfor %}", template: t }`,
    ],
  ])('a route whose %s is too much owes one dead delivery, and the others are planned', (part, keys) => {
    const yaml = `- { name: bad, ${keys} }\n- { name: good, ${POST} }`;
    const whole = planned(yaml, people(2000));
    expect(whole.notes).toEqual([]);
    const [bad, ...good] = told(whole);
    expect(bad).toBe(
      `bad: The route's ${part} is too much work: it takes more than ${STEPS.route} steps for this event. Walk fewer items there: no exists, filter or map within another.`,
    );
    expect(good).toEqual(['good: channel:#a', 'good: channel:#b']);
  });

  it('an ordinary walk over thousands of people is no such work', () => {
    const when = 'event.assignees.added.exists(a, a.email == "p7999@example.com")';
    expect(told(planned(`- { name: r, when: '${when}', ${POST} }`, people(8000)))).toHaveLength(2);
  });

  it('one route after another may not take what those below need', () => {
    const hostile = Array.from({ length: 12 }, (_, n) => `- { name: bad${n}, when: '${HOSTILE}', ${POST} }`).join('\n');
    const when = 'event.assignees.added.size() > 5 && event.topic.startsWith("action")';
    const { deliveries } = planned(`${hostile}\n- { name: good, when: '${when}', ${POST} }`, people(2000));
    expect(deliveries.map(({ dead }) => dead?.code ?? 'made')).toEqual([
      ...Array(12).fill('too_much_work'),
      'made',
      'made',
    ]);
    const limits = deliveries.flatMap(({ dead }) => Number(/more than (\d+)/.exec(dead?.detail ?? '')?.[1] ?? 0));
    expect(limits.reduce((sum, steps) => sum + steps, 0)).toBeLessThanOrEqual(STEPS.event + 8 * STEPS.reserve);
  });

  it('an undecided route neither takes the event from an unmatched one, nor ends the reading', () => {
    const yaml = `- { name: bad, when: '${HOSTILE}', stop: true }\n- { name: rest, unmatched: true, ${POST} }`;
    const [bad, ...others] = told(planned(yaml, people(2000)));
    expect(bad).toContain("bad: The route's when is too much work");
    expect(others).toEqual(['rest: channel:#a', 'rest: channel:#b']);
  });
});
