import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { person } from '../../src/core/absent.ts';
import type { Target } from '../../src/core/delivery.ts';
import type { Person } from '../../src/core/event.ts';
import { refused } from '../../src/core/outcome.ts';
import { makeEvent } from '../helpers/events.ts';
import { AWAY, LIMITED } from '../helpers/gateway.ts';
import { CARD, dying, LANE, type LaneUnderTest, openLane, POST, REPLY } from '../helpers/lane.ts';

let lane: LaneUnderTest;

beforeEach(async () => {
  lane = await openLane();
});

afterEach(() => lane.close());

describe('card', () => {
  it('is posted once, then updated in place', async () => {
    await lane.accept(makeEvent({ id: 'e1' }), CARD);
    await lane.accept(makeEvent({ id: 'e2' }), CARD);
    expect(await lane.drain()).toBeNull();
    expect(lane.slack.calls).toEqual(['post #a card e1', 'update Ca/1.0 card e2']);
    expect(await lane.journal.tally()).toMatchObject({ sent: 2, pending: 0 });
  });

  it('never goes back: what happened earlier leaves it as it is', async () => {
    await lane.accept(makeEvent({ id: 'new', occurred_at: '2026-03-02T10:00:00Z' }), CARD);
    await lane.accept(makeEvent({ id: 'old', occurred_at: '2026-03-02T09:00:00Z' }), CARD, REPLY);
    await lane.drain();
    expect(lane.slack.calls).toEqual(['post #a card new', 'post Ca/1.0 chat old']);
    expect(await lane.journal.tally()).toMatchObject({ sent: 2, superseded: 1 });
  });

  it('is posted anew when its message is gone, and its thread goes on there', async () => {
    await lane.accept(makeEvent({ id: 'e1' }), CARD);
    await lane.drain();
    lane.slack.fail(refused('payload', 'message_not_found', ''));
    await lane.accept(makeEvent({ id: 'e2' }), CARD, REPLY);
    await lane.drain();
    expect(lane.slack.calls.slice(1)).toEqual(['update Ca/1.0 card e2', 'post #a card e2', 'post Ca/2.0 chat e2']);
  });

  it.each(['message_not_found', 'cant_update_message', 'edit_window_closed', 'block_mismatch'])(
    'that Slack does not update (%s) is posted anew with its blocks, and shown from then on',
    async (code) => {
      const withBlocks = { ...CARD, template: 'blocks' };
      await lane.accept(makeEvent({ id: 'e1' }), withBlocks);
      await lane.drain();
      lane.slack.fail(refused('payload', code, ''));
      await lane.accept(makeEvent({ id: 'e2' }), withBlocks);
      await lane.accept(makeEvent({ id: 'e3' }), withBlocks);
      await lane.drain();
      expect(lane.slack.calls.slice(1)).toEqual([
        'update Ca/1.0 blocks e2',
        'post #a blocks e2',
        'update Ca/2.0 blocks e3',
      ]);
      expect(lane.slack.postings.map(({ message }) => message.blocks?.length)).toEqual([1, 1]);
      expect(await lane.journal.tally()).toMatchObject({ sent: 3, dead: 0 });
    },
  );

  it('without a subject is a message of its own each time', async () => {
    await lane.accept(makeEvent({ id: 'e1', subject: null }), CARD, REPLY);
    await lane.accept(makeEvent({ id: 'e2', subject: null }), CARD);
    await lane.drain();
    expect(lane.slack.calls).toEqual(['post #a card e1', 'post #a chat e1', 'post #a card e2']);
  });

  it('is one a source, a subject and a channel', async () => {
    await lane.accept(makeEvent({ id: 'e1' }), CARD, { ...CARD, channel: '#b' });
    await lane.accept(makeEvent({ id: 'e2', source: 'allo' }), CARD);
    await lane.accept(makeEvent({ id: 'e3', subject: 'act_2' }), CARD);
    await lane.drain();
    expect(lane.slack.calls).toEqual(['post #a card e1', 'post #b card e1', 'post #a card e2', 'post #a card e3']);
  });
});

