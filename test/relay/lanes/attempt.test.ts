/** What an attempt records, logs and counts, whatever came of it. */
import { describe, expect, it } from 'vitest';
import { type Failure, refused } from '../../../src/core/outcome.ts';
import type { AttemptFacts } from '../../../src/core/telemetry.ts';
import type { SpanAttributes } from '../../../src/core/tracing.ts';
import type { Completion, QueuedDelivery, Retry } from '../../../src/journal/contract.ts';
import { type AttemptParts, attempt, attemptMerged } from '../../../src/relay/lanes/attempt.ts';
import { RELAY_SOURCE } from '../../../src/relay/upkeep/reports.ts';
import type { Delivered } from '../../../src/verbs/verb.ts';
import { ManualClock } from '../../helpers/clock.ts';
import { makeEvent } from '../../helpers/events.ts';
import { AWAY, LOST } from '../../helpers/gateway.ts';
import { CARD, LANE } from '../../helpers/lane.ts';

const TOOK_MS = 40;
const PLACEMENT = { channel: 'Ca', ts: '1.0' };
const SENT: Delivered = { kind: 'ended', ending: { state: 'sent', placement: PLACEMENT } };
const ASIDE: Delivered = { kind: 'ended', ending: { state: 'superseded' } };
const TOKEN = refused('credential', 'token_revoked', 'Install it again.');
const ARCHIVED = refused('destination', 'is_archived', 'Unarchive it.');
const failed = (failure: Failure): Delivered => ({ kind: 'failed', failure });

function delivery(seq: number, fields: Partial<QueuedDelivery> = {}): QueuedDelivery {
  const at = new ManualClock().now();
  return {
    ...{ seq, lane: LANE, route: 'r', target: CARD, event: makeEvent({ id: `e${seq}` }), eventSeq: seq + 100 },
    ...{ attempts: 0, doubt: null, group: null, released: false, thresholdHit: null },
    ...{ dueAt: at, dueSetAt: at, acceptedAt: at },
    ...fields,
  };
}

function setUp(delivered: Delivered, { trouble = false } = {}) {
  const clock = new ManualClock();
  const settled: Completion[] = [];
  const postponed: Retry[] = [];
  const lines: [string, object][] = [];
  const facts: AttemptFacts[] = [];
  const spans: [readonly (string | null)[], SpanAttributes, boolean | undefined][] = [];
  const learnt: string[] = [];
  let listed = 0;
  const deliver = async () => {
    await clock.advance(TOOK_MS);
    return delivered;
  };
  const parts: AttemptParts = {
    journal: {
      complete: async (...given) => void settled.push(...given),
      retryLater: async (...given) => void postponed.push(...given),
    },
    deliver,
    health: {
      learn: (outcome) => void learnt.push(outcome.kind),
      trouble: () => (trouble ? { code: 'token_revoked', detail: '', since: 0 } : null),
    },
    settings: () => ({ retry: { firstMs: 1000, maxMs: 60_000, giveUpAfterMs: 3_600_000 } }),
    clock,
    random: () => 0.5,
    log: {
      info: (line: object) => void lines.push(['info', line]),
      warn: (line: object) => void lines.push(['warn', line]),
    },
    telemetry: { attempt: (one) => void facts.push(one) },
    tracing: {
      attempting: (traces) => ({
        during: (body) => body(),
        end: (attributes, isError) => void spans.push([traces, attributes, isError]),
      }),
    },
    onListed: () => void listed++,
  };
  const together = (members: readonly QueuedDelivery[]) => ({ members, individually: [], group: 11, send: deliver });
  return { parts, clock, together, settled, postponed, lines, facts, spans, learnt, listed: () => listed };
}

