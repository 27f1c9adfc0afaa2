/** The checker, for merging, quiet hours and thresholds. */
import { describe, expect, it } from 'vitest';
import type { DeliveryOutcome } from '../../src/history/outcomes.ts';
import {
  also,
  changed,
  type Doctored,
  type Doctoring,
  findings,
  numbered,
  row,
  said,
  seen,
  sent,
  without,
  withRows,
  withSightings,
} from './doctored.ts';
import type { Evidence } from './evidence.ts';
import { ALARM, urlOf } from './scenery.ts';
import { type Part, partsOf } from './statements.ts';
import type { Sighting } from './witness.ts';

const START = Date.parse('2026-03-02T09:00:00.000Z');
const QUIET = { from: START, until: START + 60_000 };
const iso = (ms: number) => new Date(ms).toISOString();
/** As a `ts`, so many seconds after the start. */
const ts = (seconds: number) => `${START / 1000 + seconds}.000000`;

const line = (route: string, text: string, event: number): Part => ({ route, text, url: urlOf(event) });

function digest(at: number, parts: readonly Part[], more: Partial<Sighting> = {}): Sighting {
  return seen(ts(at), `${parts.length} messages`, {
    together: { kind: 'digest', parts, announced: parts.length },
    ...more,
  });
}

const news = (event: number) => line('news', said('news', event), event);
const ALARM_TEXT = `${said('alarm', 27)} (${ALARM.count} times)`;
const merged = (seconds: number) => ({ state: 'merged', ts: ts(seconds) }) as const;
const received = (seconds: number) => ({ accepted_at: iso(START + seconds * 1000) });

/**
 * A card with joined replies; two digests with news, a subject's first event, and an emoji for want of a card; news that
 * was held back, and some that was urgent; alarms, of which the fourth is told.
 */
function healthy(): Evidence {
  numbered.from(1);
  const card = sent(1, 'chaos.card');
  const notes = [2, 3].map((number) => sent(number, 'chaos.note'));
  const [n4, n5, n6] = [4, 5, 6].map((number) => sent(number, 'chaos.news'));
  const lone = sent(7, 'chaos.done', { subject: 's2' });
  const n8 = sent(8, 'chaos.news');
  const hush = sent(20, 'chaos.hush');
  const urgent = sent(21, 'chaos.hush', { urgent: true });
  const later = sent(22, 'chaos.later');
  const alarms = [24, 25, 26, 27, 28].map((number) => sent(number, 'chaos.alarm', { alarm: 'a1', subject: 's3' }));
  if (n4 === undefined || n5 === undefined || n6 === undefined) throw new RangeError('news');
  const account = [
    row(card, 'card', { ts: ts(1) }),
    ...notes.map((note) => row(note, 'note', merged(2))),
    ...[n4, n5].map((it) => row(it, 'news', merged(3))),
    row(n6, 'news', merged(4)),
    row(lone, 'card', merged(4)),
    row(lone, 'done', merged(4)),
    row(n8, 'news', merged(4)),
    row(hush, 'hush', { ...merged(60), ...received(5) }),
    row(urgent, 'hush', { ts: ts(6), ...received(6) }),
    row(later, 'later', { ts: ts(1), ...received(7) }),
    ...alarms.flatMap((alarm, index): DeliveryOutcome[] => {
      const at = { ...received(70 + index) };
      const own = row(alarm, 'card', { ts: ts(70), ...at });
      const event = { ...own.event, received_at: at.accepted_at };
      const told = index === 3 ? [row(alarm, 'alarm', { ...merged(75), ...at, event })] : [];
      return [{ ...own, event }, ...told];
    }),
  ];
  const sightings = [
    seen(ts(1), [said('card', 1), said('later', 22)], { delivery: 1, since: [ts(1), ts(61)] }),
    seen(ts(2), 'two notes', {
      threadTs: ts(1),
      together: partsOf(`${said('note', 2)} ~~~\n\n${said('note', 3)}`, undefined, true),
    }),
    digest(3, [news(4), news(5)]),
    digest(4, [
      news(6),
      news(8),
      line('card', said('card', 7, 's2'), 7),
      line('done', `:white_check_mark: s2 e000007`, 7),
    ]),
    seen(ts(6), said('hush', 21), { delivery: 11 }),
    digest(60, [line('hush', said('hush', 20), 20)]),
    seen(
      ts(70),
      alarms.map(({ event }) => said('card', event.number, 's3')),
      { delivery: 13 },
    ),
    digest(75, [line('alarm', ALARM_TEXT, 27)]),
  ];
  const ledger = [card, ...notes, n4, n5, n6, lone, n8, hush, urgent, later, ...alarms];
  return { mode: 'merged', instances: 1, quiet: [QUIET], prunedAt: [], ledger, account, sightings, former: [] };
}

