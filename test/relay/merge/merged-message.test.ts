import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Target } from '../../../src/core/delivery.ts';
import { refused } from '../../../src/core/outcome.ts';
import type { DeliveryRecord } from '../../../src/journal/contract.ts';
import type { Posting } from '../../../src/slack/gateway.ts';
import { makeEvent } from '../../helpers/events.ts';
import { AWAY, LIMITED, LOST } from '../../helpers/gateway.ts';
import { CARD, dying, type LaneUnderTest, openLane, POST, REPLY } from '../../helpers/lane.ts';

const MERGE = { merge: { whenWaiting: 3, maxLines: 10, template: null } };

let lane: LaneUnderTest;

beforeEach(async () => {
  lane = await openLane();
});

afterEach(() => lane.close());

async function backlog(count: number, target: Target = POST, from = 1): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, index) => `e${String(from + index).padStart(2, '0')}`);
  for (const id of ids) await lane.accept(makeEvent({ id, subject: null }), target);
  return ids;
}

/** The events that a message tells of: `chat e01`, in a digest or alone. */
function eventsIn({ message }: Posting): string[] {
  const text = message.blocksOnly ? JSON.stringify(message.blocks) : message.text;
  return [...text.matchAll(/(?:card|chat) (\w+)/g)].map(([, id = '']) => id);
}

const shown = () => lane.slack.standing.map(({ posting }) => eventsIn(posting));
const records = async (): Promise<DeliveryRecord[]> => (await lane.journal.deliveries({ limit: 100 })).toReversed();

describe('a backlog', () => {
  it('becomes one message, whose deliveries know where they went', async () => {
    const ids = await backlog(6);
    await lane.drainAll(MERGE);
    expect(shown()).toEqual([ids]);
    const ended = await records();
    expect(new Set(ended.map(({ state, placement }) => `${state} ${placement?.ts}`))).toEqual(new Set(['merged 1.0']));
    await lane.accept(makeEvent({ id: 'e07', subject: null }), POST);
    await lane.drainAll(MERGE);
    expect(shown()).toEqual([ids, ['e07']]);
  });

  it('in digests of max_lines, in order', async () => {
    const ids = await backlog(24);
    await lane.drainAll(MERGE);
    expect(shown()).toEqual([ids.slice(0, 10), ids.slice(10, 20), ids.slice(20)]);
  });

  it('says how many, from when to when, and links', async () => {
    await lane.accept(makeEvent({ id: 'e01', action: { ...makeEvent().action, url: 'https://alo.example/1' } }), POST);
    await lane.clock.advance(60_000);
    await backlog(3, POST, 2);
    await lane.drainAll(MERGE);
    const blocks = JSON.stringify(lane.slack.standing[0]?.posting.message.blocks);
    expect(blocks).toContain('*4 messages* <!date^1772442000^');
    expect(blocks).toContain('<!date^1772442060^');
    expect(blocks).toContain('• chat e01 <https://alo.example/1|↗>');
    expect(blocks).toContain('*route*');
  });

  it('has a line for a mark whose card is a line, too', async () => {
    const event = (id: string) => makeEvent({ id, action: { ...makeEvent().action, title: 'a < b' } });
    for (const target of [CARD, { verb: 'react', channel: '#a', emoji: 'tada' }, { verb: 'pin', channel: '#a' }]) {
      await lane.accept(event('e01'), target);
    }
    await lane.accept(event('e02'), POST);
    await lane.drainAll(MERGE);
    const blocks = JSON.stringify(lane.slack.standing[0]?.posting.message.blocks);
    expect(blocks).toContain('• :tada: a &lt; b');
    expect(blocks).toContain('• :pushpin: a &lt; b');
  });

  it('of one card makes the newest update, and joins the replies of one thread', async () => {
    await lane.accept(makeEvent({ id: 'e01' }), CARD);
    await lane.drainAll(MERGE);
    for (const id of ['e02', 'e03', 'e04']) await lane.accept(makeEvent({ id }), CARD, REPLY);
    await lane.drainAll(MERGE);
    expect(lane.slack.calls).toEqual([
      'post #a card e01',
      'update Ca/1.0 card e04',
      'post Ca/1.0 chat e02\n\nchat e03\n\nchat e04',
    ]);
    expect(await lane.journal.tally()).toMatchObject({ sent: 2, superseded: 2, merged: 3 });
  });

  it.each(['fine', 'answer lost'] as const)(
    'of replies whose thread is gone is one message in the channel, and the next one a new thread: %s',
    async (mishap) => {
      await lane.accept(makeEvent({ id: 'e01' }), CARD);
      await lane.drainAll(MERGE);
      lane.slack.gone.add('1.0');
      for (const id of ['e02', 'e03', 'e04', 'e05']) await lane.accept(makeEvent({ id }), REPLY);
      if (mishap === 'answer lost') lane.slack.fail(mishap);
      await lane.drainAll(MERGE);
      await lane.accept(makeEvent({ id: 'e06' }), REPLY);
      await lane.drainAll(MERGE);
      expect(lane.slack.texts()).toEqual([
        'card e01',
        'chat e02\n\nchat e03\n\nchat e04\n\nchat e05',
        'root e06',
        'chat e06',
      ]);
      expect((await records())[1]).toMatchObject({ state: 'merged', reason: { code: 'outside_thread' } });
      expect(await lane.journal.tally()).toMatchObject({ merged: 4, sent: 2 });
    },
  );

  it('is planned anew where the card that it counted on is refused: nothing is overtaken', async () => {
    lane.slack.fail(LOST, refused('destination', 'restricted_action', 'Not there.'));
    await lane.accept(makeEvent({ id: 'e01', subject: 's' }), CARD);
    await lane.drain(MERGE);
    for (const [id, target] of [
      ['e02', POST],
      ['e03', CARD],
      ['e04', POST],
      ['e05', POST],
    ] as const) {
      await lane.accept(makeEvent({ id, subject: target === CARD ? 's' : null }), target);
    }
    await lane.drainAll(MERGE);
    expect(shown()).toEqual([['e02', 'e03', 'e04', 'e05']]);
    expect((await records()).map(({ state }) => state)).toEqual(['dead', 'merged', 'merged', 'merged', 'merged']);
  });

  it('with one that cannot be rendered ends that one, and tells the others', async () => {
    await backlog(2);
    await lane.accept(makeEvent({ id: 'bad', subject: null }), { ...POST, template: 'broken' });
    await backlog(3, POST, 3);
    await lane.drainAll(MERGE);
    expect(shown().flat()).toEqual(['e01', 'e02', 'e03', 'e04', 'e05']);
    expect(await lane.journal.tally()).toMatchObject({ dead: 1 });
  });
});

