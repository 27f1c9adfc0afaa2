import { isRecord } from './arguments.ts';
import type { Metadata } from './message.ts';
import { Refusal } from './refusal.ts';

const EVENT_TYPE = /^[a-z][a-z0-9]*(_[a-z0-9]+)*$/;

/** Undefined when absent. Throws `invalid_metadata_format`: the type is snake_case, the payload has no nesting. */
export function parseMetadata(value: unknown): Metadata | undefined {
  if (value === undefined || value === null) return undefined;
  if (!isRecord(value)) throw malformed('metadata must be an object');
  const { event_type, event_payload } = value;
  if (typeof event_type !== 'string' || !EVENT_TYPE.test(event_type)) throw malformed('event_type must be snake_case');
  if (!isRecord(event_payload)) throw malformed('event_payload must be an object');
  if (Object.values(event_payload).some(isRecord)) throw malformed('event_payload must not be nested');
  return { event_type, event_payload };
}

function malformed(message: string): Refusal {
  return new Refusal('invalid_metadata_format', [`[ERROR] ${message}`]);
}
