import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { person } from '../../../src/core/absent.ts';
import { AWAY } from '../../helpers/gateway.ts';
import { openRelay, type RelayUnderTest } from '../../helpers/relay.ts';
import { type History, openHistory } from '../../history/history.ts';

const CONFIG = `
slack: { token: xoxb-1, fallback_channel: "#problems" }
delivery: { max_per_event: 3, per_channel: { per_second: 100, burst: 100 } }
people: { match_by_email: true }
routes:
  - { name: everybody, dm: { to: event.payload.data.people, template: t } }
  - { name: channel, post: { channel: "#c", template: t } }
`;

const people = (count: number) => Array.from({ length: count }, (_, n) => `p${n}@example.com`);

describe('an event that makes too many deliveries', () => {
  let relay: RelayUnderTest;

  beforeEach(async () => {
    relay = await openRelay(CONFIG);
  });

  afterEach(() => relay.close());

  it('sends the first, and lists, logs and reports the rest by route', async () => {
    await relay.send({ n: 1, people: people(500) });
    const dead = await relay.journal.deliveries({ states: ['dead'], limit: 10 });
    const unmade = dead.filter(({ target }) => target.verb === 'none');
    expect(unmade.map(({ route, lane, reason }) => [route, lane, reason?.code, reason?.detail.split(':')[0]])).toEqual([
      ['channel', 'route:channel', 'too_many_deliveries', '1 more delivery was not made'],
      ['everybody', 'route:everybody', 'too_many_deliveries', '497 more deliveries were not made'],
    ]);
    expect(await relay.journal.deliveries({ limit: 100 })).toHaveLength(5);
    expect(relay.log.filter((line) => line.includes('"verb":"none"'))).toHaveLength(2);
    await relay.clock.advance(10_000);
    const reports = relay.slack.texts('#problems');
    expect(
      reports.filter((text) => text.includes('The route *everybody* asked for too much, for one event')),
    ).toHaveLength(1);
    expect(reports.filter((text) => text.includes('The route *channel* asked for too much'))).toHaveLength(1);
  });

  it('reports the rest, and counts it, where everything else arrives', async () => {
    const attempts: string[] = [];
    const yaml = CONFIG.replace(/routes:.*/s, 'routes: [{ name: r, post: [A, B, C, D] }]').replaceAll(
      /\b[A-D]\b/g,
      (name) => `{ channel: "#${name.toLowerCase()}", template: t }`,
    );
    const other = await openRelay(yaml, { onAttempt: ({ verb, state }) => attempts.push(`${verb} ${state}`) });
    // Behind the look that every start takes.
    await other.clock.advance(10_000);
    await other.send({ n: 1 });
    await other.clock.advance(10_000);
    expect(other.slack.texts('#problems')).toEqual([expect.stringContaining('The route *r* asked for too much')]);
    expect(attempts.filter((one) => one === 'none dead')).toHaveLength(1);
    await other.close();
  });

  it('leaves nothing behind in a lane: after a restart there is nothing to resume', async () => {
    await relay.send({ n: 1, people: people(500) });
    await relay.stop();
    await relay.start();
    expect(await relay.journal.lanesWithWork()).toEqual([]);
    await relay.send({ n: 2, people: [] });
    expect(relay.slack.texts('#c')).toEqual(['2']);
  });
});

