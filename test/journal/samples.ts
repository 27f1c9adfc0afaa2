import { ABSENT_ACTION, ABSENT_MESSAGE, ABSENT_PERSON } from '../../src/core/absent.ts';
import type { Threshold } from '../../src/core/delivery.ts';
import type { EventHeader } from '../../src/core/event-header.ts';
import type { CardKey, Journal, NewDelivery, NewEvent, Retry, VerificationInfo } from '../../src/journal/contract.ts';

export const NOW = Date.UTC(2026, 0, 1);
export const REASON = { code: 'http_502', detail: 'Slack answered 502.' };
/** A retry, but for whose it is. */
export const LATER: Omit<Retry, 'seq'> = {
  attempts: 1,
  at: NOW + 10,
  dueAt: NOW + 5000,
  reason: REASON,
  doubt: null,
  group: null,
};
export const KEY: CardKey = { source: 'alo', subject: 'a1', channel: '#ops' };

/** The journal that a part of the contract is about: another one after `reopen`. */
export interface Subject {
  readonly journal: () => Journal;
  readonly reopen: () => Promise<void>;
}

function header(changes: Partial<EventHeader> = {}): EventHeader {
  return {
    id: 'evt_1',
    source: 'alo',
    topic: 'action_updated',
    occurred_at: '2026-01-01T00:00:00Z',
    received_at: '2026-01-01T00:00:01Z',
    subject: 'a1',
    actor: ABSENT_PERSON,
    action: ABSENT_ACTION,
    assignees: { current: [], added: [], removed: [] },
    message: ABSENT_MESSAGE,
    ...changes,
  };
}

interface ReceiptChanges {
  readonly key: string;
  readonly keepUntil?: number;
  readonly also?: { readonly key: string; readonly keepUntil: number };
  readonly receivedAt?: number;
  readonly lanes?: readonly string[];
  readonly body?: Uint8Array;
  readonly event?: Partial<EventHeader>;
  readonly state?: NewDelivery['state'];
  readonly heldUntil?: number;
  readonly threshold?: Threshold;
  readonly reports?: readonly number[];
  readonly received?: VerificationInfo;
  readonly trace?: string;
}

/** An event with one delivery in each of `lanes`. */
export function receipt(changes: ReceiptChanges): NewEvent {
  const { key, keepUntil = NOW + 1000, receivedAt = NOW, lanes = ['#ops'], body, event } = changes;
  const {
    heldUntil,
    threshold,
    state = heldUntil === undefined ? 'pending' : 'held',
    reports,
    received,
    trace,
    also,
  } = changes;
  return {
    event: header({ id: key, ...event }),
    body: body ?? Buffer.from(JSON.stringify({ key })),
    dedupe: { key, keepUntil, ...(also && { also }) },
    receivedAt,
    deliveries: lanes.map((lane) => ({
      lane,
      route: 'action card',
      target: { verb: 'card', channel: lane, template: 'action_card' },
      state,
      ...(heldUntil !== undefined && { heldUntil }),
      ...(threshold && { threshold }),
    })),
    ...(reports && { reports }),
    ...(received && { received }),
    ...(trace !== undefined && { trace }),
  };
}

/** Accepts it and gives what the journal calls it: the event's number, and one a delivery that was made. */
export async function stored(journal: Journal, changes: ReceiptChanges): Promise<[number, ...number[]]> {
  const acceptance = await journal.accept(receipt(changes));
  if (acceptance.kind !== 'accepted') throw new Error(`${changes.key} is a duplicate`);
  const seqs = acceptance.seqs.filter((seq) => seq !== null);
  return [acceptance.eventSeq, ...seqs];
}
