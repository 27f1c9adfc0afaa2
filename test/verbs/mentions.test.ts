import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { person } from '../../src/core/absent.ts';
import type { Target } from '../../src/core/delivery.ts';
import type { Failure } from '../../src/core/outcome.ts';
import { makeEvent } from '../helpers/events.ts';
import { AWAY, LIMITED } from '../helpers/gateway.ts';
import { LANE, type LaneUnderTest, openLane, POST } from '../helpers/lane.ts';

const MENTION = { ...POST, template: 'mention' } as const satisfies Target;
const CROWD = { ...POST, template: 'crowd' } as const satisfies Target;
const MERGE = { merge: { whenWaiting: 3, maxLines: 10, template: null } };
const REFUSED: Failure = {
  kind: 'refused',
  scope: 'destination',
  reason: { code: 'missing_scope', detail: 'Add users:read.email.' },
};
const maria = person({ name: 'Maria', email: 'maria@example.com' });
const nobody = person({ name: 'Nemo', email: 'nobody@example.com' });

let lane: LaneUnderTest;

beforeEach(async () => {
  lane = await openLane();
});

afterEach(() => lane.close());

const lookups = () => lane.slack.calls.filter((call) => call.startsWith('lookup')).length;
const newest = async () => (await lane.journal.deliveries({ limit: 1 }))[0];

describe('a mention', () => {
  it('waits where Slack asks to, which costs no attempt', async () => {
    lane.slack.fail(...Array.from({ length: 5 }, () => LIMITED));
    await lane.accept(makeEvent({ id: 'e1', actor: maria }), MENTION);
    for (let n = 0; n < 5; n++) {
      expect(await lane.drain()).toBe(7000);
      expect(await newest()).toMatchObject({ state: 'pending', attempts: 0, reason: { code: 'ratelimited' } });
      await lane.clock.advance(7000);
    }
    await lane.drain();
    expect(lane.slack.texts()).toEqual(['mention e1 UMARIA']);
  });

  it('waits a few attempts where Slack cannot be reached, and then is the name', async () => {
    lane.slack.fail(AWAY, AWAY, AWAY, AWAY);
    await lane.accept(makeEvent({ id: 'e1', actor: maria }), MENTION);
    await lane.drainAll();
    expect(lookups()).toBe(4);
    expect(lane.slack.texts()).toEqual(['mention e1 Maria']);
  });

  it.each([
    ['nobody in Slack', nobody, []],
    ['whom Slack may not tell', maria, [REFUSED]],
  ])('of %s is the name at once', async (_, actor, failures) => {
    lane.slack.fail(...failures);
    await lane.accept(makeEvent({ id: 'e1', actor }), MENTION);
    await lane.drain();
    expect(lane.slack.texts()).toEqual([`mention e1 ${actor.name}`]);
  });

  it('of many: Slack is asked for the first 50, also after a limit', async () => {
    const current = Array.from({ length: 1000 }, (_, n) => person({ name: `P${n}`, email: `p${n}@example.com` }));
    const assignees = { current, added: [], removed: [] };
    lane.slack.fail(LIMITED);
    await lane.accept(makeEvent({ id: 'e1', assignees }), CROWD);
    await lane.drainAll();
    // The limit stopped those that were under way with it.
    expect(lookups()).toBeLessThanOrEqual(54);
    const [, , ...shown] = lane.slack.texts()[0]?.split(' ') ?? [];
    expect(shown).toEqual(current.map(({ name }, n) => (n < 50 ? `UP${n}` : name)));
  });

  it('in a digest: all of it waits, and goes out together', async () => {
    for (const id of ['e1', 'e2', 'e3', 'e4']) {
      await lane.accept(makeEvent({ id, subject: null, actor: person({ email: `${id}@example.com` }) }), MENTION);
    }
    const work = lane.work(MERGE);
    lane.slack.fail(LIMITED);
    expect(await work.drain(LANE, () => false)).toBe(7000);
    expect(lookups()).toBe(1);
    await lane.clock.advance(7000);
    await work.drain(LANE, () => false);
    expect(lane.slack.postings).toHaveLength(1);
    expect(JSON.stringify(lane.slack.postings[0])).toMatch(/UE1.*UE2.*UE3.*UE4/);
    expect(await lane.journal.tally()).toMatchObject({ merged: 4 });
  });
});

describe('a replay', () => {
  it.each([
    ['dm', { verb: 'dm', to: nobody, template: 'chat' }, 'chat e1'],
    ['mention', MENTION, 'mention e1 UNOBODY'],
  ] as const)('asks anew for somebody who was added to Slack since: %s', async (_, target, text) => {
    const work = lane.work();
    await lane.accept(makeEvent({ id: 'e1', actor: nobody }), target, target);
    await work.drain(LANE, () => false);
    expect(lookups()).toBe(1);
    lane.slack.joined.add('nobody@example.com');
    await lane.clock.advance(60_000);
    const records = await lane.journal.deliveries({ limit: 2 });
    const dead = records.filter(({ state }) => state === 'dead').map(({ seq }) => seq);
    const again = { lane: LANE, route: 'route', target };
    const at = lane.clock.now();
    const eventSeq = records[0]?.eventSeq ?? 0;
    await lane.journal.replay({ eventSeq, at, deliveries: [again, again], replaces: dead });
    await work.drain(LANE, () => false);
    expect(lookups()).toBe(2);
    expect(lane.slack.texts().slice(-2)).toEqual([text, text]);
  });
});
