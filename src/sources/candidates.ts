/**
 * Where things may be in a payload: for each field of the event, the places to look, best first.
 *
 * ALO documents no payload, so its table is broad; Allo's follows its documentation. What the table misses, `fields:` in the
 * config replaces, field by field. A place is a path of keys; `due_date` also finds `dueDate`.
 */
export const EVENT_FIELDS = [
  'subject',
  'topic',
  'occurred_at',
  'actor',
  'action_id',
  'action_title',
  'action_description',
  'action_status',
  'action_priority',
  'action_type',
  'action_team',
  'action_due_at',
  'action_url',
  'assignees_current',
  'assignees_added',
  'assignees_removed',
  'message_text',
  'message_author',
] as const;

/** The fields that `fields:` may place. */
export type EventField = (typeof EVENT_FIELDS)[number];

export function isEventField(name: string): name is EventField {
  return EVENT_FIELDS.some((field) => field === name);
}

/** From these, `assignees.added` and `removed` are worked out where no place names them. */
export type HelpField = 'assignees_before' | 'assignees_after' | 'assignee_named';

export type Places = Readonly<Partial<Record<EventField | HelpField, readonly string[]>>>;

/** Every name below every object: all names of the first object come before those of the second. `''` is the payload itself. */
function under(objects: readonly string[], ...names: readonly string[]): string[] {
  return objects.flatMap((object) => names.map((name) => (object === '' ? name : `${object}.${name}`)));
}

const ACTION = ['action', 'data.action', 'payload.action', 'event.action'];
const INNER = ['data', 'payload'];
const BODY = ['', ...INNER];
const CHANGES = ['changes', 'data.changes', 'payload.changes', 'action.changes'];
const MESSAGE = ['message', 'data.message', 'payload.message', 'comment', 'data.comment', 'payload.comment'];

const ACTION_ID = [...under(ACTION, 'id', 'action_id', 'uuid'), ...under(BODY, 'action_id'), ...under(INNER, 'id')];

const CHANGED_BY = ['actor', 'user', 'performed_by', 'changed_by', 'updated_by', 'triggered_by'];

const action: Places = {
  subject: ACTION_ID,
  occurred_at: [
    ...under(BODY, 'occurred_at', 'timestamp', 'event_time'),
    ...under(MESSAGE, 'created_at', 'sent_at'),
    ...under(ACTION, 'updated_at'),
    ...under(BODY, 'updated_at', 'created_at'),
  ],
  actor: [
    ...under(BODY, ...CHANGED_BY),
    ...under(ACTION, 'updated_by'),
    ...under(MESSAGE, 'author', 'user', 'sender'),
    ...under(BODY, 'author', 'created_by'),
    ...under(ACTION, 'created_by', 'creator'),
    ...under(BODY, 'actor_id', 'actor_email', 'user_id', 'user_email'),
  ],
  action_id: ACTION_ID,
  action_title: [
    ...under(ACTION, 'title', 'name', 'subject', 'summary'),
    ...under(BODY, 'action_title', 'action_name', 'title'),
    ...under(INNER, 'name'),
  ],
  action_description: [
    ...under(ACTION, 'description', 'details', 'body'),
    ...under(BODY, 'action_description', 'description'),
  ],
  action_status: [
    ...under(ACTION, 'status', 'state'),
    ...under(BODY, 'action_status', 'new_status', 'status'),
    ...under(CHANGES, 'status'),
  ],
  action_priority: [...under(ACTION, 'priority', 'severity'), ...under(BODY, 'action_priority', 'priority')],
  action_type: [...under(ACTION, 'type', 'action_type', 'kind', 'category'), ...under(BODY, 'action_type')],
  action_team: [...under(ACTION, 'team', 'team_name', 'group', 'department'), ...under(BODY, 'team', 'team_name')],
  action_due_at: [
    ...under(ACTION, 'due_at', 'due_date', 'due', 'deadline'),
    ...under(BODY, 'due_at', 'due_date', 'deadline'),
  ],
  action_url: [
    ...under(ACTION, 'url', 'link', 'permalink', 'web_url', 'html_url'),
    ...under(BODY, 'action_url', 'url', 'link', 'permalink'),
  ],
  assignees_current: [
    ...under(ACTION, 'assignees', 'assignees.current', 'assignee', 'assigned_to'),
    ...under(BODY, 'assignees', 'assignees.current', 'assignee', 'assigned_to'),
    ...under(CHANGES, 'assignees.to', 'assignees.new', 'assignees.current'),
  ],
  assignees_added: [
    ...under(CHANGES, 'assignees.added', 'assignee.added'),
    ...under(BODY, 'assignees.added', 'assignees_added', 'added_assignees', 'added', 'new_assignees', 'new_assignee'),
    ...under(ACTION, 'assignees.added', 'assignees_added', 'added_assignees'),
  ],
  assignees_removed: [
    ...under(CHANGES, 'assignees.removed', 'assignee.removed'),
    ...under(BODY, 'assignees.removed', 'assignees_removed', 'removed_assignees', 'removed'),
    ...under(ACTION, 'assignees.removed', 'assignees_removed', 'removed_assignees'),
  ],
  assignees_before: [
    ...under(CHANGES, ...either('from', 'old', 'before', 'previous')),
    ...under(BODY, 'previous_assignees', 'previous_assignee'),
  ],
  assignees_after: [
    ...under(CHANGES, ...either('to', 'new', 'after', 'current')),
    ...under(BODY, 'assignees', 'assignee'),
    ...under(ACTION, 'assignees', 'assignee'),
  ],
  message_text: under(MESSAGE, 'text', 'body', 'content', 'message', 'markdown'),
  message_author: under(MESSAGE, 'author', 'user', 'sender', 'from', 'created_by', 'author_id', 'user_id'),
};

