/**
 * What came of a call to Slack. Retryability is data, decided once, where the answer is known.
 */
export interface Reason {
  /** Slack's error code, or ours (`http_502`, `connection_refused`). Stable, fit for a log label. */
  readonly code: string;
  /** One sentence for a person: what happened and what to do. Holds no message text and no secret. */
  readonly detail: string;
}

/** Who has to act: the channel's owner, whoever wrote the template, or whoever installed the app. */
export type RefusalScope = 'destination' | 'payload' | 'credential';

export type Outcome<T> =
  | { readonly kind: 'sent'; readonly value: T }
  /**
   * It did not happen and may be tried again. `limited`: it costs no attempt, because Slack asked to wait (then there is
   * `afterMs`), or because it was not tried.
   */
  | { readonly kind: 'retry'; readonly reason: Reason; readonly limited: boolean; readonly afterMs?: number }
  /** It may or may not have happened. */
  | { readonly kind: 'unknown'; readonly reason: Reason }
  /** It did not happen and will not by trying again. */
  | { readonly kind: 'refused'; readonly scope: RefusalScope; readonly reason: Reason };

export type Failure = Exclude<Outcome<never>, { kind: 'sent' }>;

export function sent<T>(value: T): Outcome<T> {
  return { kind: 'sent', value };
}

export function refused(scope: RefusalScope, code: string, detail: string): Failure {
  return { kind: 'refused', scope, reason: { code, detail } };
}
