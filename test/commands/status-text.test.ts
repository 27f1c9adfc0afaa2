import { describe, expect, it } from 'vitest';
import { adviceOf, statusText } from '../../src/commands/status-text.ts';
import type { StatusReport } from '../../src/history/status-report.ts';

const NOW = Date.parse('2026-03-05T13:30:00Z');
const command = (name: string) => `npx alo-relay ${name}`;
const ok = (name: string) => ({ name, ok: true, detail: null, since: null });

const WELL: StatusReport = {
  service: {
    version: '1.2.3',
    started_at: '2026-03-02T09:00:00.000Z',
    workspace: 'acme.slack.com',
    checks: ['journal', 'slack', 'config'].map(ok),
  },
  journal: { place: '/data/relay.db', bytes: 12_900_000 },
  deliveries: { ...NONE(), sent: 9_000 },
  sources: [
    { name: 'alo', last_event_at: '2026-03-05T13:27:00.000Z' },
    { name: 'allo', last_event_at: null },
  ],
  lanes: { total: 0, longest: [] },
  last_failure: null,
};

function NONE() {
  return { held: 0, pending: 0, sending: 0, sent: 0, merged: 0, superseded: 0, dead: 0, parked: 0, dismissed: 0 };
}

const reason = { code: 'channel_not_found', detail: 'There is no channel #missing: create it, or invite the app.' };
const ILL: StatusReport = {
  ...WELL,
  service: {
    ...WELL.service,
    version: '1.2.3',
    started_at: '2026-03-05T13:29:58.000Z',
    workspace: null,
    checks: [
      ok('journal'),
      {
        name: 'slack',
        ok: false,
        detail:
          'Slack cannot be reached; deliveries wait and are retried. Last reason: getaddrinfo ENOTFOUND slack.com',
        since: '2026-03-05T12:15:30.000Z',
      },
      { ...ok('config'), detail: 'config.yaml:12:3: Unknown key "chanel". Did you mean "channel"?' },
    ],
  },
  deliveries: { ...NONE(), pending: 11, sending: 1, held: 3, dead: 2 },
  lanes: {
    total: 4,
    longest: [
      {
        lane: 'channel:#alo-actions',
        state: 'retrying',
        until: '2026-03-05T13:35:00.000Z',
        waiting: 9,
        reason: { code: 'connection_failed', detail: 'Slack cannot be reached\u001b[31m: getaddrinfo ENOTFOUND' },
      },
      { lane: 'dm:U1', state: 'held', until: null, waiting: 3, reason: null },
    ],
  },
  last_failure: {
    delivery: 7,
    state: 'dead',
    event: {
      number: 3,
      id: 'e',
      source: 'alo',
      topic: 't',
      subject: null,
      title: null,
      received_at: '2026-03-05T13:00:00.000Z',
    },
    ...{
      route: 'action card',
      verb: 'card',
      lane: 'channel:#missing',
      destination: '#missing',
      channel: null,
      ts: null,
      attempts: 1,
    },
    ...{ in_doubt: false, reason, accepted_at: '2026-03-05T13:00:00.000Z', updated_at: '2026-03-05T13:00:01.000Z' },
    ...{ due_at: null, replay: false, replayed_as: null, dismissal: null },
  },
};

const shown = (report: StatusReport) => statusText(report, adviceOf(report, command), NOW);

describe('a status', () => {
  it('where all is well', () => {
    expect(shown(WELL)).toBe(`service   version 1.2.3, up 3 d 4 h
journal   /data/relay.db, 12 MiB: ok
Slack     acme.slack.com: ok
events    alo: 3 min ago; allo: no event
waiting   nothing
failed    nothing

All is well.
`);
  });

  it('says what is wrong, since when, and what to do, in lines of 80 characters', () => {
    const text = shown(ILL);
    expect(text.replaceAll(/\d\d:\d\d:00 \S+/g, 'TIME')).toBe(`service   version 1.2.3, up 2 s
journal   /data/relay.db, 12 MiB: ok
Slack     workspace not known yet: failing for 1 h 14 min. Slack cannot be
          reached; deliveries wait and are retried. Last reason: getaddrinfo
          ENOTFOUND slack.com
config    config.yaml:12:3: Unknown key "chanel". Did you mean "channel"?
events    alo: 3 min ago; allo: no event
waiting   12 deliveries, and 3 held, in 4 lanes
          #alo-actions: 9, retrying until 2026-03-05 TIME Slack cannot
          be reached\ufffd[31m: getaddrinfo ENOTFOUND
          @U1: 3, held
failed    2 dead; the newest 30 min ago, action card: There is no channel
          #missing: create it, or invite the app. (channel_not_found)

See what is wrong with Slack: npx alo-relay doctor
Mend the config: npx alo-relay check
See what did not arrive, and why: npx alo-relay deliveries --state dead,parked
`);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  it('of a journal alone says what to do first', () => {
    const alone = { ...ILL, service: null };
    expect(adviceOf(alone, command)).toEqual(['Start the service: npx alo-relay serve']);
    expect(shown(alone)).toMatch(/^journal {3}\/data\/relay\.db, 12 MiB\nevents /);
  });
});
