/** What a field of the event tends to be called, and what its value then looks like: for guessing, and only for that. */
import { OTHERS } from '../language/key-names.ts';
import { type Coerce, isPlainObject, key, label, own, text } from './coerce.ts';
import { dueDate, instant } from './instant.ts';
import { people, person } from './person.ts';
import type { EventField } from './source-type.ts';

export interface GuessRule {
  /** Words of the key, best first; several with a space between must all be there. */
  readonly words: readonly string[];
  /** Words that may be nowhere on the way. */
  readonly never?: readonly string[];
  readonly fits: Coerce<unknown>;
  /** It may stand inside what looks like a person. */
  readonly ofPerson?: true;
  /** It is likely where the payload's title is. */
  readonly besideTitle?: true;
  /** How deep its key may be. */
  readonly deepest?: number;
}

const LONGEST_TITLE = 300;
const LONGEST_LABEL = 60;

const REMOVED = ['removed', 'old', 'previous', 'before', 'from', 'unassigned'];
const ADDED = ['added', 'new', 'newly', 'after'];
const BYSTANDERS = ['watchers', 'followers', 'subscribers', 'cc', 'mentions', 'recipients', 'by'];
const IMAGES = ['avatar', 'image', 'icon', 'logo', 'photo', 'picture', 'thumbnail', 'webhook', 'callback'];

const short =
  (limit: number): Coerce<string> =>
  (value) => {
    const found = label(value);
    return found !== null && found.length <= limit && typeof value !== 'boolean' ? found : null;
  };

const webAddress: Coerce<string> = (value) => (/^https?:\/\/\S+$/.test(text(value) ?? '') ? text(value) : null);

const someone: Coerce<unknown> = (value) => {
  const found = typeof value === 'string' || isPlainObject(value) ? person(value) : null;
  return found !== null && (found.id ?? found.email ?? found.name) !== null ? found : null;
};

const somebody: Coerce<unknown> = (value) => {
  const found = Array.isArray(value) || typeof value === 'string' || isPlainObject(value) ? people(value) : null;
  return found !== null && found.length > 0 ? found : null;
};

const oneWord: Coerce<string> = (value) => (typeof value === 'string' && /^\S{2,80}$/.test(value) ? value : null);

const identifier: Coerce<string> = (value) =>
  isPlainObject(value) || /\s/.test(key(value) ?? ' ') ? null : key(value);

const ID: GuessRule = {
  words: ['id', 'uuid', 'guid', 'number', 'key', 'reference', 'ref', 'code'],
  never: [...OTHERS, 'event', 'request', 'status', 'type', 'phone'],
  fits: identifier,
  besideTitle: true,
};

export const GUESS_RULES: Readonly<Record<EventField, GuessRule>> = {
  topic: {
    words: ['event type', 'event name', 'event', 'topic', 'trigger', 'kind', 'type', 'name', 'action'],
    fits: oneWord,
    deepest: 2,
  },
  subject: ID,
  action_id: ID,
  action_title: {
    words: ['title', 'headline', 'subject', 'caption', 'name', 'heading', 'summary', 'label'],
    never: [...OTHERS, 'event', 'type', 'status', 'state', 'priority', 'stage', 'file', 'topic'],
    fits: short(LONGEST_TITLE),
  },
  message_text: {
    words: ['text', 'message', 'body', 'content', 'comment', 'note', 'markdown'],
    never: ['type', 'id', 'content type'],
    fits: text,
  },
  action_description: {
    words: ['description', 'details', 'detail', 'body', 'content', 'notes', 'text', 'explanation', 'summary'],
    never: OTHERS,
    fits: text,
  },
  action_status: {
    words: ['status', 'state', 'stage', 'phase', 'column', 'progress'],
    never: [...OTHERS, 'old', 'previous', 'before', 'from', 'at', 'date'],
    fits: short(LONGEST_LABEL),
  },
  action_priority: {
    words: ['priority', 'severity', 'urgency', 'importance', 'prio'],
    never: ['old', 'previous', 'before', 'from'],
    fits: short(LONGEST_LABEL),
  },
  action_type: {
    words: ['type', 'kind', 'category', 'class', 'classification'],
    never: [...OTHERS, 'event', 'content', 'mime'],
    fits: short(LONGEST_LABEL),
  },
  action_team: {
    words: ['team', 'group', 'department', 'squad', 'crew', 'queue', 'site', 'store', 'location'],
    never: ['id'],
    fits: short(LONGEST_LABEL),
  },
  action_due_at: { words: ['due', 'deadline', 'expires', 'target date', 'until'], fits: dueDate },
  action_url: { words: ['url', 'link', 'permalink', 'href', 'uri'], never: [...OTHERS, ...IMAGES], fits: webAddress },
  occurred_at: {
    words: [
      'occurred',
      'happened',
      'timestamp',
      'event time',
      'event date',
      'time',
      'sent',
      'updated',
      'modified',
      'created',
      'at',
      'date',
      'on',
    ],
    never: ['due', 'deadline', 'expires', 'start', 'end', 'until', 'target', 'birth'],
    fits: instant,
  },
  assignees_added: { words: ADDED, never: [...REMOVED, ...BYSTANDERS], fits: somebody },
  assignees_removed: { words: REMOVED, never: BYSTANDERS, fits: somebody },
  assignees_current: {
    words: [
      'assignees',
      'assignee',
      'assigned',
      'responsible',
      'responsibles',
      'owners',
      'owner',
      'agents',
      'handlers',
      'technician',
      'workers',
      'members',
      'participants',
    ],
    never: [...REMOVED, ...ADDED, ...BYSTANDERS],
    fits: somebody,
  },
  message_author: {
    words: ['author', 'sender', 'writer', 'by', 'user', 'from'],
    never: ['assignee', 'assignees'],
    fits: someone,
    ofPerson: true,
  },
  actor: {
    words: [
      'actor',
      'by',
      'performer',
      'initiator',
      'user',
      'author',
      'editor',
      'operator',
      'agent',
      'creator',
      'owner',
    ],
    never: ['assignee', 'assignees', 'to', 'id'],
    fits: someone,
    ofPerson: true,
  },
};

/** An object that is about a person: it has an e-mail address, or a name in two parts. */
export function looksLikePerson(value: unknown): boolean {
  if (!isPlainObject(value)) return false;
  const has = (...names: readonly string[]) => names.some((name) => typeof own(value, name) === 'string');
  return (
    has('email', 'email_address', 'emailAddress', 'mail') ||
    (has('first_name', 'firstName') && has('last_name', 'lastName'))
  );
}