describe('a digest', () => {
  it('whose answer got lost is found, for all of its deliveries', async () => {
    const ids = await backlog(5);
    lane.slack.fail('answer lost');
    await lane.drainAll(MERGE);
    expect(shown()).toEqual([ids]);
    expect(lane.slack.calls.filter((call) => call === 'find Ca')).toHaveLength(1);
    expect(await lane.journal.tally()).toMatchObject({ merged: 5 });
  });

  it('that did not arrive is looked for, and sent again as it was, with what came meanwhile behind it', async () => {
    const ids = await backlog(5);
    lane.slack.fail(LOST);
    const wait = await lane.drain(MERGE);
    const later = await backlog(2, POST, 6);
    await lane.clock.advance(wait ?? 0);
    await lane.drainAll(MERGE);
    expect(shown()).toEqual([ids, ...later.map((id) => [id])]);
    expect(lane.slack.calls.filter((call) => call === 'find Ca')).toHaveLength(3);
  });

  it('is found after the process died in the middle of it', async () => {
    const ids = await backlog(5);
    await expect(lane.drain({ ...MERGE, journal: dying(lane.journal) })).rejects.toThrow('killed');
    await lane.drainAll(MERGE);
    expect(shown()).toEqual([ids]);
    expect(await lane.journal.tally()).toMatchObject({ merged: 5 });
  });

  it('is found whole, however much was released in front of it', async () => {
    const held = await Promise.all(
      Array.from({ length: 249 }, (_, n) => lane.accept(makeEvent({ id: `h${n}` }), POST)),
    );
    const now = lane.clock.now();
    await Promise.all(held.map((_, index) => lane.journal.hold(index + 1, now + 1, now)));
    const ids = await backlog(5);
    lane.slack.fail('answer lost');
    await lane.drain(MERGE);
    await lane.journal.release(now + 1);
    await lane.drainAll(MERGE);
    expect(shown().filter((told) => told.some((id) => ids.includes(id)))).toEqual([ids]);
    expect(await lane.journal.tally()).toMatchObject({ merged: 254, pending: 0 });
  });

  it('that Slack refuses goes singly, also after a pause', async () => {
    const ids = await backlog(5);
    lane.slack.fail(refused('payload', 'invalid_blocks', ''), AWAY);
    await lane.drainAll(MERGE);
    expect(shown()).toEqual(ids.map((id) => [id]));
    expect(await lane.journal.tally()).toMatchObject({ sent: 5, dead: 0 });
  });

  it('to a channel that is gone is dead, each with the reason', async () => {
    await backlog(5);
    lane.slack.fail(refused('destination', 'is_archived', 'Archived.'));
    await lane.drainAll(MERGE);
    expect(await lane.journal.tally()).toMatchObject({ dead: 5 });
    expect((await records()).every(({ reason }) => reason?.code === 'is_archived')).toBe(true);
  });

  it('that is limited costs nobody an attempt, and takes along what came meanwhile', async () => {
    const ids = await backlog(5);
    lane.slack.fail(LIMITED);
    await lane.drain(MERGE);
    expect((await records()).map(({ attempts }) => attempts)).toEqual([0, 0, 0, 0, 0]);
    const later = await backlog(2, POST, 6);
    await lane.clock.advance(7000);
    await lane.drainAll(MERGE);
    expect(shown()).toEqual([[...ids, ...later]]);
  });

  it('that is not to be found is parked with all of its deliveries, where the config says hold', async () => {
    await backlog(5);
    lane.slack.fail(LOST);
    await lane.drainAll({ ...MERGE, unknownOutcome: 'hold' });
    expect(await lane.journal.tally()).toMatchObject({ parked: 5 });
  });
});

