import type { DeliveryState } from '../../../src/core/delivery.ts';
import type { LanePage } from '../../../src/history/lane-view.ts';
import type { DeliveryOutcome, DeliveryPage, ReplayResult } from '../../../src/history/outcomes.ts';
import { row } from './events.ts';
import { ago, EVENTS, HOSTILE_TITLE, type Scenario } from './scenario.ts';

export const REFUSED = {
  code: 'channel_not_found',
  detail: 'Slack knows no channel #alo-actoins: mend its name in the route, or create it and invite the app.',
};

export function account(number: number, state: DeliveryState): DeliveryOutcome {
  const { states: _, ...facts } = row(number);
  return {
    delivery: number * 2,
    state,
    event: facts,
    route: 'action card',
    verb: 'card',
    lane: 'channel:#alo-actions',
    destination: '#alo-actions',
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
    dismissal: null,
  };
}

export function deliveries(scenario: Scenario, query: URLSearchParams): DeliveryPage {
  if (scenario === 'empty' || scenario === 'calm') return { deliveries: [], next: null };
  const states = (query.get('state') ?? '').split(',');
  const all = Array.from({ length: 15 }, (_, index) => account(EVENTS - index * 43, index < 12 ? 'dead' : 'parked'));
  return { deliveries: all.filter(({ state }) => states.includes(state)), next: null };
}

export function replay({
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
}

export function lanes(scenario: Scenario): LanePage {
  if (scenario === 'empty' || scenario === 'calm') return { lanes: [], total: 0 };
  const idle = { state: 'waiting', until: null, quiet_hours: [], attempts: 0, reason: null, in_doubt: 0 } as const;
  const lane = { ...idle, elsewhere: false, waiting: 3, held: 0, oldest_at: ago(190), due_at: ago(1) };
  const limited = { code: 'ratelimited', detail: 'Slack asked to wait for 30 s.' };
  const soon = new Date(Date.now() + 28_000).toISOString();
  return {
    total: 5,
    lanes: [
      {
        ...lane,
        lane: 'channel:#alo-actions',
        name: '#alo-actions',
        waiting: 28,
        state: 'limited',
        until: soon,
        reason: limited,
        attempts: 1,
      },
      { ...lane, lane: 'channel:#phones', name: '#phones', waiting: 9, oldest_at: ago(72), elsewhere: true },
      {
        ...lane,
        lane: 'dm:U024BE7LH',
        name: 'Maria Lopez',
        waiting: 6,
        held: 6,
        oldest_at: ago(3_900),
        ...{ state: 'held', until: new Date(Date.now() + 30_000_000).toISOString(), quiet_hours: ['nights'] },
      },
      {
        ...lane,
        lane: `channel:#${'a-very-long-name-'.repeat(5)}`,
        name: `#${'a-very-long-name-'.repeat(5)}`,
        waiting: 2,
        in_doubt: 1,
        reason: { code: 'http_502', detail: 'Slack answered 502.' },
        attempts: 4,
        ...{ state: 'retrying', until: soon },
      },
      {
        ...lane,
        lane: 'channel:C0HOSTILE',
        name: HOSTILE_TITLE,
        waiting: 1,
        reason: { code: 'x', detail: HOSTILE_TITLE },
      },
    ],
  };
}
