import { describe, expect, it } from 'vitest';
import {
  also,
  changed,
  type Doctored,
  type Doctoring,
  findings,
  MINUTE,
  numbered,
  row,
  rowChanged,
  said,
  seen,
  sent,
  without,
  withRows,
} from './doctored.ts';
import type { Evidence } from './evidence.ts';
import type { LedgerEntry } from './ledger.ts';
import { makePlan } from './plan.ts';
import { MODES, owedFor } from './scenery.ts';

const REFUSED = { code: 'channel_not_found', detail: 'No such channel.' };

/** A card with an update, a late event and a note; news, a direct message, an orphan's thread; dead news; a lost sender. */
function healthy(): Evidence {
  numbered.from(1);
  const events = {
    card: sent(1, 'chaos.card'),
    update: sent(2, 'chaos.card'),
    late: sent(3, 'chaos.card', { occurredAt: 1.5 * MINUTE }),
    note: sent(4, 'chaos.note'),
    done: sent(5, 'chaos.done'),
    news: sent(6, 'chaos.news', { channel: 'news' }),
    more: sent(7, 'chaos.news', { channel: 'news' }),
    tell: sent(8, 'chaos.tell'),
    orphan: sent(9, 'chaos.note', { subject: 's2' }),
    dead: sent(10, 'chaos.news', { channel: 'missing' }),
  };
  const forgotten = { ...sent(11, 'chaos.tell'), acceptedAt: null };
  const account = [
    row(events.card, 'card', { ts: '1.0' }),
    row(events.update, 'card', { ts: '1.0' }),
    row(events.late, 'card', { state: 'superseded' }),
    row(events.note, 'note', { ts: '2.0' }),
    row(events.done, 'card', { ts: '1.0' }),
    row(events.done, 'done', { ts: '1.0' }),
    row(events.news, 'news', { ts: '3.0' }),
    row(events.more, 'news', { ts: '4.0' }),
    row(events.tell, 'tell', { ts: '5.0' }),
    row(events.orphan, 'note', { ts: '7.0' }),
    row(events.dead, 'news', { state: 'dead', reason: REFUSED }),
  ];
  const sightings = [
    seen('1.0', [said('card', 1), said('card', 2), said('card', 5)], { delivery: 1, reactions: ['white_check_mark'] }),
    seen('2.0', said('note', 4), { delivery: 4, threadTs: '1.0' }),
    seen('3.0', said('news', 6), { delivery: 7, conversation: 'news' }),
    seen('4.0', said('news', 7), { delivery: 8, conversation: 'news' }),
    seen('5.0', said('tell', 8), { delivery: 9, conversation: 'U0CHAOSP1' }),
    seen('6.0', said('root', 9, 's2'), { delivery: 10 }),
    seen('7.0', said('note', 9, 's2'), { delivery: 10, threadTs: '6.0' }),
    seen('8.0', 'Deliveries did not arrive.', { conversation: 'relay-problems' }),
  ];
  const ledger = [...Object.values(events), forgotten];
  return { mode: 'singly', instances: 1, quiet: [], prunedAt: [], ledger, account, sightings, former: [] };
}

/** All that ended well. */
const pruned = (evidence: Evidence): Evidence => ({
  ...withRows((rows) => rows.filter(({ state }) => state === 'dead'))(evidence),
  former: evidence.account,
});
const atOneTime = (entry: LedgerEntry): LedgerEntry => ({
  ...entry,
  firstSentAt: 0,
  acceptedAt: entry.acceptedAt === null ? null : 1_000,
});
/** Behind those that came later. */
const newsMoved: Doctoring = (all) => changed('3.0', { ts: '4.5' })(rowChanged(7, { ts: '4.5' })(all));
/** As if the later news had come earlier. */
const renumbered = withRows((rows) =>
  rows.map((it) => ({ ...it, delivery: it.delivery === 7 ? 8 : it.delivery === 8 ? 7 : it.delivery })),
);
const replayedTell =
  (...ts: string[]) =>
  (evidence: Evidence) => {
    const again = { ...row(sent(8, 'chaos.tell'), 'tell', { ts: ts[0] ?? null, replay: true }), delivery: 99 };
    const replaced = rowChanged(9, { state: 'dead', ts: null, reason: REFUSED, replayed_as: 99 })(evidence);
    const messages = ts.map((at) => seen(at, said('tell', 8), { delivery: 99, conversation: 'U0CHAOSP1' }));
    return also(...messages)(withRows((rows) => [...rows, again])(without('5.0')(replaced)));
  };

