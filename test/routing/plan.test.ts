import { describe, expect, it } from 'vitest';
import { person } from '../../src/core/absent.ts';
import type { Person } from '../../src/core/event.ts';
import { TextError } from '../../src/language/text.ts';
import { match } from '../../src/routing/match.ts';
import { plan } from '../../src/routing/plan.ts';
import { topicPattern } from '../../src/routing/route.ts';
import { makeEvent } from '../helpers/events.ts';
import { makeRoutes } from '../helpers/routes.ts';

/** A Monday at 07:59 in Paris. */
const NOW = Date.parse('2026-03-02T07:59+01:00');
const context = { personKey: (who: Person) => who.email ?? who.id ?? '', maxPerEvent: 100, now: NOW };

/** `route: lane verb` for each delivery. */
function planned(yaml: string, event = makeEvent()): string[] {
  const { deliveries } = plan(event, makeRoutes(yaml), context);
  return deliveries.map(({ route, lane, target }) => `${route}: ${lane} ${target.verb}`);
}

describe('topics', () => {
  it.each([
    [['*'], 'anything at all', true],
    [['call.*'], 'call.completed', true],
    [['call.*'], 'callxcompleted', false],
    [['call.*'], 'recall.completed', false],
    [['*.completed'], 'call.completed', true],
    [['a', 'b'], 'b', true],
    [['a', 'b'], 'c', false],
    [['call'], 'call.completed', false],
    [['c*l*d'], 'call.completed', true],
    [['a*a'], 'a', false],
    [['a*a'], 'aa', true],
    [['ab*ba'], 'aba', false],
    [['*a*a*'], 'ba', false],
    [['**'], '', true],
    // One that tries every division of the topic never ends.
    [['*a'.repeat(40).concat('b')], 'a'.repeat(5_000), false],
  ])('%j takes %s: %s', (patterns, topic, takes) => {
    expect(topicPattern(patterns)(topic)).toBe(takes);
  });
});

