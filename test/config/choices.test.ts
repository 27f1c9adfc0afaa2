import { describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { action, chatMessage, person } from '../../src/core/absent.ts';
import type { RelayEvent } from '../../src/core/event.ts';
import { plan } from '../../src/routing/plan.ts';
import { makeEvent } from '../helpers/events.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const VARIABLES = {
  GOOD_SECRET: SECRET,
  ALO_WEBHOOK_SECRET: SECRET,
  ALLO_WEBHOOK_SECRET: SECRET,
  SLACK_BOT_TOKEN: 'xoxb-1',
};
/** A Monday before eight in Paris. */
const EARLY = Date.parse('2026-03-02T07:59+01:00');
const MARIA = person({ email: 'maria@example.com' });

async function load(file: string): Promise<Config> {
  const { config, problems } = await loadConfig(file, VARIABLES);
  expect(problems).toEqual([]);
  if (config === null) throw new Error('no config');
  return config;
}

function planned({ routes }: Config, event: Partial<RelayEvent>, now = EARLY) {
  const personKey = ({ email, id }: RelayEvent['actor']) => email ?? id ?? '';
  return plan(makeEvent(event), routes, { personKey, now, maxPerEvent: 100 }).deliveries;
}

const said = (text: string, author = MARIA) => ({
  topic: 'action_message_added',
  message: chatMessage(text, author),
});
const status = (name: string) => ({
  topic: 'action_status_updated',
  action: action({ status: name }),
  assignees: { current: [MARIA], added: [], removed: [] },
});
const created = (fields: Parameters<typeof action>[0]) => ({ topic: 'action_created', action: action(fields) });
const call = (topic: string, data: object = {}) => ({ source: 'allo', topic, payload: { data } });

describe('the examples of the README', () => {
  it.each<[string, Partial<RelayEvent>, string[]]>([
    ['a bot', { ...said('beep'), actor: person({ kind: 'bot' }) }, []],
    ['an author that is muted', said('built', person({ email: 'ci@example.com' })), []],
    ['what somebody says', said('hello'), ['thread only: #alo-actions reply']],
    ['to all', said('come @all'), ['thread only: #alo-actions reply', 'thread and channel: #incidents reply+']],
    ['blocked', status('Blocked'), ['emoji: #alo-actions react']],
    [
      'completed',
      status('Completed'),
      [
        'all of it at once: #alo-actions card',
        'all of it at once: #alo-actions reply',
        'all of it at once: dm:maria@example.com dm',
        'all of it at once: #alo-actions react',
        'all of it at once: #alo-actions react',
      ],
    ],
    ['created', created({ priority: 'Low' }), ['in place: #alo-actions card']],
    [
      'created, urgent',
      created({ priority: 'High', type: 'task' }),
      ['in place: #alo-actions card', 'urgent work: #urgent post'],
    ],
    ['created, by the team', created({ team: 'Safety' }), ['in place: #alo-actions card', 'urgent work: #urgent post']],
    ['created, a checklist', created({ team: 'Safety', type: 'checklist' }), ['in place: #alo-actions card']],
    ['a call', call('call.received'), ['phones: #phones post']],
    ['a summary', call('summary.updated'), ['phones: #phones post']],
    ['a text', call('sms.received'), []],
  ])('%s', async (_, event, expected) => {
    const config = await load('test/fixtures/config/good-choices.yaml');
    const shown = planned(config, event).map(({ route, lane, target }) => {
      const broadcast = target.verb === 'reply' && target.broadcast ? '+' : '';
      return `${route}: ${lane.replace('channel:', '')} ${target.verb}${broadcast}`;
    });
    expect(shown).toEqual(expected);
  });

  it('merge, hold back and count as each route says', async () => {
    const config = await load('test/fixtures/config/good-choices.yaml');
    const rules = Object.fromEntries(config.routes.map(({ name, merge }) => [name, merge]));
    const usual = { whenWaiting: 10, maxLines: 60, template: null };
    expect(config.delivery.merge).toEqual(usual);
    expect([rules.phones, rules['urgent work']]).toEqual([usual, null]);
    expect(rules['missed calls']).toEqual({ whenWaiting: 10, maxLines: 20, template: 'any_event' });
    const missed = planned(config, call('call.completed', { result: 'FAILED', to: '+331' })).slice(1);
    expect(missed).toMatchObject([
      { heldUntil: EARLY + 60_000, threshold: { key: '["missed calls","+331"]', count: 5, withinMs: 600_000 } },
    ]);
  });
});

describe('config.example.yaml', () => {
  it('holds back what is not critical, and so nothing of the demo', async () => {
    const config = await load('config.example.yaml');
    const assigned = (priority: string) => ({
      topic: 'action_assignment_changed',
      action: action({ priority }),
      assignees: { current: [], added: [MARIA], removed: [] },
    });
    const heldUntil = (event: Partial<RelayEvent>, now?: number) =>
      planned(config, event, now).map((delivery) => delivery.heldUntil ?? null);
    expect(heldUntil(assigned('High'))).toEqual([null, EARLY + 60_000]);
    expect(heldUntil(assigned('High'), Date.parse('2026-03-06T19:00+01:00'))).toEqual([
      null,
      Date.parse('2026-03-09T08:00+01:00'),
    ]);
    expect(heldUntil(assigned('Critical'))).toEqual([null, null]);
    expect(heldUntil(created({ priority: 'High' }))).toEqual([null]);
  });

  it('sounds the alarm for a storm beside what it tells anyway', async () => {
    const config = await load('config.example.yaml');
    const voicemail = planned(config, call('call.completed', { result: 'VOICEMAIL' }));
    expect(voicemail.map(({ route, threshold }) => [route, threshold?.count])).toEqual([
      ['only when it storms', 5],
      ['voicemail', undefined],
    ]);
  });
});