describe('reply', () => {
  it.each([
    ['singly', null],
    ['merged', { whenWaiting: 0, maxLines: 60, template: null }],
  ])(
    'whose root may be in Slack comes before one that was released since, %s: a subject has one root',
    async (_, merge) => {
      await lane.accept(makeEvent({ id: 'e1' }), REPLY);
      const [held] = await lane.journal.next(LANE, 1);
      await lane.journal.hold(held!.seq, lane.clock.now() + 1000, lane.clock.now());
      await lane.accept(makeEvent({ id: 'e2' }), REPLY);
      lane.slack.fail('answer lost');
      // Slack's history lags, too.
      lane.slack.lag = 1;
      expect(await lane.drain({ merge })).toBeGreaterThan(0);
      await lane.clock.advance(1000);
      expect((await lane.journal.release(lane.clock.now())).lanes).toEqual([LANE]);
      await lane.drainAll({ merge });
      expect(lane.slack.texts()).toEqual(['root e2', 'chat e2', 'chat e1']);
      expect(await lane.journal.tally()).toMatchObject({ pending: 0, held: 0, dead: 0 });
    },
  );

  it('before any card posts a root, which the card then turns into', async () => {
    await lane.accept(makeEvent({ id: 'e1' }), REPLY);
    await lane.accept(makeEvent({ id: 'e2', occurred_at: '2026-03-02T08:00:00Z' }), CARD);
    await lane.accept(makeEvent({ id: 'e3' }), { ...REPLY, broadcast: true });
    await lane.drain();
    expect(lane.slack.calls).toEqual([
      'post #a root e1',
      'post Ca/1.0 chat e1',
      'update Ca/1.0 card e2',
      'post Ca/1.0 chat e3',
    ]);
    expect(lane.slack.postings.map(({ thread }) => thread?.broadcast)).toEqual([undefined, false, true]);
  });

  it('a root is not posted twice when the reply fails after it', async () => {
    lane.slack.fail(AWAY);
    await lane.accept(makeEvent({ id: 'e1' }), CARD);
    const waitMs = await lane.drain();
    await lane.clock.advance(waitMs ?? 0);
    await lane.accept(makeEvent({ id: 'e2', subject: 'other' }), REPLY);
    await lane.drain();
    expect(lane.slack.calls).toEqual(['post #a card e1', 'post #a card e1', 'post #a root e2', 'post Ca/2.0 chat e2']);
  });

  it('whose parent is gone starts the thread anew', async () => {
    await lane.accept(makeEvent({ id: 'e1' }), CARD);
    await lane.drain();
    lane.slack.fail(refused('destination', 'thread_not_found', ''));
    await lane.accept(makeEvent({ id: 'e2' }), REPLY);
    await lane.accept(makeEvent({ id: 'e3' }), REPLY);
    await lane.drain();
    expect(lane.slack.calls.slice(1)).toEqual([
      'post Ca/1.0 chat e2',
      'post #a root e2',
      'post Ca/2.0 chat e2',
      'post Ca/2.0 chat e3',
    ]);
  });
});

describe('a reply that Slack shows in the channel, because its thread is gone', () => {
  const astray = { state: 'sent', placement: { ts: '2.0' }, reason: { code: 'outside_thread' } };
  const records = async () => (await lane.journal.deliveries({ limit: 9 })).toReversed();

  beforeEach(async () => {
    await lane.accept(makeEvent({ id: 'e1' }), CARD);
    await lane.drain();
    lane.slack.gone.add('1.0');
  });

  it('is sent once, and the next one starts a new thread', async () => {
    for (const id of ['e2', 'e3', 'e4']) await lane.accept(makeEvent({ id }), REPLY);
    await lane.drain();
    expect(lane.slack.calls.slice(1)).toEqual([
      'post Ca/1.0 chat e2',
      'post #a root e3',
      'post Ca/3.0 chat e3',
      'post Ca/3.0 chat e4',
    ]);
    expect((await records())[1]).toMatchObject(astray);
    expect(await lane.journal.tally()).toMatchObject({ sent: 4, dead: 0 });
  });

  it.each(['answer lost', 'died'] as const)('is found there, %s, and not sent again', async (mishap) => {
    if (mishap === 'answer lost') lane.slack.fail('answer lost');
    await lane.accept(makeEvent({ id: 'e2' }), REPLY);
    if (mishap === 'died') await lane.drain({ journal: dying(lane.journal) }).catch(() => 0);
    await lane.accept(makeEvent({ id: 'e3' }), REPLY);
    await lane.drainAll();
    expect(lane.slack.texts()).toEqual(['card e1', 'chat e2', 'root e3', 'chat e3']);
    expect((await records())[1]).toMatchObject(astray);
  });

  it('and the next card is posted anew', async () => {
    await lane.accept(makeEvent({ id: 'e2' }), REPLY);
    await lane.accept(makeEvent({ id: 'e3' }), CARD, REPLY);
    await lane.drain();
    expect(lane.slack.calls.slice(1)).toEqual(['post Ca/1.0 chat e2', 'post #a card e3', 'post Ca/3.0 chat e3']);
  });
});

