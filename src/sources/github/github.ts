/**
 * The source type of GitHub: issues, pull requests, what is said about them, pushes and checks.
 *
 * GitHub signs the body alone: HMAC-SHA256 with the webhook's secret, as hex. Nothing signs `X-GitHub-Delivery` (the message
 * id) or `X-GitHub-Event` (the first part of the topic), and there is no timestamp. So anyone who has a signed body can send it
 * again under another id; `dedupe.window` ends that only for as long as it is.
 */
import type { IncomingHttpHeaders } from 'node:http';
import { parseBody } from '../../core/body.ts';
import { isPlainObject } from '../coerce.ts';
import { refuse } from '../refusal.ts';
import { mac, macKey, type Scheme, sameMac } from '../signature.ts';
import type { OutgoingMessage, SourceType } from '../source-type.ts';
import { COMPOSED, eventNameIn, PLACES } from './fields.ts';
import { GITHUB_SAMPLES } from './samples.ts';
import { GITHUB_STARTER } from './starter.ts';

const SIGNATURE = /^sha256=([0-9a-f]{64})$/i;
const DELIVERY = /^[\x21-\x7e]{1,256}$/;
const EVENT_NAME = /^[a-z][a-z_]{0,63}$/;

/** A secret is any text. Only the line break that a file ends with is none of it. */
function secretText(secret: string): string {
  return secret.replace(/\r?\n$/, '');
}

function schemes(secrets: readonly string[]): readonly Scheme[] {
  const keys = secrets.map((secret) => macKey(Buffer.from(secretText(secret), 'utf8')));
  const scheme: Scheme = (headers) => {
    const signature = headers['x-hub-signature-256'];
    if (signature === undefined) return null;
    if (signature === '') return refuse('signature-missing');
    const hex = typeof signature === 'string' ? SIGNATURE.exec(signature)?.[1] : undefined;
    if (hex === undefined) return refuse('signature-malformed', 'sha256=<hex> of an HMAC-SHA256 is needed.');
    const given = Buffer.from(hex, 'hex');
    const signer = (body: Buffer) => {
      const at = keys.findIndex((key) => sameMac(given, mac(key, '', body)));
      return at === -1 ? refuse('signature-mismatch') : at + 1;
    };
    const unsigned = {
      messageId: matching(headers, 'x-github-delivery', DELIVERY),
      eventName: matching(headers, 'x-github-event', EVENT_NAME),
    };
    return { ok: true, scheme: 'github', messageId: null, signedAt: null, unsigned, signer };
  };
  return [scheme];
}

function matching(headers: IncomingHttpHeaders, name: string, form: RegExp): string | null {
  const value = headers[name];
  return typeof value === 'string' && form.test(value) ? value : null;
}

function sign({ secret, body, messageId }: OutgoingMessage): Record<string, string> {
  const payload = parseBody(body);
  const eventName = isPlainObject(payload) ? eventNameIn(payload) : null;
  return {
    'content-type': 'application/json',
    'X-GitHub-Delivery': messageId,
    ...(eventName !== null && { 'X-GitHub-Event': eventName }),
    'X-Hub-Signature-256': `sha256=${mac(macKey(Buffer.from(secretText(secret), 'utf8')), '', body).toString('hex')}`,
  };
}

/** As a webhook with the content type `application/x-www-form-urlencoded` has it: JSON in the field `payload`. */
function unwrap(body: Buffer, headers: IncomingHttpHeaders): Buffer {
  if (!/^application\/x-www-form-urlencoded\b/i.test(headers['content-type'] ?? '')) return body;
  const payload = new URLSearchParams(body.toString('utf8')).get('payload');
  return payload === null ? body : Buffer.from(payload);
}

export const GITHUB: SourceType = {
  product: 'GitHub',
  sends: 'issues, pull requests',
  secretFault: (secret) =>
    secretText(secret) === '' ? "The secret is empty. Paste the one of the webhook's settings on GitHub." : null,
  canSign: () => true,
  schemes,
  headersNeeded: "This source needs X-Hub-Signature-256: enter a secret in the webhook's settings on GitHub.",
  sign,
  unwrap,
  topicPlaces: {},
  openTopics: true,
  places: PLACES,
  composed: COMPOSED,
  samples: GITHUB_SAMPLES,
  starter: GITHUB_STARTER,
};
