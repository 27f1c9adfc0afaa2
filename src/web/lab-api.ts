/** What the panel shows and orders (src/sandbox/trial.ts, weather.ts). */
export interface TrialSource {
  readonly name: string;
  readonly topics: readonly string[];
  readonly oldTopics: readonly string[];
  readonly stories: readonly string[];
  readonly reorders: boolean;
}

export interface Trial {
  readonly sources: readonly TrialSource[];
  readonly dashboard: string | null;
}

export type Condition = 'rate_limited' | 'outage' | 'answers_lost' | 'token_revoked';

export interface ConditionState {
  readonly condition: Condition;
  /** ms from when it was told; null: until it is ended. */
  readonly endsInMs: number | null;
  /** null: all. */
  readonly callsLeft: number | null;
  readonly struck: number;
}

/** How many deliveries are in which state. */
export interface Coping {
  readonly waiting: number;
  readonly held: number;
  readonly sent: number;
  readonly merged: number;
  readonly superseded: number;
  readonly dead: number;
  readonly parked: number;
}

export type SendOrder =
  | { readonly kind: 'one'; readonly source: string; readonly topic: string; readonly story: number }
  | { readonly kind: 'story' | 'out_of_order'; readonly source: string; readonly story: number }
  | { readonly kind: 'storm'; readonly source: string }
  | { readonly kind: 'duplicate' };

export interface SendResult {
  readonly topic: string | null;
  readonly sent: number;
  readonly accepted: number;
  readonly slowestMs: number;
  readonly trouble: string | null;
}

/** Rejects with an error for people. */
export function send(order: SendOrder): Promise<SendResult> {
  return post('send', order);
}

export function setWeather(condition: Condition, on: boolean): Promise<unknown> {
  return post('weather', { condition, on });
}

export function setArchived(channel: string, archived: boolean): Promise<unknown> {
  return post('archive', { channel, archived });
}

/** Ends every fault, and takes all channels out of the archive. */
export function allWell(): Promise<unknown> {
  return post('all-well', {});
}

async function post<T>(path: string, body: unknown): Promise<T> {
  const response = await fetch(`_sandbox/${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }).catch(() => {
    throw new Error('The sandbox does not answer.');
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(String(answer.error));
  return answer;
}
