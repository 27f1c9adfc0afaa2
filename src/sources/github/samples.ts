/**
 * Samples of GitHub: per index the story of one issue, then of the pull request that mends it, and what happens on its branch.
 * The shapes are GitHub's, without most of the addresses that each object carries.
 */
import { pick, STAFF } from '../sample-cast.ts';
import type { Sample, Variation } from '../source-type.ts';

interface Story {
  readonly title: string;
  readonly body: string;
  readonly label: string;
  readonly said: string;
  readonly fix: string;
  readonly reviewed: string;
}

const STORIES: readonly Story[] = [
  {
    title: 'Export times out for large accounts',
    body: 'Steps:\n\n1. Open **Reports**\n2. Export more than 50,000 rows\n\nThe page stays on `Preparing…` and then shows a 504.',
    label: 'bug',
    said: 'I can reproduce this. The query runs once per row; see `export.ts`.',
    fix: 'Stream the export instead of building it in memory',
    reviewed: 'Nice, memory stays flat now. One question about the cursor, otherwise good to go.',
  },
  {
    title: 'Sign-in page is blank in private windows',
    body: 'Storage is blocked there, and the script stops at the first read.',
    label: 'bug',
    said: 'Happens since the last release. A `try` around the storage is enough.',
    fix: 'Sign in without storage',
    reviewed: 'Works in all three browsers I have. Thank you!',
  },
  {
    title: 'Add a dark theme',
    body: 'Follow the setting of the system, with a switch in the profile.',
    label: 'enhancement',
    said: 'Design has the colours ready, linked from the project board.',
    fix: 'Dark theme that follows the system',
    reviewed: 'Contrast of the disabled buttons is a little low; the rest looks great.',
  },
];

const NAME = 'relay-shop';
const REPOSITORY = {
  id: 718299410,
  node_id: 'R_kgDOKtBjEg',
  name: NAME,
  full_name: `example-org/${NAME}`,
  private: true,
  owner: { login: 'example-org', id: 90120344, type: 'Organization' },
  html_url: `https://github.com/example-org/${NAME}`,
  default_branch: 'main',
} as const;

function user(index: number) {
  const { name } = pick(STAFF, index);
  const login = name.toLowerCase().replace(' ', '-');
  return { login, id: 4100 + (index % STAFF.length), type: 'User', html_url: `https://github.com/${login}` };
}

/** GitHub writes whole seconds. */
function time(nowMs: number): string {
  return new Date(nowMs).toISOString().replace(/\.\d+Z$/, 'Z');
}

function sha(index: number, salt: number): string {
  return (index * 7919 + salt).toString(16).padStart(40, '9f3c1a7e5b20d846');
}

function envelope(index: number, action?: string) {
  return { ...(action !== undefined && { action }), repository: REPOSITORY, sender: user(index) };
}

function item({ index, nowMs }: Variation, number: number, { title, body }: Pick<Story, 'title' | 'body'>) {
  return {
    id: 2_400_000_000 + number,
    number,
    title: index < STORIES.length ? title : `${title} (${index})`,
    body,
    state: 'open',
    user: user(index + 1),
    assignees: [] as object[],
    milestone: null,
    created_at: time(nowMs),
    updated_at: time(nowMs),
    closed_at: null,
  };
}

function issue(variation: Variation, changes: object = {}) {
  const number = 101 + 2 * variation.index;
  const story = pick(STORIES, variation.index);
  return {
    ...item(variation, number, story),
    labels: [{ id: 6001, name: story.label, color: 'd73a4a' }],
    html_url: `${REPOSITORY.html_url}/issues/${number}`,
    state_reason: null,
    ...changes,
  };
}

function pull(variation: Variation, changes: object = {}) {
  const { index } = variation;
  const number = 102 + 2 * index;
  const { fix } = pick(STORIES, index);
  return {
    ...item(variation, number, { title: fix, body: `Closes #${number - 1}.` }),
    html_url: `${REPOSITORY.html_url}/pull/${number}`,
    draft: false,
    merged: false,
    head: { ref: `fix-${number - 1}`, sha: sha(index, 1) },
    base: { ref: 'main', sha: sha(index, 0) },
    commits: 2,
    additions: 64,
    deletions: 21,
    changed_files: 3,
    ...changes,
  };
}

function comment({ index, nowMs }: Variation) {
  return {
    id: 1_900_000_000 + index,
    body: pick(STORIES, index).said,
    user: user(index),
    created_at: time(nowMs),
    updated_at: time(nowMs),
  };
}

