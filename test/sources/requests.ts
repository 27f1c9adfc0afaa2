import { beforeEach, vi } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { compileExpression, type Expression } from '../../src/language/expression.ts';
import { redactSchema } from '../../src/sources/redact.ts';
import { SOURCE_TYPES, type SourceTypeName } from '../../src/sources/registry.ts';
import { createSource } from '../../src/sources/source.ts';
import type { EventField } from '../../src/sources/source-type.ts';
import type { RawRequest } from '../../src/sources/verify.ts';
import { sign } from '../helpers/sign.ts';

export const NOW = Date.parse('2025-03-15T14:31:00.000Z');
export const NOW_S = NOW / 1000;
export const WHSEC = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
export const OTHER_WHSEC = 'whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD';
export const WHPK = 'whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=';
export const ALO_SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
export const RETENTION_MS = 30 * 86_400_000;
export const BODY_LIMIT = 256 * 1024;
export const WINDOW_MS = 15 * 60_000;

/** The library that verifies reads the system's clock. */
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: NOW });
  return () => vi.useRealTimers();
});

export interface Settings {
  readonly secrets?: readonly string[];
  readonly fields?: Partial<Record<EventField, string>>;
  readonly dedupeKey?: string;
  readonly redact?: readonly string[];
}

function expression(source: string): Expression {
  const compiled = compileExpression(source, { vocabulary: 'payload' });
  if (!compiled.ok) throw new Error(compiled.error.message);
  return compiled.expression;
}

export function sourceOf(type: SourceTypeName, { secrets = [WHSEC], fields = {}, dedupeKey, redact }: Settings = {}) {
  const places = new Map<EventField, Expression>();
  for (const [field, written] of Object.entries(fields)) places.set(field as EventField, expression(written));
  return createSource({
    name: 'here',
    type: SOURCE_TYPES[type],
    secrets: secrets.map((secret) => new Secret(secret)),
    fields: places,
    dedupe: { key: dedupeKey === undefined ? null : expression(dedupeKey), windowMs: WINDOW_MS },
    retentionMs: RETENTION_MS,
    bodyLimitBytes: BODY_LIMIT,
    ...(redact !== undefined && { redact: redactSchema.parse(redact) }),
  });
}

/** As node:http hands it over: header names in lower case. */
export function request(headers: Record<string, string | string[]>, body: string | Buffer): RawRequest {
  const lower = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]);
  return { headers: Object.fromEntries(lower), body: Buffer.from(body) };
}

/** Signed and read at NOW, through the real gate. */
export function readBody(type: SourceTypeName, body: string, settings: Settings & { scheme?: SourceTypeName } = {}) {
  return receive(type, body, settings).read;
}

/** As readBody, and what is kept of the body. */
export function receive(type: SourceTypeName, body: string, settings: Settings & { scheme?: SourceTypeName } = {}) {
  const { scheme = type, secrets = [WHSEC] } = settings;
  const source = sourceOf(type, { ...settings, secrets });
  const secret = new Secret(secrets[0] ?? '');
  const headers = sign({ type: scheme, secret, body, messageId: 'msg_1', nowMs: NOW });
  const verdict = source.verify(request(headers, body), NOW);
  if (!verdict.ok) throw new Error(verdict.refusal.message);
  return { read: source.read(verdict.request, NOW), kept: verdict.request.body.toString() };
}
