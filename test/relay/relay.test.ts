import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { person } from '../../src/core/absent.ts';
import type { Target } from '../../src/core/delivery.ts';
import type { RelayEvent } from '../../src/core/event.ts';
import { silentLogger } from '../../src/core/log.ts';
import { type Failure, refused } from '../../src/core/outcome.ts';
import type { Journal } from '../../src/journal/journal.ts';
import { openJournalInProcess } from '../../src/journal/open.ts';
import { createDeliver } from '../../src/relay/deliver.ts';
import { createLaneWork } from '../../src/relay/lane.ts';
import { createRender } from '../../src/relay/render.ts';
import { createPeople } from '../../src/slack/people.ts';
import type { MessageTemplate } from '../../src/templates/template.ts';
import { ManualClock } from '../helpers/clock.ts';
import { makeEvent } from '../helpers/events.ts';
import { ScriptedSlack } from '../helpers/gateway.ts';

const CARD: Target = { verb: 'card', channel: '#a', template: 'card' };
const REPLY: Target = { verb: 'reply', channel: '#a', template: 'chat', root: 'root', broadcast: false };

/** Templates that say their name, the event's id, and whom they mention. */
function template(name: string): [string, MessageTemplate] {
  return [
    name,
    {
      name,
      file: `${name}.yaml`,
      render(event, context) {
        if (name === 'broken') throw new Error('no such thing');
        const who = name === 'mention' ? ` ${context.mention(event.actor) ?? event.actor.name}` : '';
        const text = `${name} ${event.id}${who}`;
        return { text, summary: text, ...(name === 'blocks' && { blocks: [{ type: 'divider' }] }) };
      },
    },
  ];
}

const templates = new Map(['card', 'chat', 'root', 'mention', 'broken', 'blocks'].map(template));

let folder: string;
let journal: Journal;
let slack: ScriptedSlack;
let clock: ManualClock;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-'));
  journal = await openJournalInProcess(join(folder, 'relay.db'));
  slack = new ScriptedSlack();
  clock = new ManualClock();
});

afterEach(async () => {
  await journal.close();
  await rm(folder, { recursive: true });
});

let received = 0;

async function accept(event: RelayEvent, ...targets: Target[]): Promise<void> {
  const deliveries = targets.map((target) => ({ lane: 'lane', route: 'route', target, state: 'pending' as const }));
  const dedupe = { key: `${++received}`, keepUntil: clock.now() + 1000 };
  const body = Buffer.from(JSON.stringify(event.payload));
  const { payload: _, ...envelope } = event;
  await journal.accept({ event: envelope, body, dedupe, deliveries, receivedAt: clock.now() });
}

/** Drains the lane as the service would; gives the ms it wants to wait, or null. */
function drain(perSecond = 1000): Promise<number | null> {
  const people = createPeople({ map: new Map([['u17', 'U00000017']]), matchByEmail: true, gateway: slack, clock });
  const deliver = createDeliver({ gateway: slack, people, journal, render: createRender(templates, people) });
  const retry = { firstMs: 1000, maxMs: 60_000, giveUpAfterMs: 3_600_000 };
  const settings = { perChannel: { perSecond, burst: 100 }, retry };
  const health = { learn: () => {} };
  const parts = { journal, deliver, health, settings, clock, random: () => 0.5, log: silentLogger };
  return createLaneWork(parts).drain('lane', () => false);
}

const LIMITED: Failure = { kind: 'retry', limited: true, afterMs: 7000, reason: { code: 'ratelimited', detail: '' } };
const AWAY: Failure = { kind: 'retry', limited: false, reason: { code: 'connection_refused', detail: 'Away.' } };