function review({ index, nowMs }: Variation) {
  const { reviewed } = pick(STORIES, index);
  return {
    id: 1_700_000_000 + index,
    body: reviewed,
    state: 'approved',
    user: user(index + 1),
    submitted_at: time(nowMs),
  };
}

function run({ index, nowMs }: Variation) {
  return {
    id: 8_000_000_000 + index,
    head_branch: `fix-${101 + 2 * index}`,
    head_sha: sha(index, 1),
    status: 'completed',
    pull_requests: [{ id: 31_000_000 + index, number: 102 + 2 * index }],
    created_at: time(nowMs),
    updated_at: time(nowMs),
  };
}

function commit({ index, nowMs }: Variation) {
  const { name, email } = pick(STAFF, index);
  const author = { name, email, username: user(index).login };
  return {
    id: sha(index, 2),
    message: `${pick(STORIES, index).fix}\n\nSee the issue.`,
    timestamp: time(nowMs),
    author,
  };
}

type Build = (variation: Variation) => object;

const closed = ({ nowMs }: Variation) => ({ state: 'closed', closed_at: time(nowMs) });
const assigned = ({ index }: Variation) => ({ assignees: [user(index)] });

const BUILDS: readonly (readonly [topic: string, build: Build])[] = [
  ['issues.opened', (at) => ({ ...envelope(at.index + 1, 'opened'), issue: issue(at) })],
  [
    'issues.assigned',
    (at) => ({ ...envelope(at.index + 1, 'assigned'), issue: issue(at, assigned(at)), assignee: user(at.index) }),
  ],
  [
    'issue_comment.created',
    (at) => ({ ...envelope(at.index, 'created'), issue: issue(at, assigned(at)), comment: comment(at) }),
  ],
  [
    'pull_request.opened',
    (at) => ({ ...envelope(at.index, 'opened'), number: pull(at).number, pull_request: pull(at) }),
  ],
  [
    'pull_request.synchronize',
    (at) => ({
      ...envelope(at.index, 'synchronize'),
      number: pull(at).number,
      pull_request: pull(at),
      before: sha(at.index, 0),
      after: sha(at.index, 1),
    }),
  ],
  [
    'workflow_run.completed',
    (at) => ({
      ...envelope(at.index, 'completed'),
      workflow_run: {
        ...run(at),
        name: 'CI',
        display_title: pull(at).title,
        event: 'pull_request',
        run_number: 40 + at.index,
        conclusion: 'success',
        html_url: `${REPOSITORY.html_url}/actions/runs/${8_000_000_000 + at.index}`,
      },
    }),
  ],
  [
    'check_suite.completed',
    (at) => ({
      ...envelope(at.index, 'completed'),
      check_suite: { ...run(at), conclusion: 'success', head_commit: commit(at) },
    }),
  ],
  [
    'pull_request_review.submitted',
    (at) => ({ ...envelope(at.index + 1, 'submitted'), pull_request: pull(at), review: review(at) }),
  ],
  [
    'pull_request.closed',
    (at) => ({
      ...envelope(at.index + 1, 'closed'),
      number: pull(at).number,
      pull_request: pull(at, { ...closed(at), merged: true, merged_at: time(at.nowMs), merged_by: user(at.index + 1) }),
    }),
  ],
  [
    'push',
    (at) => ({
      ...envelope(at.index + 1),
      repository: { ...REPOSITORY, pushed_at: Math.floor(at.nowMs / 1000) },
      ref: 'refs/heads/main',
      before: sha(at.index, 0),
      after: sha(at.index, 2),
      compare: `${REPOSITORY.html_url}/compare/${sha(at.index, 0).slice(0, 12)}...${sha(at.index, 2).slice(0, 12)}`,
      commits: [commit(at)],
      head_commit: commit(at),
    }),
  ],
  [
    'issues.closed',
    (at) => ({
      ...envelope(at.index + 1, 'closed'),
      issue: issue(at, { ...assigned(at), ...closed(at), state_reason: 'completed' }),
    }),
  ],
  [
    'ping',
    () => ({
      zen: 'Keep it logically awesome.',
      hook_id: 450_120_001,
      hook: { type: 'Repository', id: 450_120_001, active: true, events: ['*'] },
      repository: REPOSITORY,
      sender: user(0),
    }),
  ],
];

export const GITHUB_SAMPLES: readonly Sample[] = BUILDS.map(([topic, build]) => ({
  topic,
  build: (variation) => ({ ...build(variation) }),
}));