const linesOf = (at: number, change: (parts: readonly Part[]) => readonly Part[]) =>
  withSightings((all) =>
    all.map((it) => {
      if (it.ts !== ts(at) || it.together === null) return it;
      const parts = change(it.together.parts);
      return { ...it, together: { ...it.together, parts, announced: it.together.announced && parts.length } };
    }),
  );
const told = (event: number, more: Partial<DeliveryOutcome>) =>
  withRows((rows) => rows.map((it) => (it.event.number === event && it.route !== 'card' ? { ...it, ...more } : it)));
const both =
  (...doctorings: readonly Doctoring[]): Doctoring =>
  (evidence) =>
    doctorings.reduce((given, doctor) => doctor(given), evidence);
const firesAlso = (event: number, doctored = `${said('alarm', event)} (5 times)`): Doctoring =>
  both(
    also(seen(ts(76), doctored)),
    withRows((rows) => [...rows, row(sent(event, 'chaos.alarm'), 'alarm', { ts: ts(76), ...received(80) })]),
  );
const noAlarm: Doctoring = both(
  without(ts(75)),
  withRows((rows) => rows.filter(({ route }) => route !== 'alarm')),
);

const SEEN: readonly Doctored[] = [
  ['a line lost', linesOf(3, (parts) => parts.slice(1)), [['lost', 'evt_4']]],
  [
    'a whole digest lost',
    without(ts(3)),
    [
      ['lost', 'evt_4'],
      ['lost', 'evt_5'],
    ],
  ],
  ['a joined reply lost', linesOf(2, (parts) => parts.slice(0, 1)), [['lost', 'evt_3']]],
  ['a line twice in one digest', linesOf(3, (parts) => [...parts, news(5)]), [['duplicated', 'evt_5']]],
  ['a line in two digests', linesOf(4, (parts) => [news(4), ...parts]), [['duplicated', 'evt_4']]],
  [
    'a digest twice',
    also(digest(3.5, [news(4), news(5)])),
    [
      ['duplicated', 'evt_4'],
      ['duplicated', 'evt_5'],
    ],
  ],
  [
    'a line, and a card of the same event',
    also(seen(ts(5), said('card', 7, 's2'), { delivery: 7 })),
    [['duplicated', 'evt_7']],
  ],
  ['a reply joined and alone', also(seen(ts(2.5), said('note', 2), { threadTs: ts(1) })), [['duplicated', 'evt_2']]],
  ['what was merged stands elsewhere', told(4, { ts: ts(4) }), [['unaccounted', 'evt_4']]],
  ['what was sent singly is a line', told(6, { state: 'sent' }), [['unaccounted', 'evt_6']]],
  [
    'lines of one digest out of order',
    linesOf(3, (parts) => parts.toReversed()),
    [
      ['out of order', 'evt_4'],
      ['out of order', 'evt_4'],
    ],
  ],
  [
    'lines of two digests out of order',
    both(
      linesOf(3, ([first]) => [...(first ? [first] : []), news(6)]),
      linesOf(4, ([, ...rest]) => [news(5), ...rest]),
      told(5, { ts: ts(4) }),
      told(6, { ts: ts(3) }),
    ),
    [
      ['out of order', 'evt_5'],
      ['out of order', 'evt_5'],
    ],
  ],
  ['a held one told early', both(changed(ts(60), { ts: ts(8) }), told(20, { ts: ts(8) })), [['too early', 'evt_20']]],
  ['a held update made early', changed(ts(1), { since: [ts(1), ts(59)] }), [['too early', 'evt_22']]],
  [
    'one that is held for ever',
    both(without(ts(60)), told(20, { state: 'held', ts: null })),
    [['unaccounted', 'evt_20']],
  ],
  ['a threshold that fired twice', firesAlso(28), [['duplicated', 'evt_28']]],
  [
    'one that fired too soon',
    firesAlso(26),
    [
      ['duplicated', 'evt_26'],
      ['out of order', 'evt_26'],
    ],
  ],
  ['one that did not fire', noAlarm, [['lost', 'evt_27']]],
  [
    'one that counted wrong',
    linesOf(75, () => [line('alarm', `${said('alarm', 27)} (3 times)`, 27)]),
    [['unaccounted', 'evt_27']],
  ],
  ['one that says no number', linesOf(75, () => [line('alarm', said('alarm', 27), 27)]), [['unaccounted', 'evt_27']]],
  [
    'a line below another route',
    linesOf(3, ([first, ...rest]) => [...(first ? [{ ...first, route: 'tell' }] : []), ...rest]),
    [['unaccounted', null]],
  ],
  [
    'a line without its link',
    linesOf(3, ([first, ...rest]) => [...(first ? [{ ...first, url: null }] : []), ...rest]),
    [['unaccounted', null]],
  ],
  [
    'a wrong number of lines',
    withSightings((all) =>
      all.map((it) => (it.ts === ts(3) && it.together ? { ...it, together: { ...it.together, announced: 3 } } : it)),
    ),
    [['unaccounted', null]],
  ],
  [
    'merging although it is off',
    (evidence) => ({
      ...evidence,
      mode: 'singly',
      sightings: evidence.sightings.filter((it) => it.ts !== ts(60)),
      account: evidence.account.filter(({ event }) => event.number !== 20),
      ledger: evidence.ledger.filter(({ event }) => event.number !== 20),
    }),
    [2, 3, 4, 75].map(() => ['unaccounted', null]),
  ],
];

