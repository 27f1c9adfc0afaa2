import { describe, expect, it } from 'vitest';
import type { Doubt } from '../../../src/core/delivery.ts';
import { type Failure, refused } from '../../../src/core/outcome.ts';
import type { QueuedDelivery } from '../../../src/journal/contract.ts';
import { type Decision, decide } from '../../../src/relay/lanes/decision.ts';
import type { Delivered } from '../../../src/verbs/verb.ts';
import { makeEvent } from '../../helpers/events.ts';
import { AWAY, LIMITED, LOST } from '../../helpers/gateway.ts';
import { POST } from '../../helpers/lane.ts';

const RETRY = { firstMs: 1000, maxMs: 60_000, giveUpAfterMs: 3_600_000 };
/** When it was accepted; an attempt at `now` began 40 ms before. */
const ACCEPTED = 1_000_000;
const DOUBT: Doubt = { since: ACCEPTED + 5, until: ACCEPTED + 9, lookups: 1 };
const QUOTA = { kind: 'retry', limited: false, reason: { code: 'quota', detail: 'Used up.' } } as const;
const KEPT = { since: DOUBT.since, lookups: DOUBT.lookups };

interface Tried {
  readonly attempts?: number;
  readonly doubt?: Doubt;
  /** ms since it was accepted. */
  readonly afterMs?: number;
}

function decided(result: Delivered, { attempts = 0, doubt, afterMs = 100 }: Tried): Decision {
  const delivery: QueuedDelivery = {
    ...{ seq: 7, lane: 'channel:#a', route: 'r', target: POST, event: makeEvent(), eventSeq: 3 },
    ...{ attempts, doubt: doubt ?? null, group: null, released: false, thresholdHit: null },
    ...{ dueAt: ACCEPTED, dueSetAt: ACCEPTED, acceptedAt: ACCEPTED },
  };
  const at = ACCEPTED + afterMs;
  return decide(delivery, result, { startedAt: at - 40, at, retry: RETRY, random: () => 0.5 });
}

/** In how many ms it is tried again, after how many attempts that count, and in what doubt. */
function again(failure: Failure, tried: Tried = {}): unknown {
  const decision = decided({ kind: 'failed', failure }, tried);
  if (decision.kind !== 'again') return decision;
  const { inMs, retry } = decision;
  expect(retry.dueAt).toBe(retry.at + inMs);
  expect(retry).toMatchObject({ seq: 7, group: null, reason: failure.reason });
  return [inMs, retry.attempts, retry.doubt];
}

function ended(failure: Failure, tried: Tried): unknown {
  const decision = decided({ kind: 'failed', failure }, tried);
  if (decision.kind !== 'end') return decision;
  const { state, reason } = decision.completion;
  return [state, reason?.code, reason?.detail];
}

const lostAt = (afterMs: number) => ({ since: ACCEPTED + afterMs - 40, lookups: 0 });

describe('an attempt that failed', () => {
  it.each<[string, Failure, Tried, unknown]>([
    ['is made again after the back-off, which grows', AWAY, {}, [500, 1, null]],
    ['the second time', AWAY, { attempts: 1 }, [1000, 2, null]],
    ['the third time', AWAY, { attempts: 2 }, [2000, 3, null]],
    ['and the twentieth', AWAY, { attempts: 19 }, [30_000, 20, null]],
    ['when Slack says, which costs no attempt', LIMITED, { attempts: 4 }, [7000, 4, null]],
    ['when Slack says, where it says so of what is no limit', { ...QUOTA, afterMs: 9000 }, {}, [9000, 1, null]],
    ['after the back-off, where what costs no attempt says no time', { ...QUOTA, limited: true }, {}, [500, 0, null]],
    ['that may have arrived is looked for at once', LOST, {}, [0, 1, lostAt(100)]],
    ['and after the back-off from then on', LOST, { attempts: 1 }, [1000, 2, lostAt(100)]],
    [
      'in doubt since the first of them, and looked for anew',
      LOST,
      { attempts: 1, doubt: DOUBT },
      [1000, 2, { since: DOUBT.since, lookups: 0 }],
    ],
    ['keeps its doubt over an outage', AWAY, { attempts: 1, doubt: DOUBT }, [1000, 2, KEPT]],
    ['and over a limit', LIMITED, { attempts: 1, doubt: DOUBT }, [7000, 1, KEPT]],
    [
      'waits for a good credential, which costs no attempt',
      refused('credential', 'token_revoked', 'x'),
      { attempts: 3, doubt: DOUBT, afterMs: 1e9 },
      [0, 3, KEPT],
    ],
  ])('%s', (_, failure, tried, expected) => {
    expect(again(failure, tried)).toEqual(expected);
  });

  it.each(['destination', 'payload'] as const)('by a refusal of the %s is dead at once', (scope) => {
    expect(ended(refused(scope, 'no_such_thing', 'Not there.'), {})).toEqual(['dead', 'no_such_thing', 'Not there.']);
  });
});

it('an attempt that ended does so as it says', () => {
  const ending = { state: 'sent', placement: { channel: 'Ca', ts: '1.0' } } as const;
  expect(decided({ kind: 'ended', ending }, {})).toEqual({
    kind: 'end',
    completion: { seq: 7, at: ACCEPTED + 100, ...ending },
  });
});

describe('giving up', () => {
  const afterMs = RETRY.giveUpAfterMs;
  const why = AWAY.reason.detail;

  it('is at the end of the time set, the next wait included, and after three attempts', () => {
    // The third attempt, 2 s before the next.
    expect(again(AWAY, { attempts: 2, afterMs: afterMs - 2000 })).toEqual([2000, 3, null]);
    const dead = ['dead', 'gave_up', `Given up after 3 attempts: ${why}`];
    expect(ended(AWAY, { attempts: 2, afterMs: afterMs - 1999 })).toEqual(dead);
    expect(again(AWAY, { attempts: 1, afterMs: 10 * afterMs })).toEqual([1000, 2, null]);
  });

  it('leaves what may have arrived to a person', () => {
    const parked = (n: number, detail: string) => [
      'parked',
      'gave_up',
      `Given up after ${n} attempts, of which one may have arrived: ${detail}`,
    ];
    expect(ended(LOST, { attempts: 2, afterMs })).toEqual(parked(3, LOST.reason.detail));
    expect(ended(AWAY, { attempts: 3, afterMs, doubt: DOUBT })).toEqual(parked(4, why));
  });

  it('is never because of a limit', () => {
    expect(again(LIMITED, { attempts: 9, afterMs: 10 * afterMs })).toEqual([7000, 9, null]);
  });
});

describe('a look that saw nothing', () => {
  it.each([
    [1, 2000],
    [2, 3000],
  ])('the %ith is followed by the next one in %i ms, at no attempt', (lookups, inMs) => {
    const reason = { code: 'not_found_yet', detail: 'x' };
    const tried = { attempts: 1, doubt: DOUBT, afterMs: 1e9 };
    expect(decided({ kind: 'unseen', lookups, reason }, tried)).toMatchObject({
      kind: 'again',
      inMs,
      retry: { attempts: 1, doubt: { since: DOUBT.since, lookups }, reason, dueAt: ACCEPTED + 1e9 + inMs },
    });
  });
});
