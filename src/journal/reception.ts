/** How an event came in, as the text that is kept beside it. */
import type { InspectedEvent, Reception } from './inspection.ts';
import type { Receipt } from './journal.ts';

interface Written {
  readonly key: string;
  readonly keep_until: number;
  readonly scheme?: string;
  readonly secret?: number;
  readonly of?: number;
  readonly signed_at?: number | null;
  readonly request_id?: string | null;
}

/** A key is as long as its sender makes it; for looking at it, the beginning does. */
const LONGEST_KEY = 512;

export function writeReception({ key, keepUntil }: Receipt['dedupe'], received: Reception | undefined): string {
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

/** Null: it was accepted before this was kept. */
export function readReception(json: string | null): Pick<InspectedEvent, 'received' | 'dedupe'> {
  if (json === null) return { received: null, dedupe: null };
  const { key, keep_until: keepUntil, scheme, secret, of, signed_at, request_id }: Written = JSON.parse(json);
  const dedupe = { key, keepUntil };
  if (scheme === undefined || secret === undefined || of === undefined || signed_at === undefined) {
    return { received: null, dedupe };
  }
  return { received: { scheme, secret, of, signedAt: signed_at, requestId: request_id ?? null }, dedupe };
}
