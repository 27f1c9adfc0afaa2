import type { DeliveryView, EventView } from '../../../src/history/views.ts';
import type { MessageView, RouteView } from '../../../src/routing/route-view.ts';
import { account, REFUSED } from './deliveries.ts';
import { row } from './events.ts';
import { ago, HOSTILE_TITLE } from './scenario.ts';

const CARD: MessageView = {
  plain: 'Pump 4 leaks',
  text: 'Pump 4 leaks',
  summary: 'Pump 4 leaks is Open',
  color: '#d00000',
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

const UNTAKEN = {
  by: null,
  decided: null,
  quiet_until: null,
  urgent: null,
  passes_quiet_hours: false,
  deliveries: [],
  notes: [],
};

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
        words: 'card in #alo-actions',
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

export function event(number: number): EventView {
  const { states: _, ...facts } = row(number);
  const target = { verb: 'card', channel: '#alo-actions', template: 'action_card' } as const;
  const shared = { target, words: 'card in #alo-actions', message: CARD, fault: null };
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
  const replaced: DeliveryView = {
    ...account(number, 'parked'),
    ...shared,
    delivery: number * 2 - 1,
    permalink: null,
    tries: [],
    replayed_as: sent.delivery,
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
    words: 'dm to Maria Lopez',
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
      conflicts: number === 2 ? { count: 3, last_at: ago(60) } : null,
      request_id: 'req_9f31',
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
    },
    payload: payload(),
    payload_cut: number === 2 ? { text: '{"a": [1, 2, '.repeat(200), shown_bytes: 262_144 } : null,
    routes: ROUTES,
    deliveries: [replaced, sent, dead],
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