describe('the newest update of a card', () => {
  it.each(['answer lost', 'died'] as const)('%s: nothing older is shown after it', async (mishap) => {
    const at = (n: number) => new Date(Date.parse('2026-03-02T09:00:00Z') + n * 60_000).toISOString();
    const accept = (n: number) => lane.accept(makeEvent({ id: `e0${n}`, occurred_at: at(n) }), CARD);
    await accept(1);
    await lane.drainAll(MERGE);
    for (const n of [2, 3, 4, 5, 6]) await accept(n);
    if (mishap === 'died') await lane.drain({ ...MERGE, journal: dying(lane.journal) }).catch(() => 0);
    else lane.slack.fail('answer lost');
    await accept(7);
    await lane.drainAll(MERGE);
    const updates = lane.slack.calls.filter((call) => call.startsWith('update')).map((call) => call.slice(-3));
    expect(updates).toEqual(updates.toSorted());
    expect(updates.at(-1)).toBe('e07');
    expect(await lane.journal.tally()).toMatchObject({ pending: 0, sending: 0, dead: 0 });
  });
});

describe('whatever comes, and whatever Slack and the machine do', () => {
  const targets: readonly Target[] = [POST, CARD, REPLY, { ...POST, template: 'broken' }];
  const trouble = fc.constantFrom('fine', 'answer lost', 'lost', 'limited', 'away', 'died', 'refused', 'archived');
  const arrival = fc.record({ target: fc.nat(3), subject: fc.nat(2) });
  const act = fc.oneof({ weight: 3, arbitrary: arrival }, { weight: 1, arbitrary: fc.record({ trouble }) });

  it('every delivery is in exactly one message, or listed, and posts are in order', { timeout: 120_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(act, { minLength: 4, maxLength: 40 }), async (acts) => {
        lane = await openLane();
        try {
          for (const [index, act] of acts.entries()) {
            if ('trouble' in act) {
              await suffer(act.trouble);
              continue;
            }
            const id = `n${String(index).padStart(2, '0')}`;
            const target = targets[act.target] ?? POST;
            const subject = target.verb === 'post' ? null : `s${act.subject}`;
            await lane.accept(makeEvent({ id, subject }), target);
          }
          await lane.drainAll(MERGE);
          const ended = await records();
          expect(ended.filter(({ state }) => state === 'pending' || state === 'sending')).toEqual([]);
          const times = new Map<string, number>();
          for (const id of shown().flat()) times.set(id, (times.get(id) ?? 0) + 1);
          for (const { state, event, target } of ended) {
            const updated =
              target.verb === 'card' &&
              lane.slack.calls.some((call) => call === `update ${call.split(' ')[1]} card ${event.id}`);
            const expected = state === 'merged' || (state === 'sent' && !updated) ? 1 : 0;
            expect([event.id, state, times.get(event.id) ?? 0]).toEqual([event.id, state, expected]);
          }
          const posts = ended.filter(({ target, state }) => target.verb === 'post' && state !== 'dead');
          const order = shown()
            .flat()
            .filter((id) => posts.some(({ event }) => event.id === id));
          expect(order).toEqual(order.toSorted());
        } finally {
          await lane.close();
        }
      }),
      { numRuns: 150 },
    );
    lane = await openLane();
  });
});

async function suffer(trouble: string): Promise<void> {
  if (trouble === 'answer lost') lane.slack.fail('answer lost');
  if (trouble === 'lost') lane.slack.fail(LOST);
  if (trouble === 'limited') lane.slack.fail(LIMITED);
  if (trouble === 'away') lane.slack.fail(AWAY);
  if (trouble === 'refused') lane.slack.fail(refused('payload', 'invalid_blocks', ''));
  if (trouble === 'archived') lane.slack.fail(refused('destination', 'is_archived', ''));
  const died = trouble === 'died' ? { journal: dying(lane.journal) } : {};
  const wait = await lane.drain({ ...MERGE, ...died }).catch(() => 0);
  await lane.clock.advance(wait ?? 0);
}
