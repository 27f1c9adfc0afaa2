import type { DeliveryState } from '../../src/core/delivery.ts';
import type { DeliveryAccount, DeliveryPage, ReplayResult } from '../../src/relay/account.ts';
import type { LanePage } from '../../src/relay/lane-view.ts';
import type { MessageView, RouteView } from '../../src/relay/route-view.ts';
import type {
  DeliveryView,
  EventPage,
  EventRow,
  EventView,
  OverviewView,
  SeriesView,
  StatusView,
} from '../../src/relay/views.ts';

export type Scenario = 'busy' | 'calm' | 'empty' | 'broken';

export const EVENTS = 100_000;
const HOSTILE_TITLE = '<img src=x onerror="document.title=\'pwned\'"><script>document.title="pwned"</script>';

const TOPICS = ['action_created', 'action_updated', 'action_message_added', 'action_status_updated', 'call.ended'];
const NONE: Record<DeliveryState, number> = {
  held: 0,
  pending: 0,
  sending: 0,
  sent: 0,
  merged: 0,
  superseded: 0,
  dead: 0,
  parked: 0,
};
const REFUSED = {
  code: 'channel_not_found',
  detail: 'Slack knows no channel #alo-actoins: mend its name in the route, or create it and invite the app.',
};

const ago = (seconds: number) => new Date(Date.now() - seconds * 1000).toISOString();

export const DATA = {
  /** Null for what is not there. */
  get(scenario: Scenario, { pathname, searchParams }: URL, tokenRequired: boolean): unknown {
    if (pathname === '/api/status') return status(scenario, tokenRequired);
    if (pathname === '/api/overview') return overview(scenario);
    if (pathname === '/api/series') return series(scenario, Number(searchParams.get('minutes')));
    if (pathname === '/api/events') return scenario === 'empty' ? NO_EVENTS : events(searchParams);
    if (pathname === '/api/deliveries') return deliveries(scenario, searchParams);
    if (pathname === '/api/lanes') return lanes(scenario);
    const number = Number(/^\/api\/events\/(\d+)\/view$/.exec(pathname)?.[1] ?? Number.NaN);
    return number >= 1 && number <= EVENTS ? event(number) : null;
  },

  replay({
    ids = [],
    dry_run = false,
    again = false,
  }: {
    ids?: string[];
    dry_run?: boolean;
    again?: boolean;
  }): ReplayResult {
    const sent = again ? ids.length || 14 : Math.max(1, (ids.length || 14) - 2);
    return {
      dry_run,
      deliveries: sent,
      conversations: Math.min(sent, 3),
      replaced: sent,
      skipped: again
        ? []
        : [
            {
              code: 'already-sent',
              detail: 'It has gone out. To send it once more, add --again.',
              count: 2,
              delivery: 4,
            },
          ],
      unknown_ids: [],
    };
  },
};

const NO_EVENTS: EventPage = { events: [], next: null, searched_until: null };

function status(scenario: Scenario, tokenRequired: boolean): StatusView {
  return {
    service: 'alo-relay',
    version: '0.1.0',
    journal: './data/relay.db',
    deliveries: overview(scenario).tally,
    started_at: ago(93_000),
    instance: null,
    token_required: tokenRequired,
  };
}

