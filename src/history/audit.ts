/** The audit: who replayed and dismissed what, and when. Each order is journaled before it is carried out. */
import type { Actor } from '../core/actor.ts';
import type { Clock } from '../core/clock.ts';
import type { AuditEntry, AuditQuery, Journal, NewAuditEntry } from '../journal/contract.ts';
import { type AuditedOrder, type AuditPage, type SelectionView, selectionSchema } from './audit-view.ts';
import type { Selection } from './replay-selection.ts';

/** An operator's order. */
export interface Order extends Selection {
  /** Only says what would happen. */
  readonly dryRun?: boolean | undefined;
  /** The operator's name, as it was given. */
  readonly by?: string | null | undefined;
  /** Whose order the admin listener took; left out where the journal itself is opened. */
  readonly actor?: Actor | undefined;
}

const ON_THE_JOURNAL: Actor = { role: 'operator', via: 'journal', address: null };

interface AuditedWork<R> {
  readonly action: NewAuditEntry['action'];
  readonly again?: boolean | undefined;
  readonly reason?: string;
  readonly work: () => Promise<R>;
  /** How many deliveries it was done to. */
  readonly count: (result: R) => number;
}

export interface AuditParts {
  readonly journal: Pick<Journal, 'beginAudit' | 'endAudit'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** Carries the order out. What would only be done is not recorded. Rejects as the journal and the work do. */
export async function audited<R>(
  order: Order,
  { action, again, reason = '', work, count }: AuditedWork<R>,
  { journal, clock }: AuditParts,
): Promise<R> {
  if (order.dryRun === true) return work();
  const number = await journal.beginAudit({
    ...(order.actor ?? ON_THE_JOURNAL),
    at: clock.now(),
    action,
    name: order.by ?? null,
    selection: JSON.stringify(selectionView(order, again)),
    reason: reason === '' ? null : reason,
  });
  const result = await work();
  await journal.endAudit(number, count(result));
  return result;
}

export async function auditOf({ limit, ...query }: AuditQuery, journal: Pick<Journal, 'audit'>): Promise<AuditPage> {
  const entries = await journal.audit({ ...query, limit: limit + 1 });
  const shown = entries.slice(0, limit);
  return { entries: shown.map(entryView), next: entries.length > limit ? (shown.at(-1)?.seq ?? null) : null };
}

function entryView(entry: AuditEntry): AuditedOrder {
  const { name, role, via, address, action, reason, deliveries } = entry;
  const selection = selectionSchema.parse(JSON.parse(entry.selection));
  return {
    number: entry.seq,
    at: new Date(entry.at).toISOString(),
    action,
    by: { name, role, via, address },
    selection,
    what: inWords(selection),
    reason,
    deliveries,
  };
}

function selectionView({ ids, events, states, since, routes, codes }: Order, again?: boolean): SelectionView {
  const filled = (list: readonly string[] = []) => (list.length === 0 ? undefined : [...list]);
  return {
    ids: filled(ids),
    events: filled(events),
    states: filled(states),
    since: since === undefined ? undefined : new Date(since).toISOString(),
    routes: filled(routes),
    reason_codes: filled(codes),
    again: again === true ? true : undefined,
  };
}

const MOST_NAMED = 5;

function inWords({ ids, events, states, since, routes, reason_codes, again }: SelectionView): string {
  const parts = [
    named('', ids),
    named('event ', events),
    named('', states),
    named('route ', routes),
    named('reason ', reason_codes),
    since === undefined ? [] : [`since ${since}`],
    again === true ? ['what has gone out as well'] : [],
  ];
  return parts.flat().join('; ');
}

function named(what: string, list: readonly string[] = []): string[] {
  if (list.length === 0) return [];
  const more = list.length > MOST_NAMED ? ` and ${list.length - MOST_NAMED} more` : '';
  return [`${what}${list.slice(0, MOST_NAMED).join(', ')}${more}`];
}
