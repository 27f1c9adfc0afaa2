import type { AuditedOrder, AuditPage } from '../../../src/history/audit-view.ts';
import { ago, HOSTILE_TITLE, type Scenario } from './scenario.ts';

const PAGE = 50;
const COUNT = 120;

/** What operators ordered; the newest is not finished. */
export function audit(scenario: Scenario, query: URLSearchParams): AuditPage {
  if (scenario === 'empty') return { entries: [], next: null };
  const newest = Math.min(COUNT, Number(query.get('before') ?? COUNT + 1) - 1);
  const last = Math.max(1, newest - PAGE + 1);
  const entries = Array.from({ length: newest - last + 1 }, (_, index) => order(newest - index));
  return { entries, next: last === 1 ? null : last };
}

function order(number: number): AuditedOrder {
  const at = ago((COUNT - number) * 3_600 + 40);
  const by = { name: null, role: 'operator', via: 'command', address: '127.0.0.1' } as const;
  if (number % 3 === 0) {
    const named = { ...by, name: HOSTILE_TITLE, via: 'dashboard', address: '2001:db8::7' } as const;
    const selection = { ids: ['17', '18', 'msg_2af0'] };
    return {
      number,
      at,
      action: 'dismiss',
      by: named,
      selection,
      what: '17, 18, msg_2af0',
      reason: HOSTILE_TITLE,
      deliveries: 3,
    };
  }
  const selection =
    number % 3 === 1
      ? { states: ['dead', 'parked'], since: ago(90_000), again: true }
      : { routes: ['action card'], reason_codes: ['is_archived', 'channel_not_found'] };
  const deliveries = number === COUNT - 1 ? null : 1_204;
  const what =
    number % 3 === 1 ? 'dead, parked; what has gone out as well' : `route ${HOSTILE_TITLE}; reason is_archived`;
  return { number, at, action: 'replay', by, selection, what, reason: null, deliveries };
}