describe('dm', () => {
  const dm = (to: Person): Target => ({
    verb: 'dm',
    to,
    template: 'chat',
  });

  it('looks the person up once, and opens the conversation', async () => {
    await lane.accept(makeEvent({ id: 'e1' }), dm(person({ email: 'maria@example.com' })));
    await lane.accept(makeEvent({ id: 'e2' }), dm(person({ id: 'u17' })));
    await lane.drain();
    expect(lane.slack.calls).toEqual([
      'lookup maria@example.com',
      'open UMARIA',
      'post DUMARIA chat e1',
      'open U00000017',
      'post DU00000017 chat e2',
    ]);
  });

  it('to someone without a Slack user is dead, with its reason, and holds up nobody', async () => {
    await lane.accept(makeEvent({ id: 'e1' }), dm(person({ email: 'nobody@example.com' })), CARD);
    expect(await lane.drain()).toBeNull();
    expect(await lane.journal.tally()).toMatchObject({ dead: 1, sent: 1 });
  });
});

describe.each([
  [{ verb: 'react', channel: '#a', emoji: 'tada' }, 'react Ca/1.0 tada'],
  [{ verb: 'pin', channel: '#a' }, 'pins Ca/1.0'],
])('%j', (mark: Target, call) => {
  it('marks the card; without one it is dead', async () => {
    await lane.accept(makeEvent({ id: 'e0', subject: 'other' }), mark);
    await lane.accept(makeEvent({ id: 'e1' }), CARD, mark);
    await lane.drain();
    expect(lane.slack.calls).toEqual(['post #a card e1', call]);
    expect(await lane.journal.tally()).toMatchObject({ dead: 1, sent: 2 });
  });

  it('of a card that was deleted is dead, and says so', async () => {
    await lane.accept(makeEvent({ id: 'e1' }), CARD);
    await lane.drain();
    lane.slack.fail(refused('destination', 'message_not_found', 'The message is gone.'));
    await lane.accept(makeEvent({ id: 'e2' }), mark);
    await lane.drain();
    const [marked] = await lane.journal.deliveries({ limit: 1 });
    expect(marked).toMatchObject({ state: 'dead', reason: { code: 'message_not_found' } });
  });
});

it('a verb that a newer version planned is dead, and holds up nobody', async () => {
  await lane.accept(makeEvent({ id: 'e1' }), { verb: 'sing', channel: '#a' }, POST);
  expect(await lane.drain()).toBeNull();
  expect(await lane.journal.tally()).toMatchObject({ dead: 1, sent: 1 });
});

