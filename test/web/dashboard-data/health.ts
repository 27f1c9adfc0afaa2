import type { Role } from '../../../src/core/actor.ts';
import type { DeliveryState } from '../../../src/core/delivery.ts';
import type { OverviewView, SeriesView, StatusView } from '../../../src/history/views.ts';
import { ago, HOSTILE_TITLE, type Scenario } from './scenario.ts';

const NONE: Record<DeliveryState, number> = {
  held: 0,
  pending: 0,
  sending: 0,
  sent: 0,
  merged: 0,
  superseded: 0,
  dead: 0,
  parked: 0,
  dismissed: 0,
};

export function status(
  scenario: Scenario,
  { tokenRequired, role }: { readonly tokenRequired: boolean; readonly role: Role },
): StatusView {
  return {
    service: 'alo-relay',
    version: '0.1.0',
    journal: './data/relay.db',
    deliveries: overview(scenario).tally,
    ready: overview(scenario).ready,
    checks: overview(scenario).checks,
    started_at: ago(93_000),
    instance: null,
    token_required: tokenRequired,
    role,
  };
}

export function overview(scenario: Scenario): OverviewView {
  const fine = { file: 'config.yaml', loaded_at: ago(7_400), problems: [] };
  const checks = (['journal', 'slack', 'config'] as const).map((name) => ({
    name,
    ok: true,
    detail: null,
    code: null,
    since: null,
  }));
  const sources = [
    { source: 'alo', last_at: ago(740), usual_seconds: 1_200, silent: false },
    { source: 'github', last_at: null, usual_seconds: null, silent: false },
  ];
  const unheard = sources.map((source) => ({ ...source, last_at: null, usual_seconds: null }));
  const quiet = { ready: true, checks, config: fine, sources: scenario === 'empty' ? unheard : sources };
  if (scenario === 'empty') return { ...quiet, tally: NONE, lanes: { unfinished: 0, oldest_at: null } };
  const tally = { ...NONE, sent: 181_402, merged: 6_310, superseded: 4_127 };
  if (scenario === 'calm') return { ...quiet, tally, lanes: { unfinished: 0, oldest_at: null } };
  if (scenario === 'silent') {
    const [alo, ...rest] = sources;
    const silent = { source: 'alo', usual_seconds: 1_200, ...alo, last_at: ago(32_400), silent: true };
    return { ...quiet, tally, lanes: { unfinished: 0, oldest_at: null }, sources: [silent, ...rest] };
  }
  if (scenario === 'busy') {
    const waiting = { ...tally, pending: 41, sending: 2, held: 6, dead: 12, parked: 3 };
    return { ...quiet, tally: waiting, lanes: { unfinished: 5, oldest_at: ago(190) } };
  }
  return {
    ready: false,
    checks: [
      { name: 'journal', ok: true, detail: null, code: null, since: null },
      {
        name: 'slack',
        ok: false,
        detail: 'Slack refuses the token (token_revoked): put a new one into slack.token.',
        code: 'token_revoked',
        since: ago(2_700),
      },
      {
        name: 'config',
        ok: true,
        detail: 'The last change was not taken: see its problems.',
        code: null,
        since: ago(1_200),
      },
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
    sources: [{ source: 'alo', last_at: ago(32_400), usual_seconds: 1_200, silent: true }],
  };
}

export function series(scenario: Scenario, minutes: number): SeriesView {
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
