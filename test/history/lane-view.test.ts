import { expect, it } from 'vitest';
import { type LaneCircumstances, lanePage } from '../../src/history/lane-view.ts';
import type { Backlog } from '../../src/journal/contract.ts';

const NOW = Date.parse('2026-03-02T09:00:00Z');
const REVOKED = { code: 'token_revoked', detail: 'Install the app again.' };
const reason = (code: string) => ({ code, detail: 'Why.' });

type Waiting = Backlog['longest'][number];

const LANE: Waiting = {
  ...{ lane: 'channel:#a', name: '#a', waiting: 3, held: 0, inDoubt: 0, attempts: 0, reason: null, firstHeld: null },
  ...{ oldestAt: NOW - 9, dueAt: NOW - 9, state: 'pending', lease: null },
};
const LATER = { dueAt: NOW + 5_000 };
const HELD = { held: 3, dueAt: NOW + 7_000, firstHeld: { route: 'r', until: NOW + 7_000 } };

it.each<readonly [string, Partial<Waiting>, Partial<LaneCircumstances>, unknown]>([
  ['it sends', { state: 'sending' }, {}, { state: 'sending', until: null, elsewhere: false }],
  ['it waits for its pace', {}, {}, { state: 'waiting', until: null, reason: null }],
  [
    'Slack limits the whole workspace',
    {},
    { slowed: true },
    { state: 'waiting', reason: { code: 'workspace_limited' } },
  ],
  ['another instance runs it', { lease: { owner: 'b', until: NOW + 1 } }, {}, { elsewhere: true }],
  ['we run it', { lease: { owner: 'a', until: NOW + 1 } }, {}, { elsewhere: false }],
  ['whoever ran it is gone', { lease: { owner: 'b', until: NOW } }, {}, { elsewhere: false }],
  ['it retries', { ...LATER, reason: reason('http_503') }, {}, { state: 'retrying', until: NOW + 5_000 }],
  ['Slack limits it', { ...LATER, reason: reason('ratelimited') }, {}, { state: 'limited', until: NOW + 5_000 }],
  ['the limit is over', { reason: reason('ratelimited') }, {}, { state: 'waiting', until: null }],
  ['Slack refuses the token', LATER, { trouble: REVOKED }, { state: 'paused', until: null, reason: REVOKED }],
  ['all of it is held', HELD, { trouble: REVOKED }, { state: 'held', until: NOW + 7_000, quiet_hours: ['nights'] }],
  [
    'some of it is held, and the rest retries',
    { ...HELD, ...LATER, held: 1, reason: reason('http_503') },
    {},
    { state: 'retrying', until: NOW + 5_000, quiet_hours: ['nights'] },
  ],
  [
    'it is held by a route that is gone',
    { ...HELD, firstHeld: { route: 'gone', until: NOW + 7_000 } },
    {},
    { state: 'held', until: NOW + 7_000, quiet_hours: [] },
  ],
])('%s', (_, lane, given, expected) => {
  const quietHours = (route: string) => (route === 'r' ? ['nights'] : []);
  const backlog = { lanes: 1, longest: [{ ...LANE, ...lane }] } as unknown as Backlog;
  const { lanes } = lanePage(backlog, {
    ...{ limit: 9, now: NOW, trouble: null, slowed: false, instance: 'a', quietHours },
    ...given,
  });
  const [view] = lanes.map(({ until, ...rest }) => ({ ...rest, until: until === null ? null : Date.parse(until) }));
  expect(view).toMatchObject(expected as object);
});
