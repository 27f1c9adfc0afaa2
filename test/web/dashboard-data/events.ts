import type { EventPage, EventRow } from '../../../src/history/views.ts';
import { ago, EVENTS, HOSTILE_TITLE, type Scenario } from './scenario.ts';

const TOPICS = ['action_created', 'action_updated', 'action_message_added', 'action_status_updated', 'call.ended'];

const TITLES = [
  'Cold room 2 is above 8 °C',
  'Pump 4 leaks, and the seal on its left side has been dripping since the night shift came in; nobody knows the valve',
  'المضخة رقم 4 تتسرب (P-4)',
  null,
  'Anna Becker',
];

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
export function row(number: number): EventRow {
  const hostile = number % 50 === 7;
  return {
    number,
    id: hostile ? `evt_${'ab'.repeat(120)}` : `evt_${(number * 7919).toString(36)}`,
    source: number % 5 === 4 ? 'allo' : 'alo',
    topic: hostile ? HOSTILE_TITLE : (TOPICS[number % TOPICS.length] ?? ''),
    subject: hostile ? 'pump\u202e4 \u0007' : number % 5 === 4 ? null : `act_${1000 + (number % 300)}`,
    title: hostile ? HOSTILE_TITLE : (TITLES[number % TITLES.length] ?? null),
    received_at: ago((EVENTS - number) * 37 + 4),
    states: STATES[number % STATES.length] ?? {},
  };
}

export function events(scenario: Scenario, query: URLSearchParams): EventPage {
  if (scenario === 'empty') return { events: [], next: null, searched_until: null };
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
