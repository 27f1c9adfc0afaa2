/** Says where the fields of an event are in GitHub's payloads. An issue and a pull request of one number are one subject. */
import { isPlainObject, own, type PlainObject, text } from '../coerce.ts';
import type { Composed, EventField, Places } from '../source-type.ts';
import { under } from '../usual-places.ts';

/** By the keys that only its payloads have together; the first that fits. For payloads that come without their header. */
const EVENTS_BY_KEYS: readonly (readonly [event: string, ...keys: string[]])[] = [
  ['ping', 'zen'],
  ['issue_comment', 'issue', 'comment'],
  ['issues', 'issue'],
  ['pull_request_review', 'pull_request', 'review'],
  ['pull_request_review_thread', 'pull_request', 'thread'],
  ['pull_request_review_comment', 'pull_request', 'comment'],
  ['pull_request', 'pull_request'],
  ['discussion_comment', 'discussion', 'comment'],
  ['discussion', 'discussion'],
  ['commit_comment', 'comment'],
  ['workflow_job', 'workflow_job'],
  ['check_run', 'check_run'],
  ['check_suite', 'check_suite'],
  ['deployment_status', 'deployment_status'],
  ['deployment', 'deployment'],
  ['workflow_run', 'workflow_run'],
  ['release', 'release'],
  ['push', 'ref', 'commits'],
];

/** What GitHub calls the event, as far as the payload tells. */
export function eventNameIn(payload: PlainObject): string | null {
  if (!isPlainObject(own(payload, 'repository')) && !isPlainObject(own(payload, 'sender'))) return null;
  return EVENTS_BY_KEYS.find(([, ...keys]) => keys.every((key) => Object.hasOwn(payload, key)))?.[0] ?? null;
}

/** What has a number of its own in a repository. */
const ITEMS = ['pull_request', 'issue', 'discussion'];
/** What a commit is put through. */
const RUNS = ['workflow_run', 'check_run', 'check_suite', 'workflow_job', 'deployment_status', 'deployment'];

export const PLACES: Places = {
  occurred_at: [
    ...under(['review'], 'submitted_at'),
    ...under(['comment', ...ITEMS, 'workflow_run', 'check_suite', 'deployment_status', 'deployment'], 'updated_at'),
    ...under(['check_run', 'workflow_job'], 'completed_at', 'started_at'),
    ...under(['release'], 'published_at', 'created_at'),
  ],
  actor: ['sender'],
  action_id: [...under(ITEMS, 'number'), ...under(RUNS, 'id'), 'release.id', 'after'],
  action_title: [
    ...under(ITEMS, 'title'),
    ...under(RUNS, 'display_title', 'name'),
    ...under(['release'], 'name', 'tag_name'),
  ],
  action_description: under([...ITEMS, 'release'], 'body'),
  action_status: [...under(ITEMS, 'state'), ...under(RUNS, 'conclusion', 'status', 'state')],
  action_type: ['issue.type'],
  action_team: ['repository.full_name', 'organization.login'],
  action_due_at: under(ITEMS, 'milestone.due_on'),
  action_url: [...under([...ITEMS, ...RUNS, 'release'], 'html_url'), 'deployment_status.target_url', 'compare'],
  assignees_current: under(ITEMS, 'assignees'),
  message_text: under(['comment', 'review'], 'body'),
  message_author: under(['comment', 'review'], 'user'),
};

/** `'0'` on the path is the first of a list. */
function at(payload: PlainObject, ...path: readonly string[]): unknown {
  return path.reduce<unknown>((value, key) => {
    if (Array.isArray(value)) return value[Number(key)];
    return isPlainObject(value) ? own(value, key) : undefined;
  }, payload);
}

function firstText(payload: PlainObject, ...paths: readonly (readonly string[])[]): string | null {
  for (const path of paths) {
    const found = text(at(payload, ...path));
    if (found !== null) return found;
  }
  return null;
}

/** `owner/name#12`; for what is about a branch or tag, `owner/name@main`. A check of a pull request belongs to that. */
function subjectOf(payload: PlainObject): string | null {
  const repository = firstText(payload, ['repository', 'full_name']);
  if (repository === null) return null;
  const number = firstText(payload, ...ITEMS.map((item) => [item, 'number']), ...RUNS.flatMap(numbersOf));
  if (number !== null) return `${repository}#${number}`;
  const ref = firstText(
    payload,
    ...RUNS.map((run) => [run, 'head_branch']),
    ['check_run', 'check_suite', 'head_branch'],
    ['deployment', 'ref'],
    ['release', 'tag_name'],
    ['ref'],
  );
  return ref === null ? null : `${repository}@${ref.replace(/^refs\/(?:heads|tags)\//, '')}`;
}

/** The first pull request of a run; none for one from a fork. */
function numbersOf(run: string): string[][] {
  return [[run, 'pull_requests', '0', 'number']];
}

const firstLine = (message: string | null) => message?.split('\n', 1)[0];

function assigneeOn(action: string): Composed {
  return {
    from: 'payload.assignee',
    value: (payload) => (own(payload, 'action') === action ? own(payload, 'assignee') : null),
  };
}

export const COMPOSED: Readonly<Partial<Record<EventField, Composed>>> = {
  topic: {
    from: 'X-GitHub-Event and payload.action',
    value: (payload, eventName) => {
      const event = eventName ?? eventNameIn(payload);
      const action = text(own(payload, 'action'));
      return event !== null && action !== null ? `${event}.${action}` : event;
    },
  },
  subject: { from: 'payload.repository.full_name and its number or branch', value: subjectOf },
  occurred_at: {
    from: 'payload.repository.pushed_at',
    // Commits of a push may be older than the push.
    value: (payload) => (Array.isArray(own(payload, 'commits')) ? at(payload, 'repository', 'pushed_at') : null),
  },
  action_title: {
    from: 'the first line of the commit message',
    value: (payload) =>
      firstLine(firstText(payload, ['head_commit', 'message'], ['check_suite', 'head_commit', 'message'])),
  },
  action_status: {
    from: 'payload.pull_request.merged',
    value: (payload) => (at(payload, 'pull_request', 'merged') === true ? 'merged' : null),
  },
  assignees_added: assigneeOn('assigned'),
  assignees_removed: assigneeOn('unassigned'),
};
