/**
 * A trace context as W3C Trace Context writes it: `00-<trace id>-<span id>-<flags>`. The journal keeps it in this form,
 * so that what is done for an event later, after a restart or by another instance, belongs to the same trace.
 */
export interface TraceContext {
  /** 32 hexadecimal digits, lower case, not all of them 0. */
  readonly traceId: string;
  /** 16 of them: the span that what comes now is a part of. */
  readonly spanId: string;
  readonly sampled: boolean;
}

/** Version 00 is exactly this; later ones may add to it, and ff will never be one. */
const WRITTEN = /^(?!ff)([0-9a-f]{2})-((?!0{32})[0-9a-f]{32})-((?!0{16})[0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;

const LONGEST = 512;
const SAMPLED = 1;

/** Null for what is malformed, as the specification asks: then it counts as not sent. */
export function readTraceparent(header: unknown): TraceContext | null {
  if (typeof header !== 'string' || header.length > LONGEST) return null;
  const [, version, traceId = '', spanId = '', flags = '', more] = WRITTEN.exec(header) ?? [];
  if (version === undefined || (version === '00' && more !== undefined)) return null;
  return { traceId, spanId, sampled: (Number.parseInt(flags, 16) & SAMPLED) !== 0 };
}

export function writeTraceparent({ traceId, spanId, sampled }: TraceContext): string {
  return `00-${traceId}-${spanId}-${sampled ? '01' : '00'}`;
}
