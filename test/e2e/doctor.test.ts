import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/log.ts';
import { openJournal } from '../../src/journal/open.ts';
import { ALL_SCOPES } from '../../src/sandbox/scopes.ts';
import { type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts';
import { killAll, run, start } from '../helpers/program.ts';

const TEMPLATES = resolve(import.meta.dirname, '../../templates');
const TOKEN = 'xoxb-not-to-be-shown';
const SECRET = 'alo-secret-not-to-be-shown-0123';

let cwd: string;
/** Ports where nothing listens. */
let nobody: readonly [number, number];

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'relay-doctor-'));
  nobody = [await freePort(), await freePort()];
});

afterEach(async () => {
  killAll();
  await rm(cwd, { recursive: true });
});

async function slack(options: Partial<SandboxOptions> = {}) {
  const sandbox = await startSandbox({ port: 0, limits: null, ...options });
  onTestFinished(() => sandbox.close());
  for (const channel of ['#alo', '#problems']) sandbox.workspace.conversation(channel);
  return sandbox;
}

const ROUTES = `
  - { name: card, card: { channel: "#alo", template: action_card } }
  - { name: tell, dm: { to: event.assignees.added, template: assigned_to_you } }
  - { name: done, react: { channel: "#alo", emoji: tada } }
  - { name: team, post: { channel: "#team-{{ event.action.team | slug }}", template: any_event } }`;

interface Setting {
  readonly apiUrl: string;
  readonly port?: number;
  readonly adminPort?: number;
  readonly source?: string;
  readonly map?: string;
  readonly routes?: string;
  readonly journal?: string;
  /** For one call. */
  readonly timeout?: string;
}

/** Writes the config that the command then reads. The ports are of nobody unless they are named. */
async function configure(setting: Setting): Promise<void> {
  const {
    apiUrl,
    port = nobody[0],
    adminPort = nobody[1],
    source = 'alo',
    map = '{}',
    routes = ROUTES,
    journal = 'relay.db',
    timeout = '20s',
  } = setting;
  const text = `server: { host: 127.0.0.1, port: ${port} }
admin: { port: ${adminPort} }
journal: ./${journal}
sources:
  ${source}: { type: alo, secrets: ["\${SECRET}"] }
slack: { token: "\${TOKEN}", api_url: "${apiUrl}", fallback_channel: "#problems" }
people: { map: ${map} }
delivery: { timeout: ${timeout} }
quiet_hours: { theirs: { timezone: recipient, from: "20:00", to: "08:00" } }
templates: ${TEMPLATES}
routes:${routes}
`;
  await writeFile(join(cwd, 'config.yaml'), text);
}

type Found = Record<string, [status: string, message: string][]>;

/** What the command finds, by the title of its section, and its exit code. */
async function diagnose(env: Record<string, string> = { TOKEN, SECRET }): Promise<{ code: unknown; found: Found }> {
  const { code, stdout, stderr } = await run(['doctor', '--json'], { cwd, env });
  expect(stderr).toBe('');
  expect(stdout).not.toMatch(/not-to-be-shown/);
  const { ok, sections } = JSON.parse(stdout);
  expect(ok).toBe(code === 0);
  type Section = { title: string; findings: { status: string; message: string; remedy?: string }[] };
  const found = (sections as Section[]).map(({ title, findings }) => [
    title,
    findings.map(({ status, message, remedy = '' }) => [status, `${message} ${remedy}`.trim()]),
  ]);
  return { code, found: Object.fromEntries(found) };
}

const statuses = (findings: Found[string] | undefined) => findings?.map(([status]) => status);

