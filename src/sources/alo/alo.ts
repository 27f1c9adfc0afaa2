/**
 * The source type of ALO (ALO.ai): actions and what is said about them.
 *
 * ALO signs `v0:timestamp:body` with HMAC-SHA256; the key is the secret's text as it is written. How the signature is written
 * is not documented, so hex (with `v0=` or without) and base64 are taken. A gateway may sign in its place, by Standard
 * Webhooks: a `whsec_` secret serves both schemes. ALO documents no payload either: its fields are looked for broadly.
 */
import type { PlainObject } from '../coerce.ts';
import { refuse } from '../refusal.ts';
import { checkTimestamp, mac, macKey, type Scheme, sameMac } from '../signature.ts';
import type { OutgoingMessage, Places, SourceType } from '../source-type.ts';
import { hasStandardPrefix, isPublicKey, pasteFault, standardSecretFault, trimmed } from '../standard-secret.ts';
import { standardSchemes } from '../standard-signature.ts';
import { ACTION_PLACES, BODY, CHANGED_BY, TOPIC_PLACES, under } from '../usual-places.ts';
import { ALO_SAMPLES } from './samples.ts';
import { ALO_STARTER } from './starter.ts';

const HEX = /^(?:v0=)?([0-9a-f]{64})$/i;
const BASE64 = /^(?:v0=)?([A-Za-z0-9+/_-]{43}=?)$/;

/** There is no message id: only the timestamp is signed. */
function v0Scheme(secrets: readonly string[]): Scheme {
  // A public key is not a shared secret: anyone who knows it could sign.
  const keys = secrets.flatMap((secret, index) =>
    isPublicKey(secret) ? [] : [{ key: textKey(secret), number: index + 1 }],
  );
  return (headers, nowMs) => {
    const signature = headers['x-alo-signature'];
    if (signature === undefined) return null;
    if (signature === '') return refuse('signature-missing');
    const timestamp = checkTimestamp(headers['x-alo-request-timestamp'], nowMs);
    if (typeof timestamp !== 'string') return timestamp;
    const given = typeof signature === 'string' ? decoded(signature) : null;
    if (given === null) return refuse('signature-malformed', 'v0=<hex>, hex or base64 of an HMAC-SHA256 is needed.');
    if (keys.length === 0) return refuse('scheme-unconfigured', "X-ALO-Signature needs ALO's signing secret.");
    const signer = (body: Buffer) =>
      keys.find(({ key }) => sameMac(given, mac(key, `v0:${timestamp}:`, body)))?.number ??
      refuse('signature-mismatch');
    return { ok: true, scheme: 'alo-v0', messageId: null, signedAt: Number(timestamp) * 1000, signer };
  };
}

function decoded(signature: string): Buffer | null {
  const hex = HEX.exec(signature)?.[1];
  if (hex !== undefined) return Buffer.from(hex, 'hex');
  const base64 = BASE64.exec(signature)?.[1];
  return base64 === undefined ? null : Buffer.from(base64, 'base64');
}

function textKey(secret: string) {
  return macKey(Buffer.from(trimmed(secret), 'utf8'));
}

/** Either scheme, by the headers. Where no secret is of Standard Webhooks, what is wrong with ALO's own comes first. */
function schemes(secrets: readonly string[]): readonly Scheme[] {
  const standard = secrets.map((secret) => (hasStandardPrefix(secret) ? secret : null));
  const own = v0Scheme(secrets);
  return standard.every((secret) => secret === null)
    ? [own, ...standardSchemes(standard)]
    : [...standardSchemes(standard), own];
}

/** As ALO does. As a gateway signs in its place, the type `standard-webhooks` signs. */
function sign({ secret, body, nowMs }: OutgoingMessage): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const signature = mac(textKey(secret), `v0:${timestamp}:`, body).toString('hex');
  return {
    'content-type': 'application/json',
    'X-ALO-Request-Timestamp': timestamp,
    'X-ALO-Signature': `v0=${signature}`,
  };
}

/** ALO's documentation has both names. */
const HANDSHAKES: ReadonlySet<unknown> = new Set(['webhook_url_verification', 'webhook_url_validation']);

const LONGEST_CHALLENGE = 1024;

function handshake({ type, challenge }: PlainObject): string | null {
  if (!HANDSHAKES.has(type)) return null;
  return typeof challenge === 'string' && challenge.length <= LONGEST_CHALLENGE ? challenge : null;
}

/** Where the event is about an assignment, a lone `assignee` beside the action is the new one. */
const assignment: Places = { ...ACTION_PLACES, assignee_named: under(BODY, 'assignee', 'assigned_to') };

/** Where the event is a message, the payload's own text and people are the message's. */
const message: Places = {
  ...ACTION_PLACES,
  message_text: [
    ...(ACTION_PLACES.message_text ?? []),
    ...under(BODY, 'message_text', 'text', 'content', 'message', 'body', 'comment'),
  ],
  message_author: [
    ...(ACTION_PLACES.message_author ?? []),
    ...under(BODY, 'message_author', 'author', 'sender', ...CHANGED_BY),
  ],
};

export const ALO: SourceType = {
  product: 'ALO',
  sends: 'actions',
  // ALO makes its secrets and does not say how long they are.
  secretFault: (secret) => (hasStandardPrefix(secret) ? standardSecretFault(secret) : pasteFault(secret)),
  canSign: (secret) => !isPublicKey(secret),
  schemes,
  headersNeeded:
    'This source needs X-ALO-Signature (with X-ALO-Request-Timestamp), or webhook-signature from a gateway.',
  sign,
  handshake,
  topicPlaces: TOPIC_PLACES,
  topicAliases: { action_status_changed: 'action_status_updated' },
  placesByTopic: [
    ['action.message', message],
    ['action.assignment', assignment],
    ['action.', ACTION_PLACES],
  ],
  places: ACTION_PLACES,
  samples: ALO_SAMPLES,
  starter: ALO_STARTER,
};
