/** From a verified request to an event. Nothing a body can hold makes this throw. */
import { randomUUID } from 'node:crypto';
import { ABSENT_PERSON, chatMessage, action as makeAction } from '../core/absent.ts';
import { parseBody } from '../core/body.ts';
import type { Action, Assignees, Person, RelayEvent } from '../core/event.ts';
import type { Expression } from '../language/expression.ts';
import type { EventField } from './candidates.ts';
import { type Coerce, isPlainObject, key, label, text } from './coerce.ts';
import { type Dedupe, type DedupeSettings, dedupeOf } from './dedupe.ts';
import { dueDate, instant } from './instant.ts';
import { people, person } from './person.ts';
import { Finder, placesFor, topicPlaces } from './places.ts';
import type { SourceType } from './secrets.ts';
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
  /** Not null for ALO's handshake: answer with it and keep nothing. */
  readonly challenge: string | null;
}

/** `nowMs`: ms since the epoch, when the request came in. */
export function read(request: VerifiedRequest, settings: ReaderSettings, nowMs: number): ParsedEvent {
  const payload = parseBody(request.text);
  const challenge = settings.type === 'alo' ? challengeIn(payload) : null;
  const { dedupe, id } = dedupeOf({ request, payload, nowMs }, settings);
  const event = {
    id: id ?? eventId(nowMs),
    received_at: new Date(nowMs).toISOString(),
    ...contents(payload, settings),
  };
  return { event, dedupe, challenge };
}

/** ALO's documentation has both names. */
const HANDSHAKES: ReadonlySet<unknown> = new Set(['webhook_url_verification', 'webhook_url_validation']);

const LONGEST_CHALLENGE = 1024;

function challengeIn(payload: unknown): string | null {
  if (!isPlainObject(payload) || !HANDSHAKES.has(payload.type)) return null;
  const { challenge } = payload;
  return typeof challenge === 'string' && challenge.length <= LONGEST_CHALLENGE ? challenge : null;
}

type Find = <T>(field: EventField, coerce: Coerce<T>) => T | null;

type Contents = Omit<RelayEvent, 'id' | 'received_at'>;

function contents(payload: unknown, { name, type, fields }: ReaderSettings): Contents {
  const finding =
    (finder: Finder): Find =>
    (field, coerce) => {
      const placed = fields.get(field);
      return placed === undefined ? finder.find(field, coerce) : evaluated(placed, payload, coerce);
    };
  const topic = canonical(finding(new Finder(topicPlaces(type), payload))('topic', key));
  const finder = new Finder(placesFor(type, topic), payload);
  const find = finding(finder);
  return {
    source: name,
    topic,
    occurred_at: find('occurred_at', instant),
    subject: find('subject', key),
    actor: find('actor', person) ?? ABSENT_PERSON,
    action: actionFound(find),
    assignees: assigneesFound(find, finder, fields),
    message: chatMessage(find('message_text', text), find('message_author', person) ?? ABSENT_PERSON),
    payload,
  };
}

function evaluated<T>(expression: Expression, payload: unknown, coerce: Coerce<T>): T | null {
  const evaluation = expression.evaluate({ payload });
  return evaluation.ok ? coerce(evaluation.value) : null;
}

/** ALO's documentation calls one topic by two names. */
function canonical(topic: string | null): string {
  return topic === 'action_status_changed' ? 'action_status_updated' : (topic ?? 'unknown');
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

/** Who was added: as the payload says, else who is in the list after and was not before, else the one it names. */
function assigneesFound(find: Find, finder: Finder, fields: ReaderSettings['fields']): Assignees {
  const before = finder.find('assignees_before', people);
  const after = before === null ? null : finder.find('assignees_after', people);
  const worked = (field: EventField, left: typeof before, right: typeof before) =>
    fields.has(field) || left === null || right === null ? null : without(left, right);
  const added = find('assignees_added', people) ?? worked('assignees_added', after, before);
  const named = fields.has('assignees_added') ? null : finder.find('assignee_named', people);
  return {
    current: find('assignees_current', people) ?? NOBODY,
    added: added ?? named ?? NOBODY,
    removed: find('assignees_removed', people) ?? worked('assignees_removed', before, after) ?? NOBODY,
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
