import { expect, it } from 'vitest';
import { deliveryTable } from '../../src/commands/delivery-table.ts';
import type { DeliveryOutcome } from '../../src/history/outcomes.ts';

/** As local time: tables are read beside a clock on the wall. */
const iso = (local: string) => new Date(local).toISOString();

function account(fields: Partial<DeliveryOutcome>): DeliveryOutcome {
  return {
    delivery: 1,
    state: 'sent',
    event: {
      number: 1,
      id: 'e1',
      source: 'alo',
      topic: 'action_created',
      subject: 'act_1',
      title: 'Pump 4 leaks',
      received_at: '',
    },
    route: 'r',
    verb: 'post',
    lane: 'channel:#a',
    destination: '#a',
    channel: null,
    ts: null,
    attempts: 0,
    in_doubt: false,
    reason: null,
    accepted_at: iso('2026-03-02T21:00:00'),
    updated_at: iso('2026-03-02T21:00:00'),
    due_at: null,
    replay: false,
    replayed_as: null,
    dismissal: null,
    ...fields,
  };
}

const due_at = iso('2026-03-03T08:00:00');
const reason = { code: 'ratelimited', detail: 'Slack asks to wait' };

/** Written as the machine's zone is called then. */
const ZONE = new Date(due_at).toLocaleString('en-US', { timeZoneName: 'short' }).split(' ').at(-1);

it.each<[string, Partial<DeliveryOutcome>, string[]]>([
  ['held', { state: 'held', due_at }, [`Quiet hours hold it until 2026-03-03 08:00:00 ${ZONE}.`]],
  ['pending', { state: 'pending', due_at }, []],
  [
    'pending after a failure',
    { state: 'pending', due_at, reason },
    [`Tried again at 2026-03-03 08:00:00 ${ZONE}: Slack asks to wait (ratelimited)`],
  ],
  ['merged', { state: 'merged' }, []],
])('%s', (_, fields, remarks) => {
  const [, row = '', ...rest] = deliveryTable([account(fields)])
    .trimEnd()
    .split('\n')
    .map((line) => line.trim());
  expect(row).toMatch(new RegExp(`^1 +${fields.state} +2026-03-02 21:00:00 +r → #a$`));
  expect(rest.join(' ')).toBe(['Pump 4 leaks · created (act_1, event 1, e1)', ...remarks].join(' '));
});

it('what a route did not make is named so, with the route', () => {
  const many = account({ state: 'dead', route: 'many', verb: 'none', lane: 'route:many', destination: null });
  expect(deliveryTable([many])).toMatch(/ dead +2026-03-02 21:00:00 +many, not made\n/);
});

it.each([80, 120])('at %i columns no line is longer, and no word is broken', (width) => {
  const title = 'Cold room 2 is above 8 °C since the door was left open by the night shift, and the alarm is off';
  const detail =
    'No such channel, or a private one without the app: check the name, and invite the app with /invite @app';
  const event = { ...account({}).event, title };
  const long = { route: 'tell everybody in the building', destination: '#facilities-and-cold-rooms', event };
  const table = deliveryTable([account({ ...long, state: 'superseded', reason: { code: 'x', detail } })], width);
  const lines = table.split('\n');
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
  const words = (text: string) => text.split(/\s+/).filter(Boolean);
  expect(words(table)).toEqual(expect.arrayContaining(words(`${title} ${detail} ${long.route} ${long.destination}`)));
});

it('an event without a title is named by its topic; what could steer a terminal is not printed', () => {
  const event = { ...account({}).event, title: null, subject: null, topic: 'call.completed' };
  expect(deliveryTable([account({ event })])).toContain('call completed (event 1, e1)');
  const table = deliveryTable([account({ event: { ...event, title: '\u001b[2J\u202ex' } })]);
  expect(table).toContain('\ufffd[2J\ufffdx');
});
