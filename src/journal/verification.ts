/** How an event was verified, and the text that is kept of it beside the event. */

/** How an event was received and verified. */
export interface VerificationInfo {
  readonly scheme: string;
  /** Which of the source's secrets, from 1. */
  readonly secret: number;
  /** How many it had. */
  readonly of: number;
  /** As the signature says, ms since the epoch; null where it says nothing of a time. */
  readonly signedAt: number | null;
  readonly requestId: string | null;
}

export interface DedupeKey {
  /** Unique within the source for as long as it is kept. */
  readonly key: string;
  /** ms since the epoch; from then on the key may come again as a new event. */
  readonly keepUntil: number;
}

interface Written {
  readonly key: string;
  readonly keep_until: number;
  readonly scheme?: string;
  readonly secret?: number;
  readonly of?: number;
  readonly signed_at?: number | null;
  readonly request_id?: string | null;
}

/** A key is as long as its sender makes it; for looking at it, the beginning is enough. */
const LONGEST_KEY = 512;

export function writeVerification({ key, keepUntil }: DedupeKey, received: VerificationInfo | undefined): string {
  const written: Written = {
    key: key.slice(0, LONGEST_KEY),
    keep_until: keepUntil,
    ...(received && {
      scheme: received.scheme,
      secret: received.secret,
      of: received.of,
      signed_at: received.signedAt,
      request_id: received.requestId,
    }),
  };
  return JSON.stringify(written);
}

/** Null: the event was accepted before this was kept. */
export function readVerification(json: string | null): {
  readonly received: VerificationInfo | null;
  readonly dedupe: DedupeKey | null;
} {
  if (json === null) return { received: null, dedupe: null };
  const { key, keep_until: keepUntil, scheme, secret, of, signed_at, request_id }: Written = JSON.parse(json);
  const dedupe = { key, keepUntil };
  if (scheme === undefined || secret === undefined || of === undefined || signed_at === undefined) {
    return { received: null, dedupe };
  }
  return { received: { scheme, secret, of, signedAt: signed_at, requestId: request_id ?? null }, dedupe };
}