function overview(scenario: Scenario): OverviewView {
  const fine = { file: 'config.yaml', loaded_at: ago(7_400), problems: [] };
  const checks = (['journal', 'slack', 'config'] as const).map((name) => ({ name, ok: true, detail: null }));
  const quiet = { ready: true, checks, config: fine };
  if (scenario === 'empty') return { ...quiet, tally: NONE, lanes: { unfinished: 0, oldest_at: null } };
  const tally = { ...NONE, sent: 181_402, merged: 6_310, superseded: 4_127 };
  if (scenario === 'calm') return { ...quiet, tally, lanes: { unfinished: 0, oldest_at: null } };
  if (scenario === 'busy') {
    const waiting = { ...tally, pending: 41, sending: 2, held: 6, dead: 12, parked: 3 };
    return { ...quiet, tally: waiting, lanes: { unfinished: 5, oldest_at: ago(190) } };
  }
  return {
    ready: false,
    checks: [
      { name: 'journal', ok: true, detail: null },
      { name: 'slack', ok: false, detail: 'Slack refuses the token (token_revoked): put a new one into slack.token.' },
      { name: 'config', ok: true, detail: 'The last change was not taken: see its problems.' },
    ],
    config: {
      ...fine,
      problems: [
        {
          file: 'config.yaml',
          line: 41,
          column: 11,
          message: 'Unknown key "chanel". Allowed here: channel, template.',
          remedy: 'Did you mean "channel"?',
        },
        { file: 'templates/action_card.yaml', line: 7, column: 32, message: HOSTILE_TITLE, remedy: null },
      ],
    },
    tally: { ...tally, pending: 803 },
    lanes: { unfinished: 31, oldest_at: ago(2_700) },
  };
}

function series(scenario: Scenario, minutes: number): SeriesView {
  const wave = (at: number, base: number) =>
    scenario === 'empty' ? 0 : Math.max(0, Math.round(base * (1 + Math.sin(at / 9) * 0.6 + Math.sin(at / 2.3) * 0.25)));
  const points = Array.from({ length: minutes }, (_, index) => {
    const quiet = scenario === 'empty' || index % 17 === 3;
    return {
      at: ago((minutes - index) * 60),
      accepted: wave(index, 46),
      duplicate: wave(index, 3),
      refused: index % 13 === 0 ? wave(index, 2) : 0,
      sent: wave(index, 51),
      merged: wave(index, 6),
      dead: index % 21 === 0 ? wave(index, 1) : 0,
      parked: 0,
      retried: index % 8 === 0 ? wave(index, 4) : 0,
      accept_p50_ms: quiet ? null : 2 + Math.sin(index / 5),
      accept_p99_ms: quiet ? null : 11 + 7 * Math.sin(index / 3),
      delivery_p50_ms: quiet ? null : 240 + 60 * Math.sin(index / 6),
      delivery_p99_ms: quiet ? null : 1_900 + 1_500 * Math.sin(index / 4),
    };
  });
  return { step_seconds: 60, points };
}

const STATES: readonly EventRow['states'][] = [
  { sent: 2 },
  { sent: 1 },
  { sent: 1, merged: 1 },
  {},
  { sent: 1, dead: 1 },
  { pending: 1, sent: 1 },
  { superseded: 1, sent: 2 },
  { parked: 1 },
  { held: 1 },
];

/** The event of a number: the newest has the highest. */
function row(number: number): EventRow {
  const hostile = number % 50 === 7;
  return {
    number,
    id: hostile ? `evt_${'ab'.repeat(120)}` : `evt_${(number * 7919).toString(36)}`,
    source: number % 5 === 4 ? 'allo' : 'alo',
    topic: hostile ? HOSTILE_TITLE : (TOPICS[number % TOPICS.length] ?? ''),
    subject: hostile ? 'pump\u202e4 \u0007' : number % 5 === 4 ? null : `act_${1000 + (number % 300)}`,
    received_at: ago((EVENTS - number) * 37 + 4),
    states: STATES[number % STATES.length] ?? {},
  };
}

function events(query: URLSearchParams): EventPage {
  const limit = Number(query.get('limit') ?? 50);
  const from = Number(query.get('before') ?? EVENTS + 1) - 1;
  const fits = (event: EventRow) =>
    (query.get('source') ?? event.source) === event.source &&
    (query.get('topic') ?? event.topic) === event.topic &&
    (query.get('subject') ?? event.subject) === event.subject &&
    (!query.has('state') || Object.hasOwn(event.states, query.get('state') ?? '')) &&
    (!query.has('text') || `${event.id} ${event.subject}`.includes(query.get('text') ?? ''));
  const found: EventRow[] = [];
  const last = Math.max(1, from - 5_000);
  let number = from;
  for (; number >= last && found.length < limit; number--) {
    const event = row(number);
    if (fits(event)) found.push(event);
  }
  return {
    events: found,
    next: number < 1 ? null : number + 1,
    searched_until: number < 1 ? null : row(number + 1).received_at,
  };
}

