/** Requests for trying out rules: signed with a key made up for them, since a source may hold only public keys. */
import { randomBytes } from 'node:crypto';
import { Secret } from '../core/secret.ts';
import type { PayloadPath } from './redact.ts';
import { keysOf, type SourceType } from './secrets.ts';
import { sign } from './sign.ts';
import { type VerifiedRequest, verify } from './verify.ts';

interface Rehearsed {
  readonly name: string;
  readonly type: SourceType;
  readonly redact: readonly PayloadPath[];
}

/** Gives the request that a webhook with this body becomes once it is verified. */
export function rehearsal({ name, type, redact }: Rehearsed): (body: string, messageId: string) => VerifiedRequest {
  const secret = new Secret(`whsec_${randomBytes(32).toString('base64')}`);
  const verifier = { type, redact, bodyLimitBytes: 0, keys: keysOf(name, type, [secret]) };
  return (body, messageId) => {
    const nowMs = Date.now();
    const signed = Object.entries(sign({ type, secret, body, messageId, nowMs }));
    const headers = Object.fromEntries(signed.map(([header, value]) => [header.toLowerCase(), value]));
    const verdict = verify({ headers, body: Buffer.from(body) }, verifier, nowMs);
    if (!verdict.ok) throw new Error(`The source "${name}" does not take its own signature.`);
    return verdict.request;
  };
}
