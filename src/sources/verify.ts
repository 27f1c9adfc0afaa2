/** From a request anyone may have sent to one that a holder of the secret signed. */
import type { IncomingHttpHeaders } from 'node:http';
import { parseBody, readable } from '../core/body.ts';
import { decode, isEncoded } from './content-encoding.ts';
import { keptOf, type PayloadPath } from './redact.ts';
import { type Refused, refuse } from './refusal.ts';
import type { Claim, Scheme, UnsignedHeaders } from './signature.ts';
import type { SourceType } from './source-type.ts';

/** A request as anyone may have sent it. */
export interface RawRequest {
  readonly headers: IncomingHttpHeaders;
  /** As received: signatures are over bytes, not text. */
  readonly body: Buffer;
  /** What the log calls it. */
  readonly requestId?: string;
  /** What `Source.claims` made of the headers, where it was asked before. */
  readonly claims?: Claims;
}

/** What the headers of a request claim, in the order in which it is tried: at least one that the body may confirm. */
export interface Claims {
  readonly ok: true;
  readonly inOrder: readonly (Claim | Refused)[];
}

/**
 * A request whose signature was checked. Only its type leaves this file, and its private field lets nothing else pass for
 * it: what was not verified cannot reach the parser. What is redacted is in `sent` and `plain` alone, which tell
 * whether the request came before.
 */
class VerifiedRequest {
  readonly signature: SignatureFacts;
  /** The sender's, where it is covered by the signature. The same over all retries. */
  readonly messageId: string | null;
  /** What no signature covers. */
  readonly unsigned: UnsignedHeaders;
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
    { messageId, unsigned, ...signature }: Facts,
    { body: plain, decoded }: { readonly body: Buffer; readonly decoded: boolean },
    redact: readonly PayloadPath[],
  ) {
    this.messageId = messageId;
    this.unsigned = unsigned;
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

type Facts = SignatureFacts & Pick<VerifiedRequest, 'messageId' | 'unsigned'>;

const NOTHING_UNSIGNED: UnsignedHeaders = { messageId: null, eventName: null };

/** Which signature held. */
interface SignatureFacts extends Pick<Claim, 'scheme' | 'signedAt'> {
  /** Which of the source's secrets, from 1. */
  readonly secret: number;
  /** How many it has. */
  readonly of: number;
}

export interface Verifier {
  readonly type: Pick<SourceType, 'headersNeeded' | 'unwrap'>;
  /** In the order in which they are tried. */
  readonly schemes: readonly Scheme[];
  /** How many secrets they have. */
  readonly secrets: number;
  /** What is not kept of the body. */
  readonly redact: readonly PayloadPath[];
  /** How long a body may be once it is decompressed. */
  readonly bodyLimitBytes: number;
}

export type Verification = { readonly ok: true; readonly request: VerifiedRequest } | Refused;

/** What the headers claim, as of `nowMs` (ms since the epoch); a refusal where no body could make them right. */
export function claimsIn(headers: IncomingHttpHeaders, { schemes, type }: Verifier, nowMs: number): Claims | Refused {
  const inOrder = schemes.map((scheme) => scheme(headers, nowMs)).filter((claim) => claim !== null);
  if (inOrder.some(({ ok }) => ok)) return { ok: true, inOrder };
  return inOrder.find((claim) => !claim.ok) ?? refuse('signature-missing', type.headersNeeded);
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
      const { messageId, unsigned = NOTHING_UNSIGNED, scheme, signedAt } = claim;
      const facts = { messageId, unsigned, scheme, secret: signer, of: verifier.secrets, signedAt };
      return verified(facts, request, verifier);
    }
  }
  const refusal = refused[0] ?? refuse('signature-missing', verifier.type.headersNeeded);
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
function verified(facts: Facts, { headers, body }: RawRequest, verifier: Verifier): Verification {
  const { redact, bodyLimitBytes, type } = verifier;
  const encoding = headers['content-encoding'];
  const plain = isEncoded(encoding) ? decode(body, encoding, bodyLimitBytes) : { ok: true, body, decoded: true };
  if (!plain.ok) return refuse('body-too-large');
  const json = type.unwrap === undefined ? plain.body : type.unwrap(plain.body, headers);
  return { ok: true, request: new VerifiedRequest(facts, { ...plain, body: json }, redact) };
}