describe('an attempt at one delivery', () => {
  it('that is sent: recorded, logged in one line, counted and traced', async () => {
    const { parts, settled, postponed, lines, facts, spans, learnt, listed } = setUp(SENT);
    const { retryInMs, recorded, arrived } = await attempt(delivery(7, { trace: '00-a-b-01' }), parts);
    await recorded;
    expect([retryInMs, arrived, listed(), postponed, learnt]).toEqual([null, true, 0, [], ['sent']]);
    const at = parts.clock.now();
    expect(settled).toEqual([{ seq: 7, at, state: 'sent', placement: PLACEMENT }]);
    expect(lines).toEqual([
      [
        'info',
        {
          ...{ delivery: 7, source: 'alo', event: 'e7', lane: LANE, route: 'r', verb: 'card', attempt: 1 },
          ...{ outcome: 'sent', ...PLACEMENT, ms: TOOK_MS },
        },
      ],
    ]);
    expect(facts).toEqual([
      {
        ...{ at, ms: TOOK_MS, state: 'sent', code: null, verb: 'card', lane: LANE, route: 'r', delivery: 7 },
        ...{
          eventSeq: 107,
          source: 'alo',
          topic: 'action_created',
          subject: 'act_1',
          title: null,
          destination: '#a',
          deliveries: 1,
          superseded: 0,
        },
        acceptedAt: at - TOOK_MS,
      },
    ]);
    const attributes = {
      ...{ 'alo_relay.source': 'alo', 'alo_relay.event.number': 107, 'alo_relay.delivery': 7 },
      ...{ 'alo_relay.deliveries': 1, 'alo_relay.route': 'r', 'alo_relay.verb': 'card', 'alo_relay.outcome': 'sent' },
    };
    expect(spans).toEqual([[['00-a-b-01'], attributes, false]]);
  });

  it('that is to be tried again: with when and why', async () => {
    const { parts, clock, settled, postponed, lines, facts, spans, learnt } = setUp(failed(AWAY));
    await clock.advance(1234);
    const { retryInMs, recorded, arrived } = await attempt(delivery(7, { attempts: 2 }), parts);
    await recorded;
    expect([retryInMs, arrived, settled, learnt]).toEqual([2000, true, [], ['retry']]);
    expect(postponed).toMatchObject([{ seq: 7, attempts: 3, dueAt: parts.clock.now() + 2000, ms: TOOK_MS }]);
    const why = { code: 'connection_refused', detail: 'Away.' };
    expect(lines).toMatchObject([['warn', { attempt: 3, outcome: 'retry', ...why, retry_in_ms: 2000, ms: TOOK_MS }]]);
    expect(facts).toMatchObject([{ state: null, code: 'connection_refused' }]);
    expect(spans).toMatchObject([[[null], { 'alo_relay.outcome': 'retry', 'error.type': 'connection_refused' }, true]]);
  });

  it.each([
    ['waits for the lane to be woken, where Slack refuses the token', TOKEN, true, 60_000],
    ['and at once where the token is good again meanwhile, but not in the same moment', TOKEN, false, 1],
    ['what may have arrived is looked for at once', LOST, false, 1],
  ])('%s', async (_, failure, trouble, expected) => {
    const { parts } = setUp(failed(failure), { trouble });
    expect((await attempt(delivery(7), parts)).retryInMs).toBe(expected);
  });

  it('learns nothing of Slack from what is set aside without a call', async () => {
    const { parts, learnt } = setUp(ASIDE);
    expect((await attempt(delivery(7), parts)).arrived).toBe(true);
    expect(learnt).toEqual([]);
  });

  it.each<[string, Partial<QueuedDelivery>, boolean]>([
    ['at the first attempt, its row says all', {}, false],
    ['at a later one', { attempts: 1 }, true],
    ['in doubt', { doubt: { since: 1, until: 2, lookups: 2 } }, true],
    ['after it had to wait', { dueAt: 1 }, true],
    ['after it was put off', { dueSetAt: 1 }, true],
  ])('keeps how long it took: %s', async (_, fields, kept) => {
    const { parts, settled } = setUp(SENT);
    await attempt(delivery(7, fields), parts);
    expect(settled[0]?.ms).toBe(kept ? TOOK_MS : undefined);
  });

  it('that is dead is listed and told of, and its reason kept with how long it took', async () => {
    const { parts, settled, lines, listed } = setUp(failed(ARCHIVED));
    const { retryInMs, recorded, arrived } = await attempt(delivery(7), parts);
    await recorded;
    expect([retryInMs, arrived, listed()]).toEqual([null, false, 1]);
    expect(settled).toMatchObject([{ state: 'dead', reason: ARCHIVED.reason, unreported: false, ms: TOOK_MS }]);
    expect(lines).toMatchObject([['warn', { outcome: 'dead', code: 'is_archived', detail: 'Unarchive it.' }]]);
  });

  it('a report that is dead is not told of in its turn', async () => {
    const { parts, settled, listed } = setUp(failed(ARCHIVED));
    await (await attempt(delivery(7, { event: makeEvent({ source: RELAY_SOURCE }) }), parts)).recorded;
    expect([listed(), settled[0]?.unreported]).toEqual([0, true]);
  });
});

