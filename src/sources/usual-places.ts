/**
 * Lists where fields tend to be in payloads that nobody documents. ALO's tables are made of these, and those of any sender
 * that follows Standard Webhooks. What they miss, `fields:` in the config replaces, field by field.
 */
import type { Places } from './source-type.ts';

/** Every name below every object: all names of the first object come before those of the second. `''` is the payload itself. */
export function under(objects: readonly string[], ...names: readonly string[]): string[] {
  return objects.flatMap((object) => names.map((name) => (object === '' ? name : `${object}.${name}`)));
}

const ACTION = ['action', 'data.action', 'payload.action', 'event.action'];
const INNER = ['data', 'payload'];
export const BODY = ['', ...INNER];
const CHANGES = ['changes', 'data.changes', 'payload.changes', 'action.changes'];
const MESSAGE = ['message', 'data.message', 'payload.message', 'comment', 'data.comment', 'payload.comment'];

const ACTION_ID = [...under(ACTION, 'id', 'action_id', 'uuid'), ...under(BODY, 'action_id'), ...under(INNER, 'id')];

export const CHANGED_BY = ['actor', 'user', 'performed_by', 'changed_by', 'updated_by', 'triggered_by'];

export const ACTION_PLACES: Places = {
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

export const TOPIC_KEYS = [
  ...['type', 'topic', 'event_type', 'event', 'event.type', 'event.event_type', 'event_name', 'webhook_event'],
  ...['object_kind', 'data.type', 'action', 'kind'],
];

export const TOPIC_PLACES: Places = { topic: TOPIC_KEYS };
