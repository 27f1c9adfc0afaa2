import type { Refused } from './refusal.ts';

/** What the headers of a request claim in one scheme: well formed, recent, and signed with a kind of key that the source has. */
export interface Claim {
  readonly ok: true;
  readonly scheme: 'alo-v0' | 'standard-webhooks';
  /** The sender's, where the signature covers it. The same over all retries. */
  readonly messageId: string | null;
  /** Seconds since the epoch, as the sender wrote them. */
  readonly timestamp: string;
  /** Which of the source's secrets signed this body, from 1; else why none did. */
  signer(body: Buffer): number | Refused;
}

/** What the headers of a request claim, in the order in which it is tried: at least one that the body may confirm. */
export interface Claims {
  readonly ok: true;
  readonly inOrder: readonly (Claim | Refused)[];
}
