/** What makes a request the same as one before. */
import { hash } from 'node:crypto';
import type { Expression } from '../language/expression.ts';
import { key } from './coerce.ts';
import type { VerifiedRequest } from './verify.ts';

export interface DedupeSettings {
  /** What in the payload is the same over a sender's retries, and different otherwise. */
  readonly key: Expression | null;
  /** How long an equal body counts as the same event, where nothing better tells. */
  readonly windowMs: number;
}

interface DedupeKey {
  /** Unique within the source for as long as it is kept. */
  readonly key: string;
  /** ms since the epoch. */
  readonly keepUntil: number;
}

export interface Dedupe extends DedupeKey {
  /** A second key by which it may have come before: what the sender cannot choose freely, where the first is not signed. */
  readonly also?: DedupeKey;
}

export interface Received {
  readonly request: Pick<VerifiedRequest, 'messageId' | 'unsigned' | 'plain' | 'sent' | 'payload'>;
  /** ms since the epoch. */
  readonly nowMs: number;
}

export interface Identity {
  readonly dedupe: Dedupe;
  /** The sender's id for the event, where there is one. */
  readonly id: string | null;
  /** Why `dedupe.key` does not decide, where it was too much work. */
  readonly tooMuchWork?: string;
}

interface DedupeRules {
  readonly dedupe: DedupeSettings;
  readonly retentionMs: number;
}

/**
 * The signed message id; else the value of `dedupe.key`; else the body itself, for a while. All as the sender sent them. An id
 * that is not signed counts beside the other two: anyone may send a body again under another one.
 */
export function dedupeOf(received: Received, rules: DedupeRules): Identity {
  const { messageId, unsigned } = received.request;
  const byId = (id: string) => ({ key: `id:${id}`, keepUntil: received.nowMs + rules.retentionMs });
  if (messageId !== null) return { dedupe: byId(messageId), id: key(messageId) };
  const content = byContent(received, rules);
  const claimed = unsigned.messageId;
  if (claimed === null) return content;
  return { ...content, dedupe: { ...byId(claimed), also: content.dedupe }, id: key(claimed) };
}

function byContent({ request, nowMs }: Received, { dedupe, retentionMs }: DedupeRules): Identity {
  const { plain, sent, payload } = request;
  const { value, ...over } = keyIn(sent, dedupe);
  if (value !== null) {
    // What is redacted is not kept as a key or an id either.
    const open = payload === sent || keyIn(payload, dedupe).value === value;
    const kept = open ? value : hash('sha256', value, 'hex');
    return { dedupe: { key: `key:${kept}`, keepUntil: nowMs + retentionMs }, id: open ? value : null };
  }
  // The plain text: a retry may be compressed differently.
  const digest = hash('sha256', plain, 'hex');
  return { dedupe: { key: `sha256:${digest}`, keepUntil: nowMs + dedupe.windowMs }, id: null, ...over };
}

function keyIn(
  payload: unknown,
  dedupe: DedupeSettings,
): Pick<Identity, 'tooMuchWork'> & { readonly value: string | null } {
  if (dedupe.key === null) return NO_KEY;
  const evaluation = dedupe.key.evaluate({ payload });
  if (evaluation.ok) return { value: key(evaluation.value) };
  return evaluation.exceeded ? { value: null, tooMuchWork: evaluation.reason } : NO_KEY;
}

const NO_KEY = { value: null };