describe('card', () => {
  it('is posted once, then updated in place', async () => {
    await accept(makeEvent({ id: 'e1' }), CARD);
    await accept(makeEvent({ id: 'e2' }), CARD);
    expect(await drain()).toBeNull();
    expect(slack.calls).toEqual(['post #a card e1', 'update Ca/1.0 card e2']);
    expect(await journal.tally()).toMatchObject({ sent: 2, pending: 0 });
  });

  it('never goes back: what happened earlier leaves it as it is', async () => {
    await accept(makeEvent({ id: 'new', occurred_at: '2026-03-02T10:00:00Z' }), CARD);
    await accept(makeEvent({ id: 'old', occurred_at: '2026-03-02T09:00:00Z' }), CARD, REPLY);
    await drain();
    expect(slack.calls).toEqual(['post #a card new', 'post Ca/1.0 chat old']);
    expect(await journal.tally()).toMatchObject({ sent: 2, superseded: 1 });
  });

  it('is posted anew when its message is gone, and its thread goes on there', async () => {
    await accept(makeEvent({ id: 'e1' }), CARD);
    await drain();
    slack.fail(refused('payload', 'message_not_found', ''));
    await accept(makeEvent({ id: 'e2' }), CARD, REPLY);
    await drain();
    expect(slack.calls.slice(1)).toEqual(['update Ca/1.0 card e2', 'post #a card e2', 'post Ca/2.0 chat e2']);
  });

  it('without a subject is a message of its own each time', async () => {
    await accept(makeEvent({ id: 'e1', subject: null }), CARD, REPLY);
    await accept(makeEvent({ id: 'e2', subject: null }), CARD);
    await drain();
    expect(slack.calls).toEqual(['post #a card e1', 'post #a chat e1', 'post #a card e2']);
  });

  it('is one a source, a subject and a channel', async () => {
    await accept(makeEvent({ id: 'e1' }), CARD, { ...CARD, channel: '#b' });
    await accept(makeEvent({ id: 'e2', source: 'allo' }), CARD);
    await accept(makeEvent({ id: 'e3', subject: 'act_2' }), CARD);
    await drain();
    expect(slack.calls).toEqual(['post #a card e1', 'post #b card e1', 'post #a card e2', 'post #a card e3']);
  });
});

describe('reply', () => {
  it('before any card posts a root, which the card then turns into', async () => {
    await accept(makeEvent({ id: 'e1' }), REPLY);
    await accept(makeEvent({ id: 'e2', occurred_at: '2026-03-02T08:00:00Z' }), CARD);
    await accept(makeEvent({ id: 'e3' }), { ...REPLY, broadcast: true });
    await drain();
    expect(slack.calls).toEqual([
      'post #a root e1',
      'post Ca/1.0 chat e1',
      'update Ca/1.0 card e2',
      'post Ca/1.0 chat e3',
    ]);
    expect(slack.postings.map(({ thread }) => thread?.broadcast)).toEqual([undefined, false, true]);
  });

  it('a root is not posted twice when the reply fails after it', async () => {
    slack.fail(AWAY);
    await accept(makeEvent({ id: 'e1' }), CARD);
    const waitMs = await drain();
    await clock.advance(waitMs ?? 0);
    await accept(makeEvent({ id: 'e2', subject: 'other' }), REPLY);
    await drain();
    expect(slack.calls).toEqual(['post #a card e1', 'post #a card e1', 'post #a root e2', 'post Ca/2.0 chat e2']);
  });

  it('whose parent is gone starts the thread anew', async () => {
    await accept(makeEvent({ id: 'e1' }), CARD);
    await drain();
    slack.fail(refused('destination', 'thread_not_found', ''));
    await accept(makeEvent({ id: 'e2' }), REPLY);
    await accept(makeEvent({ id: 'e3' }), REPLY);
    await drain();
    expect(slack.calls.slice(1)).toEqual([
      'post Ca/1.0 chat e2',
      'post #a root e2',
      'post Ca/2.0 chat e2',
      'post Ca/2.0 chat e3',
    ]);
  });
});

describe('dm', () => {
  const dm = (to: Target & { verb: 'dm' } extends { to: infer P } ? P : never): Target => ({
    verb: 'dm',
    to,
    template: 'chat',
  });

  it('looks the person up once, and opens the conversation', async () => {
    await accept(makeEvent({ id: 'e1' }), dm(person({ email: 'maria@example.com' })));
    await accept(makeEvent({ id: 'e2' }), dm(person({ id: 'u17' })));
    await drain();
    expect(slack.calls).toEqual([
      'lookup maria@example.com',
      'open UMARIA',
      'post DUMARIA chat e1',
      'open U00000017',
      'post DU00000017 chat e2',
    ]);
  });

  it('to someone without a Slack user is dead, with its reason, and holds up nobody', async () => {
    await accept(makeEvent({ id: 'e1' }), dm(person({ email: 'nobody@example.com' })), CARD);
    expect(await drain()).toBeNull();
    expect(await journal.tally()).toMatchObject({ dead: 1, sent: 1 });
  });
});

