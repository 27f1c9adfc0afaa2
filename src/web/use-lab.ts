import { useEffect, useState } from 'react';
import type { Coping, SendOrder, SendResult, TrialView } from '../sandbox/lab/trial.ts';
import type { ConditionState } from '../sandbox/lab/weather.ts';
import { send } from './lab-api.ts';

export interface LabState {
  readonly trial: TrialView;
  readonly weather: readonly ConditionState[];
  /** The newest last; null where the relay did not say. */
  readonly coping: readonly (Coping | null)[];
}

/** Samples of how the relay copes that are kept: one a second. */
const HISTORY = 90;

/** What the panel shows, of what was announced; null while nothing is here that could send events. */
export function useLab(announced: Readonly<Record<string, unknown>>): LabState | null {
  const [history, setHistory] = useState<readonly (Coping | null)[]>([]);
  const { trial, weather, coping } = announced;
  useEffect(() => {
    if (coping !== undefined) setHistory((before) => [...before, asCoping(coping)].slice(-HISTORY));
  }, [coping]);
  if (!isTrial(trial)) return null;
  return { trial, weather: isWeather(weather) ? weather : [], coping: history };
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
function isTrial(data: unknown): data is TrialView {
  return typeof data === 'object' && data !== null && 'sources' in data;
}

function isWeather(data: unknown): data is readonly ConditionState[] {
  return Array.isArray(data);
}

function asCoping(data: unknown): Coping | null {
  return isCoping(data) ? data : null;
}

function isCoping(data: unknown): data is Coping {
  return typeof data === 'object' && data !== null && 'waiting' in data;
}
