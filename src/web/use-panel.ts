import { useEffect, useState } from 'react';
import type { ConditionState } from '../sandbox/panel/outages.ts';
import type { RelayStatus, SampleEventsView, SendOrder, SendResult } from '../sandbox/panel/sample-events.ts';
import { send } from './panel-api.ts';

export interface PanelState {
  readonly samples: SampleEventsView;
  readonly outages: readonly ConditionState[];
  /** The newest last; null where the relay did not say. */
  readonly status: readonly (RelayStatus | null)[];
}

/** How many statuses are kept: one per second. */
const HISTORY = 90;

/** What the panel shows, of what was announced; null while nothing is here that could send events. */
export function usePanel(announced: Readonly<Record<string, unknown>>): PanelState | null {
  const [history, setHistory] = useState<readonly (RelayStatus | null)[]>([]);
  const { samples, outages, status } = announced;
  useEffect(() => {
    if (status !== undefined) setHistory((before) => [...before, asRelayStatus(status)].slice(-HISTORY));
  }, [status]);
  if (!isSampleEvents(samples)) return null;
  return { samples, outages: isOutages(outages) ? outages : [], status: history };
}

export interface Sending {
  /** What is under way: its order as JSON. */
  readonly busy: readonly string[];
  readonly said: { readonly ok: boolean; readonly text: string } | null;
  readonly order: (order: SendOrder) => Promise<void>;
}

/** Sends, and says what became of it. */
export function useSending(): Sending {
  const [busy, setBusy] = useState<readonly string[]>([]);
  const [said, setSaid] = useState<Sending['said']>(null);
  const order = async (what: SendOrder): Promise<void> => {
    const key = JSON.stringify(what);
    setBusy((before) => [...before, key]);
    try {
      const result = await send(what);
      setSaid({ ok: result.trouble === null, text: described(what, result) });
    } catch (error) {
      setSaid({ ok: false, text: error instanceof Error ? error.message : String(error) });
    }
    setBusy((before) => before.filter((it) => it !== key));
  };
  return { busy, said, order };
}

function described(order: SendOrder, { topic, sent, accepted, slowestMs, trouble }: SendResult): string {
  if (trouble !== null) return sent === 1 ? trouble : `${sent - accepted} of ${sent} were not accepted. ${trouble}`;
  if (order.kind === 'duplicate') return `${topic} was sent again and answered 200. Nothing new should appear.`;
  if (order.kind === 'out_of_order') return 'The newer event came first. The card should keep showing it.';
  if (sent === 1) return `${topic} was answered 200 in ${slowestMs} ms.`;
  return `${sent} events were answered 200, the slowest in ${slowestMs} ms.`;
}

// The server is of the same build: what it announces is not checked again in depth.
function isSampleEvents(data: unknown): data is SampleEventsView {
  return typeof data === 'object' && data !== null && 'sources' in data;
}

function isOutages(data: unknown): data is readonly ConditionState[] {
  return Array.isArray(data);
}

function asRelayStatus(data: unknown): RelayStatus | null {
  return isRelayStatus(data) ? data : null;
}

function isRelayStatus(data: unknown): data is RelayStatus {
  return typeof data === 'object' && data !== null && 'waiting' in data;
}