function account(number: number, state: DeliveryState): DeliveryAccount {
  const { states: _, ...facts } = row(number);
  return {
    delivery: number * 2,
    state,
    event: facts,
    route: 'action card',
    verb: 'card',
    lane: 'channel:#alo-actions',
    channel: state === 'sent' ? 'C024BE7LH' : null,
    ts: state === 'sent' ? '1763770000.000100' : null,
    attempts: 1,
    in_doubt: state === 'parked',
    reason:
      state === 'dead'
        ? REFUSED
        : state === 'parked'
          ? { code: 'timeout', detail: 'Slack did not answer within 10 s, three times.' }
          : null,
    accepted_at: facts.received_at,
    updated_at: ago(120 + (EVENTS - number)),
    due_at: state === 'pending' ? new Date(Date.now() + 90_000).toISOString() : null,
    replay: false,
    replayed_as: null,
  };
}

function deliveries(scenario: Scenario, query: URLSearchParams): DeliveryPage {
  if (scenario === 'empty' || scenario === 'calm') return { deliveries: [], next: null };
  const states = (query.get('state') ?? '').split(',');
  const all = Array.from({ length: 15 }, (_, index) => account(EVENTS - index * 43, index < 12 ? 'dead' : 'parked'));
  const listed = all.filter(({ state }) => states.includes(state));
  return { deliveries: listed.map((one, index) => (index === 2 ? { ...one, replayed_as: 991 } : one)), next: null };
}

function lanes(scenario: Scenario): LanePage {
  if (scenario === 'empty' || scenario === 'calm') return { lanes: [], total: 0 };
  const lane = { waiting: 3, held: 0, oldest_at: ago(190), due_at: ago(1), attempts: 0, reason: null, in_doubt: 0 };
  const limited = { code: 'ratelimited', detail: 'Slack asked to wait for 30 s.' };
  const soon = new Date(Date.now() + 28_000).toISOString();
  return {
    total: 5,
    lanes: [
      { ...lane, lane: 'channel:#alo-actions', waiting: 28, due_at: soon, reason: limited, attempts: 1 },
      { ...lane, lane: 'channel:#phones', waiting: 9, oldest_at: ago(72) },
      {
        ...lane,
        lane: 'dm:U024BE7LH',
        waiting: 6,
        held: 6,
        oldest_at: ago(3_900),
        due_at: new Date(Date.now() + 30_000_000).toISOString(),
      },
      {
        ...lane,
        lane: `channel:#${'a-very-long-name-'.repeat(5)}`,
        waiting: 2,
        in_doubt: 1,
        reason: { code: 'http_502', detail: 'Slack answered 502.' },
        attempts: 4,
        due_at: soon,
      },
      { ...lane, lane: 'channel:#hostile', waiting: 1, reason: { code: 'x', detail: HOSTILE_TITLE } },
    ],
  };
}

const CARD: MessageView = {
  plain: 'Pump 4 leaks',
  text: 'Pump 4 leaks',
  summary: 'Pump 4 leaks is Open',
  builder_url: 'https://app.slack.com/block-kit-builder/#%7B%7D',
  blocks: [
    { type: 'header', text: { type: 'plain_text', text: 'Pump 4 leaks' } },
    {
      type: 'section',
      fields: [
        { type: 'mrkdwn', text: '*Status*\nOpen' },
        { type: 'mrkdwn', text: '*Priority*\nHigh' },
        { type: 'mrkdwn', text: '*Assigned to*\n<@U024BE7LH|Maria Lopez>' },
      ],
    },
    {
      type: 'section',
      text: { type: 'mrkdwn', text: 'Seal on the *left* side drips, see `P-4`. :droplet:\n> it got worse over night' },
    },
    {
      type: 'context',
      elements: [
        { type: 'mrkdwn', text: '<https://example.com/a/1|Open in ALO>' },
        { type: 'mrkdwn', text: 'Maintenance' },
      ],
    },
  ],
};

