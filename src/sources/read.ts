/** From a verified request to an event. Nothing a body can hold makes this throw. */
import { randomUUID } from 'node:crypto';
import { ABSENT_PERSON, chatMessage, action as makeAction } from '../core/absent.ts';
import type { Action, Assignees, Person, RelayEvent } from '../core/event.ts';
import type { Expression } from '../language/expression.ts';
import { STEPS, WorkBudget } from '../language/work.ts';
import { type Coerce, isPlainObject, key, label, text } from './coerce.ts';
import { type Dedupe, type DedupeSettings, dedupeOf } from './dedupe.ts';
import { dueDate, occurredBy } from './instant.ts';
import { people, person } from './person.ts';
import { Finder, placesFor, topicPlaces } from './places.ts';
import { TOPIC_ALIASES } from './registry.ts';
import type { EventField, HelpField, SourceType } from './source-type.ts';
import type { VerifiedRequest } from './verify.ts';

export interface ReaderSettings {
  /** The source's name. */
  readonly name: string;
  readonly type: SourceType;
  /** Where the user says a field is. The candidates for that field are then not tried. */
  readonly fields: ReadonlyMap<EventField, Expression>;
  readonly dedupe: DedupeSettings;
  /** How long a key that the sender gives is kept. */
  readonly retentionMs: number;
}

export interface ParsedEvent {
  readonly event: RelayEvent;
  readonly dedupe: Dedupe;
  /** Not null for a handshake: answer with it and keep nothing. */
  readonly challenge: string | null;
  /** What of `fields` and `dedupe.key` was too much work, and so was left out. */
  readonly notes: readonly ReadNote[];
}

export interface ReadNote {
  /** `fields.subject`, `dedupe.key` */
  readonly key: string;
  readonly note: string;
}

/** `nowMs`: ms since the epoch, when the request came in. */
export function read(request: VerifiedRequest, settings: ReaderSettings, nowMs: number): ParsedEvent {
  const { handshake } = settings.type;
  const challenge = isPlainObject(request.sent) ? (handshake?.(request.sent) ?? null) : null;
  const { dedupe, id, tooMuchWork } = dedupeOf({ request, nowMs }, settings);
  const notes = tooMuchWork === undefined ? [] : [tooMuch('dedupe.key', tooMuchWork, 'the whole body is the key')];
  const onTooMuch = (field: EventField, reason: string) => {
    notes.push(tooMuch(`fields.${field}`, reason, 'the field is left empty'));
  };
  const { eventName } = request.unsigned;
  const event = {
    id: id ?? eventId(nowMs),
    received_at: new Date(nowMs).toISOString(),
    ...contents(request.payload, { ...settings, nowMs, eventName, onTooMuch }),
  };
  return { event, dedupe, challenge, notes };
}

function tooMuch(key: string, reason: string, instead: string): ReadNote {
  return { key, note: `It is too much work: ${reason}; ${instead}. Walk fewer items there.` };
}

/** Where a field's value came from. */
export type Origin =
  /** A path that is tried for the field. */
  | { readonly kind: 'place'; readonly path: string }
  /** `fields:` of the config. `reason`: why that gave nothing. */
  | { readonly kind: 'configured'; readonly expression: string; readonly reason: string | null }
  /** Several places. `from`: which. */
  | { readonly kind: 'composed'; readonly from: string }
  /** Who is in the second list and not in the first. */
  | { readonly kind: 'compared'; readonly paths: readonly [string, string] };

/** Hears where each field that is looked for was found; not of those that were not, unless they are configured. */
export type Trace = (field: EventField, origin: Origin) => void;

type Find = <T>(field: EventField, coerce: Coerce<T>) => T | null;

export type Contents = Omit<RelayEvent, 'id' | 'received_at'>;

export type ContentSettings = Pick<ReaderSettings, 'name' | 'type' | 'fields'> & {
  /** ms since the epoch: when it came in. */
  readonly nowMs: number;
  /** What a header calls the event; default: nothing. */
  readonly eventName?: string | null;
  /** A configured field was too much work. */
  readonly onTooMuch?: (field: EventField, reason: string) => void;
};

