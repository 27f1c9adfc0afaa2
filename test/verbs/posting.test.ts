import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { refused } from '../../src/core/outcome.ts';
import { makeEvent } from '../helpers/events.ts';
import { AWAY, LIMITED, LOST } from '../helpers/gateway.ts';
import { CARD, dying, LANE, type LaneUnderTest, lost, openLane, POST, REPLY } from '../helpers/lane.ts';

let lane: LaneUnderTest;

beforeEach(async () => {
  lane = await openLane();
});

afterEach(() => lane.close());

const NO_SCOPE = refused('destination', 'missing_scope', 'Add channels:history.');

describe('a lane that was lost to another instance', () => {
  it.each([
    ['a message', 'pending', POST],
    ['a card', 'pending', CARD],
    ['a card in doubt', 'sending', CARD],
  ] as const)('changes nothing in Slack any more: %s', async (_, state, target) => {
    await lane.accept(makeEvent({ id: 'e1' }), CARD);
    await lane.drainAll();
    await lane.accept(makeEvent({ id: 'e2' }), target);
    const [queued] = await lane.journal.next(LANE, 1);
    if (queued === undefined) throw new Error('one is queued');
    if (state === 'sending') await lane.journal.markSending([queued.seq], lane.clock.now());
    const before = lane.slack.calls.length;
    await expect(lane.drain({ journal: lost(lane.journal) })).rejects.toThrow('lane that another one runs');
    expect(lane.slack.calls.slice(before)).toEqual([]);
  });
});

describe('a message whose answer got lost', () => {
  it('is found at once, and not sent again', async () => {
    lane.slack.fail('answer lost');
    await lane.accept(makeEvent({ id: 'e1' }), POST);
    await lane.accept(makeEvent({ id: 'e2' }), POST);
    await lane.drainAll();
    expect(lane.slack.calls).toEqual(['post #a chat e1', 'find Ca', 'post #a chat e2']);
    const [, first] = await lane.journal.deliveries({ limit: 2 });
    expect(first).toMatchObject({ state: 'sent', placement: { ts: '1.0' }, reason: { code: 'found_in_slack' } });
  });

  it('that did not arrive is looked for three times within 5 s, and then sent again', async () => {
    lane.slack.fail(LOST);
    await lane.accept(makeEvent({ id: 'e1' }), POST);
    const before = lane.clock.monotonic();
    await lane.drainAll();
    expect(lane.slack.calls).toEqual(['post #a chat e1', 'find Ca', 'find Ca', 'find Ca', 'post #a chat e1']);
    expect(lane.clock.monotonic() - before).toBeLessThan(5_100);
    expect(lane.slack.texts()).toEqual(['chat e1']);
  });

  it('and that Slack shows late is found when it is shown', async () => {
    lane.slack.lag = 2;
    lane.slack.fail('answer lost');
    await lane.accept(makeEvent({ id: 'e1' }), POST);
    await lane.drainAll();
    expect(lane.slack.calls).toEqual(['post #a chat e1', 'find Ca', 'find Ca', 'find Ca']);
    expect(lane.lifted).toEqual(['#a lookup', '#a lookup', '#a lookup']);
  });

  it('keeps its doubt over a limit and an outage, and is looked for before each new attempt', async () => {
    lane.slack.fail(LOST, LIMITED, AWAY, 'answer lost');
    await lane.accept(makeEvent({ id: 'e1' }), POST);
    await lane.drainAll();
    const post = 'post #a chat e1';
    expect(lane.slack.calls.filter((call) => call === post)).toHaveLength(4);
    for (const [index, call] of lane.slack.calls.entries()) {
      if (index > 0 && call === post) expect(lane.slack.calls[index - 1]).toBe('find Ca');
    }
    expect(lane.slack.texts()).toEqual(['chat e1']);
  });

  it('is parked where the config says hold, and the lane goes on', async () => {
    lane.slack.fail(LOST);
    await lane.accept(makeEvent({ id: 'e1' }), POST);
    await lane.accept(makeEvent({ id: 'e2' }), POST);
    await lane.drainAll({ unknownOutcome: 'hold' });
    expect(lane.slack.texts()).toEqual(['chat e2']);
    const [parked] = await lane.journal.deliveries({ states: ['parked'], limit: 9 });
    expect(parked?.reason).toMatchObject({ code: 'unknown_outcome' });
    expect(lane.listed()).toBe(1);
  });

  it.each([
    { unknownOutcome: 'resend' as const, there: ['chat e1', 'chat e1'], tally: { sent: 1, parked: 0 } },
    { unknownOutcome: 'hold' as const, there: ['chat e1'], tally: { sent: 0, parked: 1 } },
  ])(
    'where Slack does not let us look, the config decides: $unknownOutcome',
    async ({ unknownOutcome, there, tally }) => {
      lane.slack.fail('answer lost');
      lane.slack.blind(NO_SCOPE, NO_SCOPE);
      await lane.accept(makeEvent({ id: 'e1' }), POST);
      await lane.drainAll({ unknownOutcome });
      expect(lane.slack.texts()).toEqual(there);
      expect(lane.cannotLook.map(({ code }) => code)).toEqual(['missing_scope']);
      expect(lane.lifted).toEqual(unknownOutcome === 'resend' ? ['#a message'] : []);
      expect(await lane.journal.tally()).toMatchObject(tally);
    },
  );

  it('that is given up is parked, for it may have arrived', async () => {
    await lane.accept(makeEvent({ id: 'e1' }), POST);
    await lane.clock.advance(3_600_000);
    lane.slack.fail(LOST, LOST, LOST);
    await lane.drainAll();
    expect(await lane.journal.tally()).toMatchObject({ parked: 1, dead: 0 });
  });
});

