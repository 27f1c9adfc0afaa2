/** The checker, for several instances that store at the same time. */
import { describe, expect, it } from 'vitest';
import { findings, numbered, row, said, seen, sent } from './doctored.ts';
import type { Evidence } from './evidence.ts';
import type { LedgerEntry } from './ledger.ts';
import { ALARM, type Topic } from './scenery.ts';

const START = Date.parse('2026-03-02T09:00:00.000Z');
const iso = (ms: number) => new Date(START + ms).toISOString();

/** Received and answered so many ms after the start; by the senders' own account, all at the same time. */
interface Stored {
  readonly from: number;
  readonly until: number;
}

function entry(number: number, topic: Topic, { until }: Stored): LedgerEntry {
  const event = sent(number, topic, { alarm: topic === 'chaos.alarm' ? 'a1' : null });
  return { ...event, firstSentAt: 0, acceptedAt: 60_000, answeredAt: START + until };
}

const evidence = (more: Pick<Evidence, 'instances' | 'ledger' | 'account' | 'sightings'>): Evidence => ({
  mode: 'singly',
  quiet: [],
  prunedAt: [],
  former: [],
  ...more,
});

/** Two news, of which the one with the higher number stands first. */
function overtaken(instances: number, early: Stored, late: Stored): Evidence {
  numbered.from(1);
  const [one, two] = [entry(1, 'chaos.news', late), entry(2, 'chaos.news', early)];
  return evidence({
    instances,
    ledger: [one, two],
    account: [
      row(one, 'news', { ts: '2.0', accepted_at: iso(late.from) }),
      row(two, 'news', { ts: '1.0', accepted_at: iso(early.from) }),
    ],
    sightings: [seen('1.0', said('news', 2), { delivery: 2 }), seen('2.0', said('news', 1), { delivery: 1 })],
  });
}

/** As many alarms as the threshold needs, stored within the spans; one is told, by its number. */
function alarms(instances: number, spans: readonly Stored[], toldBy: number): Evidence {
  numbered.from(1);
  const ledger = spans.map((span, index) => entry(index + 1, 'chaos.alarm', span));
  const account = ledger.flatMap((one, index) => {
    const at = iso(spans[index]?.from ?? 0);
    const card = row(one, 'card', { ts: '1.0', accepted_at: at });
    const event = { ...card.event, received_at: at };
    const own = { ...card, event };
    return index + 1 === toldBy ? [own, row(one, 'alarm', { ts: '9.0', event, accepted_at: at })] : [own];
  });
  const told = account.find(({ route }) => route === 'alarm')?.delivery ?? null;
  const cards = ledger.map(({ event }) => said('card', event.number));
  return evidence({
    instances,
    ledger,
    account,
    sightings: [
      seen('1.0', cards, { delivery: 1 }),
      seen('9.0', `${said('alarm', toldBy)} (${ALARM.count} times)`, { delivery: told }),
    ],
  });
}

const APART = [
  { from: 0, until: 5 },
  { from: 10, until: 15 },
] as const;
const TOGETHER = [
  { from: 0, until: 12 },
  { from: 10, until: 15 },
] as const;

describe('of two that stand against their numbers', () => {
  it.each([
    ['one instance stored them at the same time', 1, TOGETHER, [['out of order', 'evt_1']]],
    ['several stored them one after the other', 3, APART, [['out of order', 'evt_1']]],
    ['several stored them at the same time', 3, TOGETHER, []],
  ] as const)('%s', (_, instances, [early, late], expected) => {
    expect(findings(overtaken(instances, early, late))).toEqual(expected);
    expect(findings(overtaken(instances, late, early))).toEqual(expected);
  });
});

describe('of alarms of which the last but one is told', () => {
  const before = [
    { from: -20, until: -15 },
    { from: -10, until: -5 },
  ];
  const wrong = [
    ['duplicated', 'evt_3'],
    ['lost', 'evt_4'],
  ];

  it.each([
    ['one instance stored both at the same time', 1, TOGETHER, wrong],
    ['several stored them one after the other', 3, APART, wrong],
    ['several stored them at the same time', 3, TOGETHER, []],
  ] as const)('%s', (_, instances, last, expected) => {
    expect(findings(alarms(instances, [...before, ...last], 3))).toEqual(expected);
  });

  it('the one before that is too early in any order', () => {
    const last = [before[0], before[1], ...TOGETHER].filter((span) => span !== undefined);
    expect(findings(alarms(3, last, 2))).not.toEqual([]);
  });
});
