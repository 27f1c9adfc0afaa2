/** Signing as the real senders do: for samples, and for trying a running relay. */
import type { Secret } from '../core/secret.ts';
import { mac, macKey } from './mac.ts';
import { type SourceType, standardBytes, textBytes } from './secrets.ts';
import { ByteWebhook } from './standard-keys.ts';

export interface Outgoing {
  readonly type: SourceType;
  readonly secret: Secret;
  readonly body: string;
  /** The same over all attempts. ALO sends none. */
  readonly messageId: string;
  /** When this attempt is made, in ms since the epoch. */
  readonly nowMs: number;
}

/**
 * The headers that the sender puts on this body, `content-type` included. For a secret that `checkSecret` found good.
 * To sign in ALO's place, as a gateway does, sign as `standard-webhooks`.
 */
export function sign({ type, secret, body, messageId, nowMs }: Outgoing): Record<string, string> {
  const timestamp = String(Math.floor(nowMs / 1000));
  const json = { 'content-type': 'application/json' };
  if (type === 'alo') {
    const signature = mac(macKey(textBytes(secret.reveal())), `v0:${timestamp}:`, body).toString('hex');
    return { ...json, 'X-ALO-Request-Timestamp': timestamp, 'X-ALO-Signature': `v0=${signature}` };
  }
  const webhook = new ByteWebhook(standardBytes(secret.reveal()));
  return {
    ...json,
    'webhook-id': messageId,
    'webhook-timestamp': timestamp,
    'webhook-signature': webhook.sign(messageId, new Date(nowMs), body),
  };
}
