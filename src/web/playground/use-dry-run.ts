import { useEffect, useState } from 'react';
import type { PlaygroundAnswer } from '../../dry-run/playground/view.ts';
import { ApiError, ask, messageOf } from '../dashboard/api.ts';

/** So long nothing must have been typed. */
const PAUSE_MS = 250;
const AGAIN_MS = 2_000;

export interface DryRunState {
  /** The last one; null before the first. */
  readonly answer: PlaygroundAnswer | null;
  /** The last one without an error in the way. */
  readonly good: PlaygroundAnswer | null;
  /** What is shown is not yet what was asked for. */
  readonly busy: boolean;
  /** Why there is no answer. */
  readonly trouble: string | null;
}

const NONE: DryRunState = { answer: null, good: null, busy: true, trouble: null };

/** `request`: JSON; null asks nothing. Asks again by itself while the relay cannot answer. */
export function useDryRun(request: string | null): DryRunState {
  const [state, setState] = useState<DryRunState & { readonly of: string | null }>({ ...NONE, of: null });
  useEffect(() => {
    if (request === null) return;
    const abort = new AbortController();
    let timer = setTimeout(attempt, PAUSE_MS);
    function attempt() {
      post(request ?? '', abort.signal).then(
        (answer) => {
          const shown = (before: DryRunState) => (answer.runs.length > 0 ? answer : before.good);
          setState((before) => ({ answer, good: shown(before), busy: false, trouble: null, of: request }));
        },
        (error: unknown) => {
          if (abort.signal.aborted) return;
          setState((before) => ({ ...before, busy: false, trouble: messageOf(error), of: request }));
          if (error instanceof ApiError && isPassing(error.status)) timer = setTimeout(attempt, AGAIN_MS);
        },
      );
    }
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [request]);
  return { ...state, busy: state.of !== request };
}

function post(body: string, signal: AbortSignal): Promise<PlaygroundAnswer> {
  return ask('api/playground', { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal });
}

/** No answer at all, or too much to do. */
function isPassing(status: number): boolean {
  return status === 0 || status === 503;
}