describe('the newest update of a card, and those that it supersedes', () => {
  const older = [delivery(5, { attempts: 1 }), delivery(6, { doubt: { since: 1, until: 2, lookups: 0 } })];

  it.each([
    ['sent', SENT],
    ['superseded', ASIDE],
  ] as const)('where it is %s, they end with it', async (state, delivered) => {
    const { parts, settled, facts } = setUp(delivered);
    await (await attempt(delivery(7), parts, older)).recorded;
    expect(settled.map((one) => [one.seq, one.state])).toEqual([
      [7, state],
      [5, 'superseded'],
      [6, 'superseded'],
    ]);
    expect(facts).toMatchObject([{ state, superseded: 2 }]);
  });

  it('where it is dead, they are still to be made', async () => {
    const { parts, settled, facts } = setUp(failed(ARCHIVED));
    await (await attempt(delivery(7), parts, older)).recorded;
    expect(settled.map(({ seq }) => seq)).toEqual([7]);
    expect(facts).toMatchObject([{ state: 'dead', superseded: 0 }]);
  });

  it('where it has to wait, they wait with it, at no attempt of theirs, and in no doubt', async () => {
    const { parts, postponed } = setUp(failed(LOST));
    await (await attempt(delivery(7), parts, older)).recorded;
    expect(postponed.map(({ seq, attempts, doubt, ms }) => [seq, attempts, doubt === null, ms])).toEqual([
      [7, 1, false, TOOK_MS],
      [5, 1, true, undefined],
      [6, 0, true, undefined],
    ]);
    expect(new Set(postponed.map(({ dueAt }) => dueAt)).size).toBe(1);
  });
});

describe('an attempt at several together', () => {
  const members = [delivery(11), delivery(12, { attempts: 2 }), delivery(13)];

  it('counts one attempt of each, however many the first had', async () => {
    const { parts, together, postponed } = setUp(failed(AWAY));
    const given = [delivery(11, { attempts: 4 }), delivery(12, { attempts: 2 })];
    await (await attemptMerged(together(given), parts)).recorded;
    expect(postponed.map(({ attempts }) => attempts)).toEqual([5, 3]);
  });

  it('that is sent: each is merged; what was learnt of the channel is kept once', async () => {
    const channel = { name: '#a', id: 'Ca' };
    const { parts, together, settled, lines, facts } = setUp({
      kind: 'ended',
      ending: { state: 'sent', placement: PLACEMENT, channel },
    });
    const { recorded, retryInMs, ownFault, arrived } = await attemptMerged(together(members), parts);
    await recorded;
    expect([retryInMs, ownFault, arrived]).toEqual([null, false, true]);
    expect(settled.map(({ seq, state, channel, ms }) => [seq, state, channel, ms])).toEqual([
      [11, 'merged', channel, undefined],
      [12, 'merged', undefined, TOOK_MS],
      [13, 'merged', undefined, undefined],
    ]);
    expect(lines).toMatchObject([['info', { delivery: 11, deliveries: 3, outcome: 'sent' }]]);
    const verbs = members.map(({ target }) => target.verb);
    expect(facts).toMatchObject([{ state: 'merged', deliveries: 3, verbs, delivery: 11 }]);
  });

  it('that may have arrived: they stay a group, and each counts an attempt', async () => {
    const { parts, together, postponed, facts } = setUp(failed(LOST));
    const { recorded, retryInMs } = await attemptMerged(together(members), parts);
    await recorded;
    expect(retryInMs).toBe(1);
    expect(postponed.map(({ seq, attempts, group, ms }) => [seq, attempts, group, ms])).toEqual([
      [11, 1, 11, TOOK_MS],
      [12, 3, 11, TOOK_MS],
      [13, 1, 11, TOOK_MS],
    ]);
    expect(postponed.every(({ doubt }) => doubt !== null)).toBe(true);
    expect(facts).toMatchObject([{ state: null, deliveries: 3, code: 'timed_out' }]);
  });

  it('that certainly did not arrive: they are a group no more', async () => {
    const { parts, together, postponed } = setUp(failed(AWAY));
    await (await attemptMerged(together(members), parts)).recorded;
    expect(postponed.map(({ group, doubt }) => [group, doubt])).toEqual(Array(3).fill([null, null]));
  });

  it('whose message is at fault: each is tried by itself, at once, at no attempt', async () => {
    const { parts, together, postponed, settled, facts } = setUp(failed(refused('payload', 'invalid_blocks', 'x')));
    const { recorded, retryInMs, ownFault } = await attemptMerged(together(members), parts);
    await recorded;
    expect([retryInMs, ownFault, settled]).toEqual([null, true, []]);
    expect(postponed.map(({ seq, attempts, dueAt, doubt, group }) => [seq, attempts, dueAt, doubt, group])).toEqual(
      members.map(({ seq, attempts }) => [seq, attempts, parts.clock.now(), null, null]),
    );
    expect(postponed).toMatchObject(Array(3).fill({ reason: { code: 'invalid_blocks' }, ms: TOOK_MS }));
    expect(facts).toMatchObject([{ state: null, deliveries: 3, code: 'invalid_blocks' }]);
  });

  it('that is dead: each is, told of once', async () => {
    const { parts, together, settled, facts, listed } = setUp(failed(ARCHIVED));
    await (await attemptMerged(together(members), parts)).recorded;
    expect(settled).toMatchObject(Array(3).fill({ state: 'dead', reason: ARCHIVED.reason, ms: TOOK_MS }));
    expect([listed(), facts[0]?.state]).toEqual([1, 'dead']);
  });
});
