/** Reading a payload for a person who wants to know how it reads: where each field of the event was found. */
import { isAbsent } from '../core/absent.ts';
import { placesFor } from './places.ts';
import { type ContentSettings, type Contents, contents, type Origin, type ReaderSettings } from './read.ts';
import { type PayloadPath, redacted } from './redact.ts';
import { EVENT_FIELDS, type EventField } from './source-type.ts';

export interface FieldFound {
  readonly field: EventField;
  /** As it is in the event. */
  readonly value: unknown;
  /** It says nothing: null, nobody, or a list of nobody. */
  readonly empty: boolean;
  /** Null where no path gave anything. */
  readonly origin: Origin | null;
}

export interface Examination {
  /** What is kept of the payload. */
  readonly payload: unknown;
  readonly topic: string;
  /** `dedupe.key` of the config; null without one. */
  readonly dedupe: string | null;
  /** Those that are looked for in events of this topic. */
  readonly fields: readonly FieldFound[];
}

type ExaminedSettings = ContentSettings & Pick<ReaderSettings, 'dedupe'> & { readonly redact: readonly PayloadPath[] };

/** Never throws, whatever the payload is. */
export function examine(payload: unknown, settings: ExaminedSettings): Examination {
  const kept = redacted(payload, settings.redact);
  const origins = new Map<EventField, Origin>();
  const read = contents(kept, settings, (field, origin) => origins.set(field, origin));
  const places = placesFor(settings.type, read.topic).fields;
  const lookedFor = EVENT_FIELDS.filter(
    (field) =>
      field === 'topic' ||
      places.has(field) ||
      settings.fields.has(field) ||
      settings.type.composed?.[field] !== undefined,
  );
  const fields = lookedFor.map((field) => {
    const value = VALUES[field](read);
    const origin = origins.get(field) ?? null;
    const empty =
      isAbsent(value) || (Array.isArray(value) && value.length === 0) || (field === 'topic' && origin === null);
    return { field, value, empty, origin };
  });
  return { payload: kept, topic: read.topic, dedupe: settings.dedupe.key?.source ?? null, fields };
}

/** Where in the event each field is. */
const VALUES: Readonly<Record<EventField, (read: Contents) => unknown>> = {
  subject: ({ subject }) => subject,
  topic: ({ topic }) => topic,
  occurred_at: ({ occurred_at }) => occurred_at,
  actor: ({ actor }) => actor,
  action_id: ({ action }) => action.id,
  action_title: ({ action }) => action.title,
  action_description: ({ action }) => action.description,
  action_status: ({ action }) => action.status,
  action_priority: ({ action }) => action.priority,
  action_type: ({ action }) => action.type,
  action_team: ({ action }) => action.team,
  action_due_at: ({ action }) => action.due_at,
  action_url: ({ action }) => action.url,
  assignees_current: ({ assignees }) => assignees.current,
  assignees_added: ({ assignees }) => assignees.added,
  assignees_removed: ({ assignees }) => assignees.removed,
  message_text: ({ message }) => message.text,
  message_author: ({ message }) => message.author,
};
