/** From a request anyone may have sent to one that a holder of the secret signed. */
import type { IncomingHttpHeaders } from 'node:http';
import { parseBody } from '../core/body.ts';
import { type AloHeaders, aloHeaders, aloSecret } from './alo-signature.ts';
import { keptOf, type PayloadPath } from './redact.ts';
import { type Refused, refuse } from './refusal.ts';
import type { RawRequest } from './request.ts';
import type { Keys, SourceType } from './secrets.ts';
import { type StandardHeaders, standardHeaders, standardSecret } from './standard-webhooks.ts';

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
 * What can be refused before the body is read, as of `nowMs` (ms since the epoch): null where the body decides. `verify`
 * refuses the same.
 */
export function checkHeaders(headers: IncomingHttpHeaders, verifier: Verifier, nowMs: number): Refused | null {
  const claims = claimsIn(headers, verifier, nowMs);
  return claims.standard?.ok || claims.own?.ok ? null : refusalOf(claims, verifier);
}

/**
 * Checks a request as of `nowMs` (ms since the epoch). An `alo` source takes either scheme, by the headers present; where
 * both are (a gateway that passes on what it got), either may hold, since a retry by the gateway leaves ALO's own
 * timestamp behind.
 */
export function verify({ headers, body }: RawRequest, verifier: Verifier, nowMs: number): Verification {
  const { keys, redact } = verifier;
  const claims = claimsIn(headers, verifier, nowMs);
  const { standard, own } = claims;
  const held = (scheme: SignatureFacts['scheme'], secret: number, timestamp: string, messageId: string | null) => {
    const facts = { messageId, scheme, secret, of: keys.secrets, signedAt: Number(timestamp) * 1000 };
    return { ok: true, request: new VerifiedRequest(facts, body, redact) } as const;
  };
  if (standard?.ok) {
    const secret = standardSecret(standard, body, keys.standard);
    if (secret !== null) return held('standard-webhooks', secret, standard.timestamp, standard.messageId);
  }
  if (own?.ok) {
    const secret = aloSecret(own, body, keys.v0);
    if (secret !== null) return held('alo-v0', secret, own.timestamp, null);
  }
  return refusalOf(claims, verifier);
}

/** What the headers say, by scheme; null: nothing. */
interface Claims {
  readonly standard: StandardHeaders | Refused | null;
  readonly own: AloHeaders | Refused | null;
}

function claimsIn(headers: IncomingHttpHeaders, { type, keys }: Verifier, nowMs: number): Claims {
  return {
    standard: standardHeaders(headers, keys.standard, nowMs),
    own: type === 'alo' ? aloHeaders(headers, nowMs) : null,
  };
}

/** Of two schemes, the refusal of the one that the source's secrets are for. Good headers with a bad signature: a mismatch. */
function refusalOf({ standard, own }: Claims, { type, keys }: Verifier): Refused {
  const [first, second] = keys.standard.length > 0 ? [standard, own] : [own, standard];
  const claim = first ?? second;
  if (claim === null) return refuse('signature-missing', HEADERS_NEEDED[type]);
  return claim.ok ? refuse('signature-mismatch') : claim;
}

const STANDARD_ONLY = 'This source needs webhook-signature (with webhook-id and webhook-timestamp).';

const HEADERS_NEEDED: Readonly<Record<SourceType, string>> = {
  alo: 'This source needs X-ALO-Signature (with X-ALO-Request-Timestamp), or webhook-signature from a gateway.',
  allo: STANDARD_ONLY,
  'standard-webhooks': STANDARD_ONLY,
};