const UNTAKEN = { by: null, decided: null, quiet_until: null, urgent: null, deliveries: [], notes: [] };

const ROUTES: readonly RouteView[] = [
  {
    ...UNTAKEN,
    name: 'action card',
    taken: true,
    why: 'taken',
    detail: 'It takes the event.',
    deliveries: [
      {
        verb: 'card',
        channel: '#alo-actions',
        template: 'action_card',
        slack_user: null,
        held_until: null,
        at_least: null,
        message: CARD,
        thread_root: null,
        fault: null,
        remarks: [],
      },
    ],
  },
  {
    ...UNTAKEN,
    name: 'done',
    taken: false,
    why: 'condition',
    detail: 'Its condition is false.',
    decided: {
      part: 'event.action.status == "Completed"',
      value: false,
      missing: null,
      looked_at: [{ field: 'event.action.status', value: 'Open', missing: null }],
    },
  },
  { ...UNTAKEN, name: HOSTILE_TITLE, taken: false, why: 'other_topic', detail: 'It is for other topics: call.*.' },
  {
    ...UNTAKEN,
    name: 'everything else',
    taken: false,
    why: 'already_taken',
    detail: 'The route “action card” took it.',
    by: 'action card',
  },
];

function event(number: number): EventView {
  const { states: _, ...facts } = row(number);
  const target = { verb: 'card', channel: '#alo-actions', template: 'action_card' } as const;
  const shared = { target, message: CARD, fault: null };
  const sent: DeliveryView = {
    ...account(number, 'sent'),
    ...shared,
    permalink: 'https://example.slack.com/archives/C024BE7LH/p1763770000000100',
    tries: [
      { at: ago(300), ms: 10_004, outcome: 'retry', code: 'timeout', detail: 'Slack did not answer within 10 s.' },
      { at: ago(288), ms: 212, outcome: 'retry', code: 'ratelimited', detail: 'Slack asked to wait for 30 s.' },
      { at: ago(255), ms: 187, outcome: 'sent', code: null, detail: null },
    ],
  };
  const dead: DeliveryView = {
    ...account(number, 'dead'),
    ...shared,
    delivery: number * 2 + 1,
    route: 'tell the assignee',
    verb: 'dm',
    target: {
      verb: 'dm',
      to: { id: 'alo-17', name: 'Maria Lopez', email: null, kind: null },
      template: 'assigned_to_you',
    },
    permalink: null,
    message: { ...CARD, blocks: null, text: 'You were assigned *Pump 4* :wrench: <!channel> &lt;b&gt;' },
    tries: [{ at: ago(299), ms: 140, outcome: 'dead', ...REFUSED }],
  };
  return {
    event: { ...facts, occurred_at: ago(400) },
    received: {
      bytes: 1_834,
      verified: { scheme: 'standard-webhooks', secret: 1, of: 2 },
      signed_at: facts.received_at,
      dedupe: { key: `webhook-id ${facts.id}`, keep_until: new Date(Date.now() + 2_500_000_000).toISOString() },
      request_id: 'req_9f31',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    },
    payload: payload(),
    payload_cut: number === 2 ? { text: '{"a": [1, 2, '.repeat(200), shown_bytes: 262_144 } : null,
    routes: ROUTES,
    deliveries: [sent, dead],
  };
}

function payload(): unknown {
  let deep: unknown = 'the bottom';
  for (let level = 0; level < 200; level++) deep = { [`level ${200 - level}`]: deep };
  return {
    type: 'action_created',
    action: { id: 'act_1000', title: HOSTILE_TITLE, status: 'Open', priority: null, due: '2026-11-30' },
    'odd \u202ekey': '\u0000\ud800 \u202eright to left',
    long: 'lorem ipsum '.repeat(4_000),
    many: Array.from({ length: 5_000 }, (_, index) => index * 1.5),
    deep,
    empty: {},
    ok: true,
  };
}