describe('plan', () => {
  it('fires every match, in order', () => {
    const yaml = `
- { name: one, on: action_created, card: { channel: "#a", template: t } }
- { name: two, on: other, post: { channel: "#b", template: t } }
- { name: three, on: "action_*", source: alo, post: [{ channel: "#b", template: t }, { channel: "#c", template: t }] }
- { name: four, source: allo, post: { channel: "#d", template: t } }`;
    expect(planned(yaml)).toEqual(['one: channel:#a card', 'three: channel:#b post', 'three: channel:#c post']);
  });

  it('stop ends the reading, also without a verb', () => {
    const yaml = `
- { name: mute bots, when: event.actor.kind == "bot", stop: true }
- { name: rest, post: { channel: "#a", template: t } }`;
    expect(planned(yaml, makeEvent({ actor: person({ kind: 'bot' }) }))).toEqual([]);
    expect(planned(yaml, makeEvent({ actor: person({ kind: 'user' }) }))).toEqual(['rest: channel:#a post']);
    expect(planned(yaml, makeEvent())).toEqual(['rest: channel:#a post']);
  });

  it('unmatched takes only what no route above took', () => {
    const yaml = `
- { name: one, on: action_created, card: { channel: "#a", template: t } }
- { name: rest, unmatched: true, post: { channel: "#b", template: t } }
- { name: all, post: { channel: "#c", template: t } }`;
    expect(planned(yaml)).toEqual(['one: channel:#a card', 'all: channel:#c post']);
    expect(planned(yaml, makeEvent({ topic: 'x' }))).toEqual(['rest: channel:#b post', 'all: channel:#c post']);
  });

  it('renders channels, and keeps a delivery whose channel cannot be', () => {
    const event = makeEvent({ action: { ...makeEvent().action, team: 'Field Ops' } });
    const yaml = '- { name: r, post: { channel: "#team-{{ event.action.team | slug }}", template: t } }';
    expect(planned(yaml, event)).toEqual(['r: channel:#team-field-ops post']);
  });

  it('keeps a delivery whose channel cannot be rendered, with an empty one: it is refused where it can be seen', () => {
    const [route] = makeRoutes('- { name: r, post: { channel: "#a-{{ event.topic }}", template: t } }');
    const failing = (error: Error) => {
      const channel = {
        source: '',
        constant: false,
        render: () => {
          throw error;
        },
      };
      return [{ ...route!, steps: [{ verb: 'post' as const, channel, to: null, keys: { template: 't' } }] }];
    };
    const { deliveries } = plan(makeEvent(), failing(new TextError('memory')), context);
    expect(deliveries.map(({ lane, target }) => [lane, target])).toEqual([
      ['channel:', { verb: 'post', template: 't', channel: '' }],
    ]);
    expect(() => plan(makeEvent(), failing(new TypeError('a bug')), context)).toThrow('a bug');
  });

  it('a person in the name of a channel is named, not mentioned', () => {
    const event = makeEvent({ actor: person({ id: 'u1', name: 'Maria Lund' }) });
    const yaml = '- { name: r, post: { channel: "#of-{{ event.actor | mention | slug }}", template: t } }';
    expect(planned(yaml, event)).toEqual(['r: channel:#of-maria-lund post']);
  });

  it('says of each route what it could not plan, and why', () => {
    const routes = makeRoutes(`
- { name: nobody, dm: { to: event.assignees.added, template: t } }
- { name: no key, dm: { to: event.payload.owner, template: t } }
- { name: counted, at_least: { count: 2, within: 10m, per: event.payload.area }, post: { channel: "#a", template: t } }
- { name: fine, post: { channel: "#a", template: t } }`);
    const { notes, deliveries } = plan(makeEvent(), routes, context);
    expect(notes).toEqual([
      { route: 'nobody', note: 'dm.to found nobody.' },
      { route: 'no key', note: 'dm.to found nobody: No such key: owner.' },
      { route: 'counted', note: expect.stringContaining('No such key: area') },
    ]);
    expect(deliveries.map(({ route }) => route)).toEqual(['counted', 'fine']);
    expect(deliveries.map((one) => 'heldUntil' in one)).toEqual([false, false]);
  });

  it.each([
    ['event.assignees.added', ['dm:maria@example.com', 'dm:u17']],
    ['event.payload.owner', ['dm:maria@example.com']],
    ['event.payload.ids', ['dm:u1', 'dm:u2']],
    ['"U024BE7LH"', ['dm:U024BE7LH']],
    ['event.payload.nobody', []],
    ['event.actor', []],
  ])('dm to %s', (to, lanes) => {
    const maria = person({ id: 'u9', email: 'maria@example.com' });
    const event = makeEvent({
      assignees: { current: [], added: [maria, person({ id: 'u17' }), maria], removed: [] },
      payload: { owner: 'maria@example.com', ids: ['u1', 'u2', '', null, {}] },
    });
    const result = plan(event, makeRoutes(`- { name: r, dm: { to: '${to}', template: t } }`), context);
    expect(result.deliveries.map(({ lane }) => lane)).toEqual(lanes);
    expect(result.notes).toHaveLength(lanes.length === 0 ? 1 : 0);
  });

  it('a condition over a missing payload key is false, and says which', () => {
    const [route] = makeRoutes('- { name: r, when: event.payload.data.result == "x", stop: true }');
    expect(match(route!, makeEvent(), { taken: false })).toEqual({ kind: 'condition', reason: 'No such key: data' });
    const found = makeEvent({ payload: { data: { result: 'x' } } });
    expect(match(route!, found, { taken: false })).toEqual({ kind: 'taken' });
  });

  it.each([
    ['event.actor.kind != "bot"', true],
    ['event.actor == null', true],
    ['event.action.title == null && event.message.text == null', true],
    ['event.payload.?x.orValue("") == ""', true],
    ['!(event.topic == "a" || event.topic.startsWith("b"))', true],
    ['event.topic in ["a", "action_created"]', true],
    ['event.topic.matches("^action_(created|updated)$")', true],
    ['event.action.title.startsWith("x")', false],
  ])('when %s on an event with everything absent: %s', (when, expected) => {
    const [route] = makeRoutes(`- { name: r, when: '${when}', stop: true }`);
    expect(match(route!, makeEvent(), { taken: false }).kind === 'taken').toBe(expected);
  });
});