/** What a payload says. Never throws. A configured field that is too much work is null; the others are read. `trace` is for whoever wants to know how it was found. */
export function contents(
  payload: unknown,
  { name, type, fields, nowMs, eventName = null, onTooMuch }: ContentSettings,
  trace?: Trace,
): Contents {
  let steps: number = STEPS.fields;
  const composedOf: Find = (field, coerce) => {
    const composed = isPlainObject(payload) ? type.composed?.[field] : undefined;
    const made = composed === undefined || !isPlainObject(payload) ? null : coerce(composed.value(payload, eventName));
    if (composed !== undefined && made !== null) trace?.(field, { kind: 'composed', from: composed.from });
    return made;
  };
  const finding =
    (finder: Finder): Find =>
    (field, coerce) => {
      const placed = fields.get(field);
      if (placed !== undefined) {
        const work = new WorkBudget(Math.max(STEPS.reserve, Math.min(STEPS.field, steps)));
        const value = configured(placed, payload, { field, coerce, trace, onTooMuch, work });
        steps -= work.spent;
        return value;
      }
      const composed = composedOf(field, coerce);
      if (composed !== null) return composed;
      const found = finder.find(field, coerce);
      if (found !== null) trace?.(field, placeOf(finder, field, coerce));
      return found;
    };
  const topic = canonical(finding(new Finder(topicPlaces(type), payload))('topic', key));
  const finder = new Finder(placesFor(type, topic), payload);
  const find = finding(finder);
  return {
    source: name,
    topic,
    occurred_at: find('occurred_at', occurredBy(nowMs)),
    subject: find('subject', key),
    actor: find('actor', person) ?? ABSENT_PERSON,
    action: actionFound(find),
    assignees: assigneesFound({ find, finder, fields, trace }),
    message: chatMessage(find('message_text', text), find('message_author', person) ?? ABSENT_PERSON),
    payload,
  };
}

interface Configured<T> {
  readonly field: EventField;
  readonly coerce: Coerce<T>;
  readonly trace: Trace | undefined;
  readonly onTooMuch: ContentSettings['onTooMuch'];
  readonly work: WorkBudget;
}

function configured<T>(
  expression: Expression,
  payload: unknown,
  { field, coerce, trace, onTooMuch, work }: Configured<T>,
): T | null {
  const evaluation = expression.evaluate({ payload }, work);
  if (!evaluation.ok && evaluation.exceeded) onTooMuch?.(field, evaluation.reason);
  const value = evaluation.ok ? coerce(evaluation.value) : null;
  const reason = evaluation.ok ? (value === null ? 'it gives nothing that fits' : null) : evaluation.reason;
  trace?.(field, { kind: 'configured', expression: expression.source, reason });
  return value;
}

function placeOf(finder: Finder, field: EventField | HelpField, coerce: Coerce<unknown>): Origin {
  return { kind: 'place', path: finder.pathOf(field, coerce) ?? '' };
}

function canonical(topic: string | null): string {
  return topic === null ? 'unknown' : (TOPIC_ALIASES.get(topic) ?? topic);
}

function actionFound(find: Find): Action {
  return makeAction({
    id: find('action_id', key),
    title: find('action_title', text),
    description: find('action_description', text),
    status: find('action_status', label),
    priority: find('action_priority', label),
    type: find('action_type', label),
    team: find('action_team', label),
    due_at: find('action_due_at', dueDate),
    url: find('action_url', text),
  });
}

const NOBODY: readonly Person[] = Object.freeze([]);

type Side = 'assignees_before' | 'assignees_after';

interface Assigning {
  readonly find: Find;
  readonly finder: Finder;
  readonly fields: ReaderSettings['fields'];
  readonly trace: Trace | undefined;
}

/** Who was added: as the payload says, else who is in the list after and was not before, else the one it names. */
function assigneesFound({ find, finder, fields, trace }: Assigning): Assignees {
  const before = finder.find('assignees_before', people);
  const after = before === null ? null : finder.find('assignees_after', people);
  const lists = before === null || after === null ? null : { assignees_before: before, assignees_after: after };
  const compared = (field: EventField, some: Side, others: Side) => {
    if (lists === null || fields.has(field)) return null;
    const path = (side: Side) => finder.pathOf(side, people) ?? '';
    trace?.(field, { kind: 'compared', paths: [path(others), path(some)] });
    return without(lists[some], lists[others]);
  };
  const named = () => {
    const found = fields.has('assignees_added') ? null : finder.find('assignee_named', people);
    if (found !== null) trace?.('assignees_added', placeOf(finder, 'assignee_named', people));
    return found;
  };
  return {
    current: find('assignees_current', people) ?? NOBODY,
    added:
      find('assignees_added', people) ??
      compared('assignees_added', 'assignees_after', 'assignees_before') ??
      named() ??
      NOBODY,
    removed:
      find('assignees_removed', people) ??
      compared('assignees_removed', 'assignees_before', 'assignees_after') ??
      NOBODY,
  };
}

function without(some: readonly Person[], others: readonly Person[]): readonly Person[] {
  const named = new Set(others.map(identity));
  return some.filter((one) => !named.has(identity(one)));
}

function identity({ id, email, name }: Person): string | null {
  return id ?? email ?? name;
}

/** Sorts by time; the rest is random. */
function eventId(nowMs: number): string {
  return `evt_${nowMs.toString(36).padStart(9, '0')}${randomUUID().replaceAll('-', '')}`;
}