describe('Slack', () => {
  it('all is well, on one page and without colours', async () => {
    const { apiUrl } = await slack();
    await configure({ apiUrl, map: '{ maria: U0MARIA01, jonas: U0JONAS01, "jonas@example.com": U0JONAS01 }' });
    const { code, stdout, stderr } = await run(['doctor'], { cwd, env: { TOKEN, SECRET } });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.replace(/[\d.]+ [MG]iB/, '9 GiB').replaceAll(cwd, '.')).toBe(`Config
  ✓ config.yaml has no problems.
Slack
  ✓ The token works: alo-relay in the workspace Sandbox.
  ✓ This machine's clock agrees with Slack's.
Scopes
  ✓ chat:write: every message.
  ✓ im:write: dm in "tell".
  ✓ reactions:write: react in "done".
  ✓ users:read.email: people.match_by_email, for dm in "tell", for mentions.
  ✓ users:read: comes with users:read.email.
  ✓ channels:history: looking whether a message whose answer got lost is there.
  ✓ im:history: looking whether a message whose answer got lost is there, in direct messages.
  ✓ channels:read: finding a channel by its name, to look there; doctor.
  ✓ groups:history: looking whether a message whose answer got lost is there, in private channels.
  ✓ groups:read: finding a channel by its name (Slack lists public and private ones together).
Channels
  ✓ #alo ("card", "done"): the app is in it.
  ✓ #problems (slack.fallback_channel): the app is in it.
  · #team-{{ event.action.team | slug }} ("team"): not checked, only an event tells which channel it is.
People
  ✓ people.map: 2 users found.
Journal
  · ./relay.db is not there yet: the service creates it.
  ✓ 9 GiB are free on its disk.
Service
  · The service does not run: nothing listens at http://127.0.0.1:${nobody[0]}.
      Start it with \`alo-relay serve\`.
  · The admin listener does not run: nothing listens at http://127.0.0.1:${nobody[1]}.

All is well.
`);
  });

  it('scopes that are missing, and what needs them', async () => {
    const { apiUrl } = await slack({ scopes: ['chat:write', 'channels:read', 'groups:read', 'channels:history'] });
    await configure({
      apiUrl,
      map: '{ maria: U0MARIA01 }',
      routes: ROUTES.replace('assigned_to_you }', 'assigned_to_you }, quiet_hours: theirs'),
    });
    const { code, found } = await diagnose();
    expect(code).toBe(1);
    const missing = found.Scopes?.filter(([status]) => status !== 'ok').map(([status, text]) => [
      status,
      text.split(' Add it')[0],
    ]);
    expect(missing).toEqual([
      ['problem', 'im:write is missing: dm in "tell".'],
      ['problem', 'reactions:write is missing: react in "done".'],
      ['problem', 'users:read.email is missing: people.match_by_email, for dm in "tell", for mentions.'],
      ['problem', 'users:read is missing: quiet hours where the reader is, in "tell".'],
      [
        'warning',
        'im:history is missing: looking whether a message whose answer got lost is there, in direct messages.',
      ],
      [
        'note',
        'groups:history is missing: looking whether a message whose answer got lost is there, in private channels.',
      ],
    ]);
    expect(found.People).toEqual([['warning', expect.stringContaining('not checked (missing_scope)')]]);
  });

  it('channels and people that are not as they should be', async () => {
    const { apiUrl, workspace } = await slack();
    for (const channel of ['#left', '#old']) workspace.conversation(channel);
    workspace.setMember('#left', false);
    workspace.archive('#old');
    const post = (channel: string) => `\n  - { post: { channel: "${channel}", template: any_event } }`;
    const routes = ['#left', '#old', '#nowhere', 'C0MISSING1'].map(post).join('');
    await configure({ apiUrl, routes, map: '{ a: U00NOBODY, b: U0RELAYBOT }' });
    const { code, found } = await diagnose();
    expect(code).toBe(1);
    expect(found.Channels).toEqual([
      ['warning', expect.stringMatching(/^#left \("route 1"\): the app is not in it\. It can post .* Type \/invite/)],
      ['problem', expect.stringMatching(/^#old .* is archived\. Unarchive/)],
      ['problem', expect.stringMatching(/^#nowhere .* there is no such channel/)],
      ['problem', expect.stringMatching(/^C0MISSING1 .* there is no such channel/)],
      ['ok', expect.stringContaining('#problems')],
    ]);
    expect(found.People).toEqual([
      ['problem', expect.stringMatching(/U00NOBODY \(a\): Slack knows no such user\. Correct the id/)],
      ['problem', expect.stringMatching(/U0RELAYBOT \(b\): that is a bot/)],
    ]);
  });

  it('where the app may not post unless it is a member', async () => {
    const { apiUrl, workspace } = await slack({ scopes: ALL_SCOPES.filter((scope) => scope !== 'chat:write.public') });
    workspace.setMember('#alo', false);
    await configure({ apiUrl });
    expect((await diagnose()).found.Channels?.[0]).toEqual(['problem', expect.stringMatching(/may not post there/)]);
  });

  it.each([
    [-90_000, 'problem', 'is 90 s ahead of'],
    [20_000, 'warning', 'is 20 s behind'],
    [2_000, 'ok', 'agrees'],
  ])('a clock that is off: by %d ms', async (ahead, status, text) => {
    const { apiUrl } = await slack({ clock: { ...systemClock, now: () => Date.now() + ahead } });
    await configure({ apiUrl });
    const { code, found } = await diagnose();
    // Slack tells its time to the second.
    const told = found.Slack?.[1]?.[1].replace(/is (89|91|19|21) s/, (_, s: string) => `is ${s > '50' ? 90 : 20} s`);
    expect([code, found.Slack?.[1]?.[0], told]).toEqual([
      status === 'problem' ? 1 : 0,
      status,
      expect.stringContaining(text),
    ]);
  });

  it('a token that Slack refuses, none, and one that the sandbox made up', async () => {
    const { apiUrl, faults } = await slack();
    await configure({ apiUrl });
    faults.add({ kind: 'error', error: 'invalid_auth' });
    const refused = await diagnose();
    expect([refused.code, refused.found.Slack?.[0]]).toEqual([
      1,
      ['problem', expect.stringMatching(/refuses the token \(invalid_auth\)\. .*set slack\.token/)],
    ]);
    const none = await diagnose({ TOKEN: '', SECRET });
    expect([none.code, none.found.Slack]).toEqual([
      1,
      [['problem', expect.stringMatching(/^There is no Slack token\..*manifest/)]],
    ]);
    const unset = await diagnose({ SECRET });
    expect(unset.found.Config).toEqual([
      ['problem', expect.stringMatching(/^config\.yaml:6:17 The environment variable TOKEN is not set/)],
    ]);
    expect(unset.found.Slack).toEqual(none.found.Slack);
    expect(unset.found.Journal).toBeDefined();
  });

  it('a Slack that hangs holds nothing up for longer than a call or two', async () => {
    const { apiUrl, faults } = await slack();
    const post = (_: unknown, index: number) =>
      `\n  - { post: { channel: "C0000000${10 + index}", template: any_event } }`;
    await configure({ apiUrl, routes: Array.from({ length: 30 }, post).join(''), timeout: '1500ms' });
    faults.add({ kind: 'hang', method: 'conversations.info', times: 'always' });
    const { found } = await diagnose();
    const said = found.Channels?.map(([, text]) => /\(timed_out\)|stopped answering/.exec(text)?.[0]);
    expect(said?.slice(0, 4)).toEqual(Array(4).fill('(timed_out)'));
    expect(new Set(said?.slice(4))).toEqual(new Set(['stopped answering']));
    faults.clear();
    faults.add({ kind: 'hang', times: 'always' });
    const { code, found: nothing } = await diagnose();
    expect([code, nothing.Slack]).toEqual([
      1,
      [
        ['problem', expect.stringContaining('Slack cannot be asked (timed_out)')],
        ['note', expect.stringContaining('not checked')],
      ],
    ]);
    expect(nothing.Channels).toBeUndefined();
  });
});

describe('this machine', () => {
  it('a service that runs, and one that runs on another config', async () => {
    const { apiUrl } = await slack();
    const [port, adminPort] = [await freePort(), await freePort()];
    await configure({ apiUrl, port, adminPort });
    const service = start(['serve'], { cwd, env: { TOKEN, SECRET } });
    await service.printed(/(ready)/);
    const { code, found } = await diagnose();
    expect(code).toBe(0);
    expect(found.Journal?.[0]).toEqual([
      'ok',
      expect.stringMatching(/relay\.db is in use by the running service, \d+ KiB\.$/),
    ]);
    expect(found.Service).toEqual([
      ['ok', `The service runs at http://127.0.0.1:${port}, and is ready.`],
      ['ok', `http://127.0.0.1:${port}/webhooks/alo answers, and refuses what is not signed.`],
      ['ok', `The admin listener answers at http://127.0.0.1:${adminPort}.`],
    ]);

    // It is there, and says nothing.
    service.process.kill('SIGSTOP');
    await configure({ apiUrl, port, adminPort, timeout: '500ms' });
    const stopped = await diagnose();
    expect([stopped.code, stopped.found.Service?.[0]?.[1]]).toEqual([1, expect.stringContaining('no answer in time')]);
    service.process.kill('SIGCONT');

    const other = await mkdtemp(join(tmpdir(), 'relay-doctor-'));
    const own = cwd;
    cwd = other;
    try {
      await configure({ apiUrl, port, adminPort, source: 'tasks' });
      const mismatch = await diagnose();
      expect(mismatch.found.Service?.slice(1)).toEqual([
        ['problem', expect.stringMatching(/does not know the source "tasks"/)],
        ['problem', expect.stringContaining('has another journal')],
      ]);
    } finally {
      cwd = own;
      await rm(other, { recursive: true });
    }
  });

  it('something else where the service should be', async () => {
    const { apiUrl } = await slack();
    const [port, adminPort] = [await strangers(), await strangers()];
    await configure({ apiUrl, port, adminPort });
    const { code, found } = await diagnose();
    expect([code, statuses(found.Service)]).toEqual([1, ['problem', 'problem']]);
    expect(found.Service?.[0]?.[1]).toContain(`What listens at http://127.0.0.1:${port} is not alo-relay (200)`);
  });

  it('a journal: free, taken by another process, none, in a folder that is a file', async () => {
    const { apiUrl } = await slack();
    await configure({ apiUrl });
    const journal = await openJournal(
      { kind: 'sqlite', path: join(cwd, 'relay.db') },
      { log: silentLogger, clock: systemClock, role: 'service' },
    );
    const taken = await diagnose();
    await journal.close();
    expect([taken.code, taken.found.Journal?.[0]]).toEqual([
      1,
      [
        'problem',
        expect.stringMatching(/^The journal .*relay\.db is in use by another process \(.*\)\. Stop the other/),
      ],
    ]);
    expect((await diagnose()).found.Journal?.[0]).toEqual([
      'ok',
      expect.stringMatching(/relay\.db can be written, \d+ KiB\.$/),
    ]);

    await writeFile(join(cwd, 'notes.txt'), 'not a journal, and long enough to be looked at\n'.repeat(50));
    await configure({ apiUrl, journal: 'notes.txt' });
    expect((await diagnose()).found.Journal?.[0]).toEqual(['problem', expect.stringContaining('is not a journal')]);
    await configure({ apiUrl, journal: 'notes.txt/relay.db' });
    expect((await diagnose()).found.Journal?.[0]).toEqual(['problem', expect.stringContaining('cannot be created')]);
  });

  it('a config with mistakes: they are told, and nothing is asked', async () => {
    const sandbox = await slack();
    await configure({ apiUrl: sandbox.apiUrl, routes: '\n  - { post: { channel: "#alo", template: nowhere } }' });
    const { code, found } = await diagnose();
    expect([code, Object.keys(found)]).toEqual([1, ['Config']]);
    expect(found.Config?.[0]?.[1]).toContain('There is no template "nowhere"');
    expect(sandbox.calls).toEqual({});
  });
});

/** A web server of somebody else's. */
async function strangers(): Promise<number> {
  const server = createServer((_, response) => response.end('<html>'));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
