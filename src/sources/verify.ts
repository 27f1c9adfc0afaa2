/** From a request anyone may have sent to one that a holder of the secret signed. */
import type { IncomingHttpHeaders } from 'node:http';
import { parseBody, readable } from '../core/body.ts';
import { aloClaim } from './alo-signature.ts';
import type { Claim, Claims } from './claim.ts';
import { decode, isEncoded } from './content-encoding.ts';
import { keptOf, type PayloadPath } from './redact.ts';
import { type Refused, refuse } from './refusal.ts';
import type { RawRequest } from './request.ts';
import type { Keys, SourceType } from './secrets.ts';
import { SVIX, standardClaim, WEBHOOK } from './standard-webhooks.ts';

/**
 * A request whose signature was checked. Only its type leaves this file, and its private field lets nothing else pass for
 * it: what was not verified cannot reach the parser. What is redacted is in `sent` and `plain` alone, which tell
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
  /** What is kept of it, parsed and readable: what everybody sees. */
  readonly payload: unknown;
  /** False where its Content-Encoding could not be undone. */
  readonly decoded: boolean;
  readonly #plain: Buffer;

  constructor(
    { messageId, ...signature }: Facts,
    { body: plain, decoded }: { readonly body: Buffer; readonly decoded: boolean },
    redact: readonly PayloadPath[],
  ) {
    this.messageId = messageId;
    this.signature = signature;
    this.#plain = plain;
    this.decoded = decoded;
    this.sent = parseBody(plain.toString('utf8'));
    const { body, payload } = keptOf(this.sent, redact) ?? {
      body: plain,
      payload: readable(this.sent, plain.length),
    };
    this.body = body;
    this.payload = payload;
  }

  /** The body as it came, decompressed. */
  get plain(): Buffer {
    return this.#plain;
  }
}

export type { VerifiedRequest };

type Facts = SignatureFacts & Pick<VerifiedRequest, 'messageId'>;

/** Which signature held. */
interface SignatureFacts extends Pick<Claim, 'scheme'> {
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
  /** How long a body may be once it is decompressed. */
  readonly bodyLimitBytes: number;
}

export type Verification = { readonly ok: true; readonly request: VerifiedRequest } | Refused;

/** What the headers claim, as of `nowMs` (ms since the epoch); a refusal where no body could make them right. */
export function claimsIn(headers: IncomingHttpHeaders, verifier: Verifier, nowMs: number): Claims | Refused {
  const inOrder = claimsByScheme(headers, verifier, nowMs);
  if (inOrder.some(({ ok }) => ok)) return { ok: true, inOrder };
  return refusalOf(
    inOrder.filter((claim) => !claim.ok),
    verifier,
  );
}

/** Checks a request as of `nowMs` (ms since the epoch): whether the body confirms one of the claims of its headers. */
export function verify(request: RawRequest, verifier: Verifier, nowMs: number): Verification {
  const { headers, body } = request;
  const claims = request.claims ?? claimsIn(headers, verifier, nowMs);
  if (!claims.ok) return claims;
  const refused: Refused[] = [];
  for (const claim of claims.inOrder) {
    const signer = claim.ok ? claim.signer(body) : claim;
    if (typeof signer !== 'number') {
      refused.push(signer);
    } else if (claim.ok) {
      const { messageId, scheme } = claim;
      const signedAt = Number(claim.timestamp) * 1000;
      const facts = { messageId, scheme, secret: signer, of: verifier.keys.secrets, signedAt };
      return verified(facts, request, verifier);
    }
  }
  const refusal = refusalOf(refused, verifier);
  const compressed = refusal.refusal.code === 'signature-mismatch' && isEncoded(headers['content-encoding']);
  return compressed ? refuse('signature-mismatch', COMPRESSED) : refusal;
}

const COMPRESSED =
  'The body came with a Content-Encoding: the signature must be over the bytes that are sent. Turn compression off, or sign after compressing.';

/**
 * Only a holder of a secret gets anything decompressed. What cannot be is an event all the same, as it came: sent
 * again, it would be no better. What would be too large is refused as it is without compression: the sender keeps it,
 * and can send it again once the limit is raised.
 */
function verified(facts: Facts, { headers, body }: RawRequest, { redact, bodyLimitBytes }: Verifier): Verification {
  const encoding = headers['content-encoding'];
  if (!isEncoded(encoding)) return { ok: true, request: new VerifiedRequest(facts, { body, decoded: true }, redact) };
  const plain = decode(body, encoding, bodyLimitBytes);
  return plain.ok ? { ok: true, request: new VerifiedRequest(facts, plain, redact) } : refuse('body-too-large');
}

/**
 * What the headers claim, in the order in which it is tried. An `alo` source takes either scheme. Where a gateway passes
 * on what it got, the gateway's own signature comes first: a retry by the gateway leaves the sender's timestamp behind,
 * and must not change the message id. So Svix's headers go before those that a sender may have put there.
 */
function claimsByScheme(headers: IncomingHttpHeaders, { type, keys }: Verifier, nowMs: number): (Claim | Refused)[] {
  const svix = standardClaim(headers, SVIX, { keys: keys.standard, nowMs });
  const webhook = standardClaim(headers, WEBHOOK, { keys: keys.standard, nowMs });
  const alo = type === 'alo' ? aloClaim(headers, keys.v0, nowMs) : null;
  return [svix, webhook, alo].filter((claim) => claim !== null);
}

/** Of several, the refusal of the scheme that the source's secrets are for. */
function refusalOf(refused: readonly Refused[], { type, keys }: Verifier): Refused {
  return refused.at(keys.standard.length > 0 ? 0 : -1) ?? refuse('signature-missing', HEADERS_NEEDED[type]);
}

const STANDARD_ONLY =
  'This source needs webhook-signature with webhook-id and webhook-timestamp, or the same as svix-….';

const HEADERS_NEEDED: Readonly<Record<SourceType, string>> = {
  alo: 'This source needs X-ALO-Signature (with X-ALO-Request-Timestamp), or webhook-signature from a gateway.',
  allo: STANDARD_ONLY,
  'standard-webhooks': STANDARD_ONLY,
};