const RIGHT: readonly (readonly [name: string, doctor: Doctoring])[] = [
  ['everything as it should be', (evidence) => evidence],
  [
    'a later event of a merged subject has its card',
    (evidence) =>
      both(
        also(seen(ts(80), said('card', 30, 's2'), { delivery: 99 })),
        withRows((rows) => [...rows, { ...row(sent(30, 'chaos.card'), 'card', { ts: ts(80) }), delivery: 99 }]),
      )({ ...evidence, ledger: [...evidence.ledger, sent(30, 'chaos.card', { subject: 's2' })] }),
  ],
  [
    'what was merged is pruned',
    (evidence) => ({
      ...evidence,
      account: evidence.account.filter(({ state }) => state !== 'merged'),
      former: evidence.account,
    }),
  ],
  [
    'a replay as quiet hours begin was held back, and what came later stands before it',
    told(20, { replay: true, ...received(3) }),
  ],
  [
    'an alarm is not told, and what it counts was pruned',
    (evidence) => ({ ...noAlarm(evidence), prunedAt: [START + 71_500] }),
  ],
];

describe('the checker sees', () => {
  it.each(SEEN)('%s', (_, doctor, expected) => {
    expect(findings(doctor(healthy())).toSorted()).toEqual([...expected].toSorted());
  });
});

describe('the checker accepts', () => {
  it.each(RIGHT)('%s', (_, doctor) => {
    expect(findings(doctor(healthy()))).toEqual([]);
  });
});