function either(...sides: readonly string[]): string[] {
  return under(['assignees', 'assignee'], ...sides);
}

/** Where the event is about an assignment, a lone `assignee` beside the action is the new one. */
const assignment: Places = { ...action, assignee_named: under(BODY, 'assignee', 'assigned_to') };

/** Where the event is a message, the payload's own text and people are the message's. */
const actionMessage: Places = {
  ...action,
  message_text: [
    ...(action.message_text ?? []),
    ...under(BODY, 'message_text', 'text', 'content', 'message', 'body', 'comment'),
  ],
  message_author: [
    ...(action.message_author ?? []),
    ...under(BODY, 'message_author', 'author', 'sender', ...CHANGED_BY),
  ],
};

/** call, tag and summary events of one call belong together. */
const call: Places = {
  subject: ['data.call.id', 'data.call_id', 'data.id', 'call_id'],
  occurred_at: ['timestamp', ...under(['data'], 'timestamp', 'started_at', 'start_date', 'created_at')],
  actor: under(['data', 'data.call', ''], 'user_email', 'user', 'agent'),
};

const sms: Places = {
  subject: ['data.sms.id', 'data.message.id', 'data.id', 'data.message_id'],
  occurred_at: ['timestamp', ...under(['data', 'data.sms', 'data.message'], 'sent_at', 'received_at', 'created_at')],
  actor: call.actor ?? [],
  message_text: under(['data', 'data.sms', 'data.message'], 'content', 'text', 'body'),
  message_author: under(['data', 'data.sms', 'data.message'], 'person', 'contact', 'from', 'from_number'),
};

const smsSent: Places = {
  ...sms,
  message_author: under(['data', 'data.sms', 'data.message'], 'user_email', 'user', 'from', 'from_number'),
};

const contact: Places = {
  subject: ['data.contact.id', 'data.contact_id', 'data.person.id', 'data.id'],
  occurred_at: ['timestamp', ...under(['data', 'data.contact'], 'updated_at', 'created_at')],
  actor: call.actor ?? [],
};

/** Anything else that follows the advice of Standard Webhooks: `type`, `timestamp`, `data`. */
const general: Places = {
  ...action,
  subject: [...ACTION_ID, 'subject', 'subject.id', 'data.object.id', 'data.subject'],
};

/** Longest start of a topic first; lower case, `.` for `_`. Either product's topics are known in every source. */
export const PLACES_BY_TOPIC: readonly (readonly [start: string, places: Places])[] = [
  ['action.message', actionMessage],
  ['action.assignment', assignment],
  ['action.', action],
  ['call.', call],
  ['tag.', call],
  ['summary.', call],
  ['sms.sent', smsSent],
  ['sms.', sms],
  ['contact.', contact],
];

/** For topics that nobody knows yet. */
export const PLACES_BY_TYPE = { alo: action, allo: call, 'standard-webhooks': general } as const;

const TOPIC = [
  ...['type', 'topic', 'event_type', 'event', 'event.type', 'event.event_type', 'event_name', 'webhook_event'],
  ...['object_kind', 'data.type', 'action', 'kind'],
];

/** Each sender's own name first, the other's after it. */
export const TOPIC_PLACES = {
  alo: { topic: TOPIC },
  allo: { topic: ['topic', ...TOPIC] },
  'standard-webhooks': { topic: TOPIC },
} as const;