describe('a process that died in the middle of a call', () => {
  it.each([
    ['post', POST, ['chat e1']],
    ['card', CARD, ['card e1']],
    ['reply with its root', REPLY, ['root e1', 'chat e1']],
  ])('sends its %s once', async (_, target, there) => {
    await lane.accept(makeEvent({ id: 'e1' }), target);
    await expect(lane.drain({ journal: dying(lane.journal) })).rejects.toThrow('killed');
    await lane.drainAll();
    expect(lane.slack.texts()).toEqual(there);
    expect(await lane.journal.tally()).toMatchObject({ sent: 1 });
  });

  it('finds a root that it posted, and goes on with its reply', async () => {
    lane.slack.fail('answer lost');
    await lane.accept(makeEvent({ id: 'e1' }), REPLY);
    await lane.drainAll();
    expect(lane.slack.texts()).toEqual(['root e1', 'chat e1']);
    expect(lane.slack.standing[1]?.posting.thread?.ts).toBe('1.0');
  });

  it('repeats an update without looking', async () => {
    await lane.accept(makeEvent({ id: 'e1' }), CARD);
    await lane.drainAll();
    await lane.accept(makeEvent({ id: 'e2' }), CARD);
    await expect(lane.drain({ journal: dying(lane.journal) })).rejects.toThrow('killed');
    await lane.drainAll();
    expect(lane.slack.calls).toEqual(['post #a card e1', 'update Ca/1.0 card e2', 'update Ca/1.0 card e2']);
  });
});

describe('whatever Slack and the machine do', () => {
  const targets = [POST, CARD, REPLY] as const;
  const trouble = fc.constantFrom('fine', 'answer lost', 'lost', 'limited', 'away', 'died', 'lag', 'refused');

  it('every message stands in Slack once or is listed, and all are in order', { timeout: 120_000 }, async () => {
    const scenario = fc.array(fc.record({ target: fc.nat(2), trouble }), { minLength: 1, maxLength: 12 });
    await fc.assert(
      fc.asyncProperty(scenario, async (events) => {
        const lane = await openLane();
        try {
          for (const [index, { target }] of events.entries()) {
            const id = String(index).padStart(2, '0');
            await lane.accept(makeEvent({ id, subject: `s${index}` }), targets[target] ?? POST);
          }
          // One that lasts longer than the looks is a known limit, so it comes once.
          const late = events.findIndex(({ trouble }) => trouble === 'lag');
          for (const [index, { trouble }] of events.entries()) {
            await suffer(lane, trouble === 'lag' && index !== late ? 'fine' : trouble);
          }
          await lane.drainAll();
          const { sent, dead, pending, sending } = await lane.journal.tally();
          expect([sent + dead, pending, sending]).toEqual([events.length, 0, 0]);
          const seen = lane.slack.texts();
          expect(new Set(seen).size).toBe(seen.length);
          const own = seen.filter((text) => !text.startsWith('root')).map((text) => text.slice(-2));
          expect(own).toEqual(own.toSorted());
          expect(own).toHaveLength(sent);
        } finally {
          await lane.close();
        }
      }),
      { numRuns: 100 },
    );
  });
});

async function suffer(lane: LaneUnderTest, trouble: string): Promise<void> {
  if (trouble === 'lag') lane.slack.lag = 2;
  if (trouble === 'answer lost') lane.slack.fail('answer lost');
  if (trouble === 'lost') lane.slack.fail(LOST);
  if (trouble === 'limited') lane.slack.fail(LIMITED);
  if (trouble === 'away') lane.slack.fail(AWAY);
  if (trouble === 'refused') lane.slack.fail(refused('payload', 'msg_too_long', ''));
  const died = trouble === 'died';
  const wait = await lane.drain(died ? { journal: dying(lane.journal) } : {}).catch(() => 0);
  await lane.clock.advance(wait ?? 0);
}
