/**
 * A source: one sender of webhooks, under one name. It knows what the sender signs and how its payloads read, and nothing
 * of what happens to them.
 */
import { randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { Secret } from '../core/secret.ts';
import { type Examination, examine } from './examine.ts';
import { type ParsedEvent, type ReaderSettings, read } from './read.ts';
import type { PayloadPath } from './redact.ts';
import type { Refused } from './refusal.ts';
import type { OutgoingMessage, SourceType } from './source-type.ts';
import {
  type Claims,
  claimsIn,
  type RawRequest,
  type Verification,
  type VerifiedRequest,
  type Verifier,
  verify,
} from './verify.ts';

export type { ReadNote } from './read.ts';
export { samePayload } from './redact.ts';
export type { Refusal } from './refusal.ts';
export type { RawRequest } from './verify.ts';

export interface Source {
  readonly name: string;
  readonly type: SourceType;
  /** What the headers claim: before the body is read, and for `verify`. A refusal where no body could make them right. */
  claims(headers: IncomingHttpHeaders, nowMs: number): Claims | Refused;
  /** Whether a holder of one of the secrets sent this, not more than 300 s from `nowMs` (ms since the epoch). */
  verify(request: RawRequest, nowMs: number): Verification;
  /** What it says. Never throws, whatever the body is. */
  read(request: VerifiedRequest, nowMs: number): ParsedEvent;
  /** How a parsed body that comes in at `nowMs` is read, and where each field of the event is found. Never throws. */
  examine(payload: unknown, nowMs: number): Examination;
  /** Whether one of the secrets can sign: public keys only verify. */
  readonly canSign: boolean;
  /** What a webhook with this body says, as `read` gives it, signed with a key of its own: for trying out rules. */
  rehearse(body: string, messageId: string, nowMs: number): ParsedEvent;
  /**
   * The headers the sender would put on this body, signed with the first secret that can: for trying out the relay.
   * Throws where none can.
   */
  sign(message: Omit<OutgoingMessage, 'secret'>): Record<string, string>;
}

interface SourceSettings extends ReaderSettings {
  /** Any one of them will do: several while rotating. */
  readonly secrets: readonly Secret[];
  /** How long a body may be once it is decompressed. */
  readonly bodyLimitBytes: number;
  /** What of a payload is not kept; default: nothing. */
  readonly redact?: readonly PayloadPath[];
}

/** Throws an error that names the source and the number of the secret (never its value) for one that cannot work. */
export function createSource(settings: SourceSettings): Source {
  const { name, type, secrets, bodyLimitBytes, redact = [] } = settings;
  assertUsable(settings);
  const verifier = { ...verifierOf(type, secrets), redact, bodyLimitBytes };
  const rehearsed = rehearsal({ name, type, redact });
  const signing = secrets.find((secret) => type.canSign(secret.reveal()));
  return {
    name,
    type,
    claims: (headers, nowMs) => claimsIn(headers, verifier, nowMs),
    verify: (request, nowMs) => verify(request, verifier, nowMs),
    read: (request, nowMs) => read(request, settings, nowMs),
    examine: (payload, nowMs) => examine(payload, { ...settings, redact, nowMs }),
    canSign: signing !== undefined,
    rehearse: (body, messageId, nowMs) => read(rehearsed(body, messageId), settings, nowMs),
    sign(message) {
      if (signing === undefined) throw new Error(`Source "${name}" has no secret to sign with.`);
      return type.sign({ secret: signing.reveal(), ...message });
    },
  };
}

function assertUsable({ name, type, secrets }: SourceSettings): void {
  if (secrets.length === 0) throw new Error(`Source "${name}" has no secret. Give it the sender's signing secret.`);
  secrets.forEach((secret, index) => {
    const fault = type.secretFault(secret.reveal());
    if (fault !== null) throw new Error(`Secret ${index + 1} of source "${name}" cannot be used. ${fault}`);
  });
}

function verifierOf(type: SourceType, secrets: readonly Secret[]) {
  return { type, schemes: type.schemes(secrets.map((secret) => secret.reveal())), secrets: secrets.length };
}

/** Gives the verified request of a body, signed with a key made up for it: a source may hold only public keys. */
function rehearsal({
  name,
  type,
  redact,
}: Pick<Source, 'name' | 'type'> & Pick<Verifier, 'redact'>): (body: string, messageId: string) => VerifiedRequest {
  const secret = `whsec_${randomBytes(32).toString('base64')}`;
  const verifier = { ...verifierOf(type, [new Secret(secret)]), redact, bodyLimitBytes: 0 };
  return (body, messageId) => {
    const nowMs = Date.now();
    const signed = Object.entries(type.sign({ secret, body, messageId, nowMs }));
    const headers = Object.fromEntries(signed.map(([header, value]) => [header.toLowerCase(), value]));
    const verdict = verify({ headers, body: Buffer.from(body) }, verifier, nowMs);
    if (!verdict.ok) throw new Error(`The source "${name}" does not take its own signature.`);
    return verdict.request;
  };
}