describe('a replay of what was not made', () => {
  const ROUTE = '- { name: r, dm: { to: event.assignees.added, template: t } }';
  const added = people(5).map((email) => person({ email }));
  let history: History;

  beforeEach(async () => {
    history = await openHistory();
    history.limit.maxPerEvent = 2;
    await history.accept(ROUTE, ['sent', 'sent'], { id: 'e1', assignees: { current: [], added, removed: [] } });
  });

  afterEach(() => history.close());

  const listed = async () => {
    const records = await history.journal.deliveries({ states: ['dead'], replayed: false, limit: 10 });
    return records.map(({ target, reason }) => `${target.verb} ${reason?.detail.split(':')[0]}`);
  };

  it.each([{ states: ['dead' as const] }, { ids: ['e1'] }])(
    'changes nothing while the limit is the same: %j',
    async (request) => {
      const result = await history.accounts(ROUTE).replay(request);
      expect(result).toMatchObject({ deliveries: 0, replaced: 0 });
      expect(result.skipped).toContainEqual(
        expect.objectContaining({
          code: 'beyond-bounds',
          detail: expect.stringContaining('3 more deliveries were not made: an event makes at most 2'),
        }),
      );
      expect(await listed()).toEqual(['none 3 more deliveries were not made']);
    },
  );

  it('makes the rest when the limit is high enough', async () => {
    history.limit.maxPerEvent = 100;
    expect(await history.accounts(ROUTE).replay({ states: ['dead'] })).toMatchObject({ deliveries: 3, replaced: 1 });
    expect(await history.replays()).toEqual([2, 3, 4].map((n) => `e1 r dm dm:p${n}@example.com`));
    expect(await listed()).toEqual([]);
  });

  it('makes what there is room for, and lists what is left', async () => {
    history.limit.maxPerEvent = 4;
    expect(await history.accounts(ROUTE).replay({ states: ['dead'] })).toMatchObject({ deliveries: 2, replaced: 1 });
    expect(await listed()).toEqual(['none 1 more delivery was not made']);
    expect(history.woken).toEqual(['dm:p2@example.com', 'dm:p3@example.com']);
    history.limit.maxPerEvent = 5;
    expect(await history.accounts(ROUTE).replay({ states: ['dead'] })).toMatchObject({ deliveries: 1, replaced: 1 });
    expect(await listed()).toEqual([]);
  });

  it('says so where the route is gone, or takes the event no more', async () => {
    const gone = await history.accounts('- { name: other, stop: true }').replay({ states: ['dead'] });
    expect(gone.skipped).toMatchObject([{ code: 'no-route' }]);
    const narrowed = await history.accounts(ROUTE.replace('dm:', 'when: "false", dm:')).replay({ states: ['dead'] });
    expect(narrowed.skipped).toMatchObject([{ code: 'not-routed' }]);
  });
});

describe('an event that is too much work', () => {
  const RULES = `
slack: { token: xoxb-1 }
delivery: { per_channel: { per_second: 100, burst: 100 }, merge: { when_waiting: 2, max_lines: 60 } }
routes:
  - { name: loops, post: { channel: "#c", template: t } }
  - { name: condition, when: 'event.payload.data.list.exists(a, event.payload.data.list.exists(b, a + "x" == b))', post: { channel: "#d", template: n } }
`;
  const LOOPS =
    '{{ event.payload.data.n }}{% for p in event.payload.data.list %}{% for q in event.payload.data.list %}{% endfor %}{% endfor %}';
  const list = Array.from({ length: 2000 }, (_, n) => `u${n}`);

  it('is dead with that reason, alone: the lane goes on, also where several go out together', async () => {
    const relay = await openRelay(RULES, { templates: { t: LOOPS, n: '{{ event.payload.data.n }}' } });
    await relay.send({ n: 1, list });
    await relay.send({ n: 2, list: [] });
    relay.slack.down = AWAY;
    for (const n of [3, 4, 5, 6]) await relay.send({ n, list: n === 4 ? list : [] });
    relay.slack.down = null;
    for (let minute = 0; minute < 5; minute++) await relay.clock.advance(60_000);
    const dead = await relay.journal.deliveries({ states: ['dead'], limit: 10 });
    expect(dead.map(({ route, target, reason }) => `${route} ${target.verb} ${reason?.code}`).toSorted()).toEqual([
      'condition none too_much_work',
      'condition none too_much_work',
      'loops post too_much_work',
      'loops post too_much_work',
    ]);
    const told = relay.slack.texts('#c').join('\n');
    expect([2, 3, 5, 6].filter((n) => !told.includes(String(n)))).toEqual([]);
    expect(await relay.journal.lanesWithWork()).toEqual([]);
    await relay.close();
  });
});