const SEEN: readonly Doctored[] = [
  ['news that is not there', without('3.0'), [['lost', 'evt_6']]],
  ['a direct message that is not there', without('5.0'), [['lost', 'evt_8']]],
  ['a note that is not there', without('7.0'), [['lost', 'evt_9']]],
  [
    'a card that is not there',
    without('1.0'),
    [
      ['lost', 'evt_1'],
      ['lost', 'evt_2'],
      ['lost', 'evt_4'],
      ['lost', 'evt_5'],
      ['lost', 'evt_5'],
    ],
  ],
  ['an emoji that is not there', changed('1.0', { reactions: [] }), [['lost', 'evt_5']]],
  [
    'a card that does not show the newest',
    changed('1.0', { texts: [said('card', 1), said('card', 2)] }),
    [
      ['lost', 'evt_5'],
      ['lost', 'evt_5'],
    ],
  ],
  ['news in another channel', changed('3.0', { conversation: 'other' }), [['lost', 'evt_6']]],
  ['a note in the wrong thread', changed('2.0', { threadTs: '6.0' }), [['lost', 'evt_4']]],
  ['a note outside of any thread', changed('2.0', { threadTs: null }), [['lost', 'evt_4']]],
  ['news that is pruned and is not there', (evidence) => pruned(without('3.0')(evidence)), [['lost', 'evt_6']]],
  ['a replay that never arrived', replayedTell(), [['lost', 'evt_8']]],
  ['a note that is superseded', rowChanged(4, { state: 'superseded' }), [['lost', 'evt_4']]],
  ['news twice', also(seen('4.5', said('news', 6), { conversation: 'news' })), [['duplicated', 'evt_6']]],
  ['a note twice', also(seen('7.5', said('note', 9, 's2'), { threadTs: '6.0' })), [['duplicated', 'evt_9']]],
  ['a card twice', also(seen('5.5', said('card', 5))), [['duplicated', 'evt_5']]],
  ['a thread root twice', also(seen('7.5', said('root', 9, 's2'))), [['duplicated', 'evt_9']]],
  ['a replay that arrived twice', replayedTell('9.0', '9.1'), [['duplicated', 'evt_8']]],
  [
    'what was refused arrived twice',
    also(
      seen('9.0', said('news', 10), { conversation: 'missing' }),
      seen('9.1', said('news', 10), { conversation: 'missing' }),
    ),
    [['duplicated', 'evt_10']],
  ],
  [
    'what was never accepted arrived twice',
    also(
      seen('9.0', said('tell', 11), { conversation: 'U0CHAOSP1' }),
      seen('9.1', said('tell', 11), { conversation: 'U0CHAOSP1' }),
    ),
    [['duplicated', 'evt_11']],
  ],
  [
    'news in the wrong order',
    newsMoved,
    [
      ['out of order', 'evt_6'],
      ['out of order', 'evt_6'],
    ],
  ],
  ['the same, by what the senders saw alone', (all) => renumbered(newsMoved(all)), [['out of order', 'evt_6']]],
  [
    'the same, by the numbers alone',
    (evidence) => ({ ...newsMoved(evidence), ledger: evidence.ledger.map(atOneTime) }),
    [['out of order', 'evt_6']],
  ],
  [
    'a card that went back',
    changed('1.0', { texts: [said('card', 2), said('card', 1), said('card', 5)] }),
    [['out of order', 'evt_1']],
  ],
  [
    'a card that shows what came late',
    changed('1.0', { texts: [said('card', 1), said('card', 2), said('card', 3), said('card', 5)] }),
    [['out of order', 'evt_3']],
  ],
  [
    'an event that is in no list',
    withRows((rows) => rows.filter(({ delivery }) => delivery !== 7)),
    [['unaccounted', 'evt_6']],
  ],
  [
    'an event that is nowhere',
    (evidence) => without('3.0')(withRows((rows) => rows.filter(({ delivery }) => delivery !== 7))(evidence)),
    [['lost', 'evt_6']],
  ],
  ['a delivery without an end', rowChanged(11, { state: 'pending' }), [['unaccounted', 'evt_10']]],
  ['dead without a reason', rowChanged(11, { reason: null }), [['unaccounted', 'evt_10']]],
  [
    'a delivery that nobody owed',
    withRows((rows) => [...rows, row(sent(8, 'chaos.tell'), 'news')]),
    [['unaccounted', 'evt_8']],
  ],
  [
    'a delivery planned twice',
    withRows((rows) => [...rows, row(sent(8, 'chaos.tell'), 'tell', { ts: '5.0' })]),
    [['unaccounted', 'evt_8']],
  ],
  ['a place that is another than the account says', rowChanged(7, { ts: '4.0' }), [['unaccounted', 'evt_6']]],
  ['a message that says nothing', also(seen('9.0', 'hello')), [['unaccounted', null]]],
  ['a message of an event that never was', also(seen('9.0', said('tell', 77))), [['unaccounted', null]]],
  ['a message of a route that never took it', also(seen('5.5', said('news', 8))), [['unaccounted', 'evt_8']]],
];