describe('the lane', () => {
  it('keeps order through retries: the first one holds back the rest', async () => {
    lane.slack.fail(AWAY, AWAY);
    await lane.accept(makeEvent({ id: 'e1' }), POST);
    await lane.accept(makeEvent({ id: 'e2' }), POST);
    expect(await lane.drain()).toBe(500);
    expect(await lane.drain()).toBe(500);
    await lane.clock.advance(500);
    expect(await lane.drain()).toBe(1000);
    await lane.clock.advance(1000);
    expect(await lane.drain()).toBeNull();
    expect(lane.slack.calls).toEqual(['post #a chat e1', 'post #a chat e1', 'post #a chat e1', 'post #a chat e2']);
  });

  it('waits as long as Slack says, and that costs no attempt', async () => {
    lane.slack.fail(LIMITED);
    await lane.accept(makeEvent({ id: 'e1' }), POST);
    expect(await lane.drain()).toBe(7000);
    const [waiting] = await lane.journal.next(LANE, 1);
    expect(waiting).toMatchObject({ attempts: 0, doubt: null, dueAt: lane.clock.now() + 7000 });
  });

  it('gives up after the time set and three attempts, and goes on with the next', async () => {
    await lane.accept(makeEvent({ id: 'e1' }), POST);
    await lane.accept(makeEvent({ id: 'e2' }), POST);
    await lane.clock.advance(3_600_000);
    lane.slack.fail(AWAY, AWAY, AWAY);
    await lane.drainAll();
    expect(lane.slack.calls.map((call) => call.slice(-2))).toEqual(['e1', 'e1', 'e1', 'e2']);
    expect(await lane.journal.tally()).toMatchObject({ dead: 1, sent: 1 });
    expect(lane.listed()).toBe(1);
  });

  it('a refused credential loses nothing, however long it takes, and pauses the lane', async () => {
    await lane.accept(makeEvent({ id: 'e1' }), POST);
    await lane.clock.advance(48 * 3_600_000);
    lane.slack.fail(refused('credential', 'token_revoked', ''));
    lane.trouble = null;
    expect(await lane.drain()).toBe(1);
    lane.trouble = { code: 'token_revoked', detail: '' };
    expect(await lane.drain()).toBe(60_000);
    expect(lane.slack.calls).toHaveLength(1);
    lane.trouble = null;
    expect(await lane.drain()).toBeNull();
    expect(await lane.journal.tally()).toMatchObject({ dead: 0, sent: 1 });
  });

  it('a clock that was set back hours ago holds nothing up', async () => {
    lane.slack.fail(AWAY);
    await lane.accept(makeEvent({ id: 'e1' }), POST);
    await lane.drain();
    lane.clock.step(-6 * 3_600_000);
    expect(await lane.drain()).toBeNull();
    expect(await lane.journal.tally()).toMatchObject({ sent: 1 });
  });

  it.each(['gone', 'broken'])('a template that is %s ends one delivery, not the lane', async (template) => {
    await lane.accept(makeEvent({ id: 'e1' }), { ...POST, template }, POST);
    expect(await lane.drain()).toBeNull();
    expect(lane.slack.calls).toEqual(['post #a chat e1']);
    expect(await lane.journal.tally()).toMatchObject({ dead: 1, sent: 1 });
  });

  it('a message whose blocks Slack refuses goes as its text', async () => {
    lane.slack.fail(refused('payload', 'invalid_blocks', 'Unsupported.'));
    await lane.accept(makeEvent({ id: 'e1' }), { ...POST, template: 'blocks' });
    await lane.drain();
    expect(lane.slack.postings.map(({ message }) => message.blocks?.length)).toEqual([1, undefined]);
    expect(await lane.journal.tally()).toMatchObject({ sent: 1 });
  });

  it('an empty channel is dead, with its reason', async () => {
    await lane.accept(makeEvent(), { ...POST, channel: '#' }, { ...CARD, channel: '' });
    expect(await lane.drain()).toBeNull();
    expect(lane.slack.calls).toEqual([]);
    expect(await lane.journal.tally()).toMatchObject({ dead: 2 });
  });

  it('paces', async () => {
    for (let count = 0; count < 101; count++) await lane.accept(makeEvent(), POST);
    expect(await lane.drain({ perSecond: 1 })).toBe(1000);
    expect(lane.slack.calls).toHaveLength(100);
  });

  it('looks people up before it mentions them', async () => {
    const actor = person({ name: 'Maria', email: 'maria@example.com' });
    await lane.accept(makeEvent({ id: 'e1', actor }), { ...POST, template: 'mention' });
    await lane.drain();
    expect(lane.slack.calls).toEqual(['lookup maria@example.com', 'post #a mention e1 UMARIA']);
  });
});
