/** From a request anyone may have sent to one that a holder of the secret signed. */
import { parseBody } from '../core/body.ts';
import { checkAlo, hasAloSignature } from './alo-signature.ts';
import { keptOf, type PayloadPath } from './redact.ts';
import { type Refused, refuse } from './refusal.ts';
import type { RawRequest } from './request.ts';
import type { Keys, SourceType } from './secrets.ts';
import { checkStandard, hasStandardSignature } from './standard-webhooks.ts';

/**
 * A request whose signature was checked. Only its type leaves this file, and its private field lets nothing else pass for
 * it: what was not verified cannot reach the parser. What is redacted is in `sent` and `signed` alone, which tell
 * whether the request came before.
 */
class VerifiedRequest {
  readonly signature: SignatureFacts;
  /** The sender's, where it is covered by the signature. The same over all retries. */
  readonly messageId: string | null;
  /** The parsed body; its text where it is not JSON (what is not UTF-8 in it is U+FFFD). */
  readonly sent: unknown;
  /** What is kept of the body. */
  readonly body: Buffer;
  /** What is kept of it, parsed: what everybody sees. */
  readonly payload: unknown;
  readonly #signed: Buffer;

  constructor(
    { messageId, ...signature }: SignatureFacts & Pick<VerifiedRequest, 'messageId'>,
    signed: Buffer,
    redact: readonly PayloadPath[],
  ) {
    this.messageId = messageId;
    this.signature = signature;
    this.#signed = signed;
    this.sent = parseBody(signed.toString('utf8'));
    const { body, payload } = keptOf(this.sent, redact) ?? { body: signed, payload: this.sent };
    this.body = body;
    this.payload = payload;
  }

  /** The body as it came. */
  get signed(): Buffer {
    return this.#signed;
  }
}

export type { VerifiedRequest };

/** Which signature held. */
interface SignatureFacts {
  readonly scheme: 'alo-v0' | 'standard-webhooks';
  /** Which of the source's secrets, from 1. */
  readonly secret: number;
  /** How many it has. */
  readonly of: number;
  /** ms since the epoch, as was signed. */
  readonly signedAt: number;
}

export interface Verifier {
  readonly type: SourceType;
  readonly keys: Keys;
  /** What is not kept of the body. */
  readonly redact: readonly PayloadPath[];
}

export type Verification = { readonly ok: true; readonly request: VerifiedRequest } | Refused;

/**
 * Checks a request as of `nowMs` (ms since the epoch). An `alo` source takes either scheme, by the headers present; where
 * both are (a gateway that passes on what it got), either may hold, since a retry by the gateway leaves ALO's own
 * timestamp behind.
 */
export function verify(request: RawRequest, { type, keys, redact }: Verifier, nowMs: number): Verification {
  const { headers, body } = request;
  const standard = hasStandardSignature(headers) ? checkStandard(request, keys.standard, nowMs) : null;
  if (standard?.ok) {
    const { messageId, secret } = standard;
    const signedAt = signedAtMs(headers['webhook-timestamp']);
    const facts = { messageId, scheme: 'standard-webhooks', secret, of: keys.secrets, signedAt } as const;
    return { ok: true, request: new VerifiedRequest(facts, body, redact) };
  }
  const own = type === 'alo' && hasAloSignature(headers) ? checkAlo(request, keys.v0, nowMs) : null;
  if (own?.ok) {
    const { messageId, secret } = own;
    const signedAt = signedAtMs(headers['x-alo-request-timestamp']);
    const facts = { messageId, scheme: 'alo-v0', secret, of: keys.secrets, signedAt } as const;
    return { ok: true, request: new VerifiedRequest(facts, body, redact) };
  }
  const told = keys.standard.length > 0 ? (standard ?? own) : (own ?? standard);
  return told ?? refuse('signature-missing', HEADERS_NEEDED[type]);
}

/** Of a header that `checkTimestamp` found good. */
function signedAtMs(header: string | readonly string[] | undefined): number {
  return Number(header) * 1000;
}

const STANDARD_ONLY = 'This source needs webhook-signature (with webhook-id and webhook-timestamp).';

const HEADERS_NEEDED: Readonly<Record<SourceType, string>> = {
  alo: 'This source needs X-ALO-Signature (with X-ALO-Request-Timestamp), or webhook-signature from a gateway.',
  allo: STANDARD_ONLY,
  'standard-webhooks': STANDARD_ONLY,
};
