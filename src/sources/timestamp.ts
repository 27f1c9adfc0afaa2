import { type Refused, refuse } from './refusal.ts';

/** How old, or how far ahead, a signed timestamp may be. Both senders document five minutes. */
const TOLERANCE_S = 300;

/**
 * Digits and nothing else. Stricter than `parseInt`, which the libraries use: what they read out of `" 161"`, `"161x"`
 * or `"0161"` is not what was sent.
 */
const SECONDS = /^(?:0|[1-9]\d{0,11})$/;

/** The timestamp header, if it is well formed and recent as of `nowMs` (ms since the epoch). */
export function checkTimestamp(header: string | readonly string[] | undefined, nowMs: number): Refused | string {
  if (header === undefined || header === '') return refuse('timestamp-missing');
  if (typeof header !== 'string' || !SECONDS.test(header)) return refuse('timestamp-malformed');
  const ageS = Math.floor(nowMs / 1000) - Number(header);
  if (ageS > TOLERANCE_S) return refuse('timestamp-stale', `It is ${ageS} seconds old.`);
  if (ageS < -TOLERANCE_S) return refuse('timestamp-future', `It is ${-ageS} seconds ahead.`);
  return header;
}
