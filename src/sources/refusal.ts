/** Why a request is not let in. Texts hold nothing of the request or of a secret: anyone may have sent it. */
export interface Refusal {
  /** Stable, fit for a log label and a metric. */
  readonly code: RefusalCode;
  /** What was wrong and what to check. */
  readonly message: string;
}

export type RefusalCode = keyof typeof REFUSALS;

const CHECK_CLOCKS =
  'Check the clocks of this machine and of the sender; a proxy that holds requests back does this too.';

/** The catalogue: every code there is. */
export const REFUSALS = {
  'signature-missing':
    'There is no signature. Check that the sender has a signing secret, and that no proxy removes headers.',
  'signature-malformed': 'The signature header is sent twice, or is not in a form that this source takes.',
  'scheme-unconfigured':
    'The source has no secret for the scheme that the request is signed with. Add the one that the sender or the gateway shows.',
  'message-id-missing': 'The webhook-id (or svix-id) header is missing. Check that no proxy removes it.',
  'message-id-malformed':
    'The webhook-id (or svix-id) header is sent twice, longer than 256 characters, or not visible ASCII.',
  'timestamp-missing': 'The timestamp header is missing. Check that no proxy removes it.',
  'timestamp-malformed': 'The timestamp header is sent twice, or is not a plain number of seconds since 1970.',
  'timestamp-stale': `The timestamp is more than 300 seconds old. ${CHECK_CLOCKS}`,
  'timestamp-future': `The timestamp is more than 300 seconds ahead. ${CHECK_CLOCKS}`,
  'body-too-large': 'The body is larger than server.body_limit once it is decompressed.',
  'signature-mismatch':
    'The signature fits none of the secrets of the source. Check that they are the ones the sender shows for this address, and that no proxy changes the body.',
} as const;

export interface Refused {
  readonly ok: false;
  readonly refusal: Refusal;
}

/** `extra`: a sentence about this request, with nothing in it that the sender chose freely. */
export function refuse(code: RefusalCode, extra = ''): Refused {
  return { ok: false, refusal: { code, message: extra === '' ? REFUSALS[code] : `${REFUSALS[code]} ${extra}` } };
}