describe('react', () => {
  it('marks the card; without one it is dead', async () => {
    const react: Target = { verb: 'react', channel: '#a', emoji: 'tada' };
    await accept(makeEvent({ id: 'e0', subject: 'other' }), react);
    await accept(makeEvent({ id: 'e1' }), CARD, react);
    await drain();
    expect(slack.calls).toEqual(['post #a card e1', 'react Ca/1.0 tada']);
    expect(await journal.tally()).toMatchObject({ dead: 1, sent: 2 });
  });
});

describe('the lane', () => {
  const post: Target = { verb: 'post', channel: '#a', template: 'chat' };

  it('keeps order through retries: the first one holds back the rest', async () => {
    slack.fail(AWAY, AWAY);
    await accept(makeEvent({ id: 'e1' }), post);
    await accept(makeEvent({ id: 'e2' }), post);
    expect(await drain()).toBe(500);
    expect(await drain()).toBe(500);
    await clock.advance(500);
    expect(await drain()).toBe(1000);
    await clock.advance(1000);
    expect(await drain()).toBeNull();
    expect(slack.calls).toEqual(['post #a chat e1', 'post #a chat e1', 'post #a chat e1', 'post #a chat e2']);
  });

  it('waits as long as Slack says, and that costs no attempt', async () => {
    slack.fail(LIMITED);
    await accept(makeEvent({ id: 'e1' }), post);
    expect(await drain()).toBe(7000);
    const [waiting] = await journal.next('lane', 1);
    expect(waiting).toMatchObject({ attempts: 0, state: 'pending', dueAt: clock.now() + 7000 });
  });

  it('gives up after the time set, and goes on with the next', async () => {
    await accept(makeEvent({ id: 'e1' }), post);
    await accept(makeEvent({ id: 'e2' }), post);
    await clock.advance(3_600_000);
    slack.fail(AWAY);
    expect(await drain()).toBeNull();
    expect(slack.calls).toEqual(['post #a chat e1', 'post #a chat e2']);
    expect(await journal.tally()).toMatchObject({ dead: 1, sent: 1 });
  });

  it('a refused credential loses nothing, however long it takes', async () => {
    await accept(makeEvent({ id: 'e1' }), post);
    await clock.advance(48 * 3_600_000);
    slack.fail(refused('credential', 'token_revoked', ''));
    expect(await drain()).toBe(60_000);
    await clock.advance(60_000);
    expect(await drain()).toBeNull();
    expect(await journal.tally()).toMatchObject({ dead: 0, sent: 1 });
  });

  it.each(['gone', 'broken'])('a template that is %s ends one delivery, not the lane', async (template) => {
    await accept(makeEvent({ id: 'e1' }), { ...post, template }, post);
    expect(await drain()).toBeNull();
    expect(slack.calls).toEqual(['post #a chat e1']);
    expect(await journal.tally()).toMatchObject({ dead: 1, sent: 1 });
  });

  it('a message whose blocks Slack refuses goes as its text', async () => {
    slack.fail(refused('payload', 'invalid_blocks', 'Unsupported.'));
    await accept(makeEvent({ id: 'e1' }), { ...post, template: 'blocks' });
    await drain();
    expect(slack.postings.map(({ message }) => message.blocks?.length)).toEqual([1, undefined]);
    expect(await journal.tally()).toMatchObject({ sent: 1 });
  });

  it('an empty channel is dead, with its reason', async () => {
    await accept(makeEvent(), { ...post, channel: '#' }, { ...CARD, channel: '' });
    expect(await drain()).toBeNull();
    expect(slack.calls).toEqual([]);
    expect(await journal.tally()).toMatchObject({ dead: 2 });
  });

  it('paces', async () => {
    for (let count = 0; count < 101; count++) await accept(makeEvent(), post);
    expect(await drain(1)).toBe(1000);
    expect(slack.calls).toHaveLength(100);
  });

  it('looks people up before it mentions them', async () => {
    const actor = person({ name: 'Maria', email: 'maria@example.com' });
    await accept(makeEvent({ id: 'e1', actor }), { ...post, template: 'mention' });
    await drain();
    expect(slack.calls).toEqual(['lookup maria@example.com', 'post #a mention e1 UMARIA']);
  });
});