const RIGHT: readonly (readonly [name: string, doctor: Doctoring])[] = [
  ['everything as it should be', (evidence) => evidence],
  ['what ended well is pruned', pruned],
  ['what was never accepted arrived once', also(seen('9.0', said('tell', 11), { conversation: 'U0CHAOSP1' }))],
  ['what was refused had arrived after all', also(seen('9.0', said('news', 10), { conversation: 'missing' }))],
  ['a replay arrived, last in its lane', replayedTell('9.0')],
  [
    'an update was repeated',
    changed('1.0', { texts: [said('card', 1), said('card', 2), said('card', 2), said('card', 5)] }),
  ],
  [
    'a card went back after what Slack took and then refused',
    (evidence) =>
      changed('1.0', { texts: [said('card', 2), said('card', 1), said('card', 5)] })(
        rowChanged(2, { state: 'dead', ts: null, reason: REFUSED })(evidence),
      ),
  ],
  [
    'a root became a card',
    changed('1.0', { texts: [said('root', 4), said('card', 1), said('card', 2), said('card', 5)] }),
  ],
  [
    'a card was deleted, and posted anew',
    (all) =>
      also(seen('2.5', said('card', 5), { delivery: 5, reactions: [] }))(
        changed('1.0', { deleted: true, texts: [said('card', 1), said('card', 2)] })(all),
      ),
  ],
];

describe('the checker sees', () => {
  it.each(SEEN)('%s', (_, doctor, expected) => {
    const found = findings(doctor(healthy()));
    expect(found.toSorted()).toEqual(expected.toSorted());
  });
});

describe('the checker accepts', () => {
  it.each(RIGHT)('%s', (_, doctor) => {
    expect(findings(doctor(healthy()))).toEqual([]);
  });
});

describe.each(MODES)('the plan, %s', (mode) => {
  const options = { mode, seed: 7, events: 500, kills: 40 };

  it('is the same for the same seed, and another for another', () => {
    expect(makePlan(options)).toEqual(makePlan(options));
    expect(makePlan({ ...options, seed: 8 })).not.toEqual(makePlan(options));
  });

  it('has as many events and kills as asked for, and every event is owed something', () => {
    const { acts, migrating } = makePlan(options);
    const lives = acts.flatMap((act) => [...act.lives, ...act.pruning]);
    const events = lives.flatMap((life) => life.events);
    expect(events.length).toBe(options.events);
    expect(new Set(events.map(({ id }) => id)).size).toBe(options.events);
    const stopped = lives.filter(({ end }) => end.kind === 'asked to stop').length;
    expect(lives.length - stopped + migrating).toBe(options.kills);
    expect(events.filter((event) => owedFor(event).length === 0)).toEqual([]);
  });
});
