import { beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { ALL_SCOPES } from '../../src/sandbox/scopes.ts';
import { run } from '../helpers/program.ts';
import { ENV, type Installation, makeInstallation, ROUTES, slack } from './installation.ts';

let installation: Installation;

beforeEach(async () => {
  installation = await makeInstallation();
});

describe('Slack', () => {
  it('all is well, on one page and without colours', async () => {
    const { apiUrl } = await slack();
    await installation.configure({
      apiUrl,
      map: '{ maria: U0MARIA01, jonas: U0JONAS01, "jonas@example.com": U0JONAS01 }',
    });
    const { code, stdout, stderr } = await run(['doctor'], { cwd: installation.cwd, env: ENV });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout.replace(/[\d.]+ [MG]iB/, '9 GiB').replaceAll(installation.cwd, '.')).toBe(`Config
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
  · The service does not run: nothing listens at http://127.0.0.1:${installation.nobody[0]}.
      Start it with \`alo-relay serve\`.
  · The admin listener does not run: nothing listens at http://127.0.0.1:${installation.nobody[1]}.

All is well.
`);
  });

  it('scopes that are missing, and what needs them', async () => {
    const { apiUrl } = await slack({ scopes: ['chat:write', 'channels:read', 'groups:read', 'channels:history'] });
    await installation.configure({
      apiUrl,
      map: '{ maria: U0MARIA01 }',
      routes: ROUTES.replace('assigned_to_you }', 'assigned_to_you }, quiet_hours: theirs'),
    });
    const { code, found } = await installation.diagnose();
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
    await installation.configure({ apiUrl, routes, map: '{ a: U00NOBODY, b: U0RELAYBOT }' });
    const { code, found } = await installation.diagnose();
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
    await installation.configure({ apiUrl });
    expect((await installation.diagnose()).found.Channels?.[0]).toEqual([
      'problem',
      expect.stringMatching(/may not post there/),
    ]);
  });

  it.each([
    [-90_000, 'problem', 'is 90 s ahead of'],
    [20_000, 'warning', 'is 20 s behind'],
    [2_000, 'ok', 'agrees'],
  ])('a clock that is off: by %d ms', async (ahead, status, text) => {
    const { apiUrl } = await slack({ clock: { ...systemClock, now: () => Date.now() + ahead } });
    await installation.configure({ apiUrl });
    const { code, found } = await installation.diagnose();
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
    await installation.configure({ apiUrl });
    faults.add({ kind: 'error', error: 'invalid_auth' });
    const refused = await installation.diagnose();
    expect([refused.code, refused.found.Slack?.[0]]).toEqual([
      1,
      ['problem', expect.stringMatching(/refuses the token \(invalid_auth\)\. .*set slack\.token/)],
    ]);
    const none = await installation.diagnose({ ...ENV, TOKEN: '' });
    expect([none.code, none.found.Slack]).toEqual([
      1,
      [['problem', expect.stringMatching(/^There is no Slack token\..*manifest/)]],
    ]);
    const unset = await installation.diagnose({ SECRET: ENV.SECRET });
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
    await installation.configure({ apiUrl, routes: Array.from({ length: 30 }, post).join(''), timeout: '1500ms' });
    faults.add({ kind: 'hang', method: 'conversations.info', times: 'always' });
    const { found } = await installation.diagnose();
    const said = found.Channels?.map(([, text]) => /\(timed_out\)|stopped answering/.exec(text)?.[0]);
    expect(said?.slice(0, 4)).toEqual(Array(4).fill('(timed_out)'));
    expect(new Set(said?.slice(4))).toEqual(new Set(['stopped answering']));
    faults.clear();
    faults.add({ kind: 'hang', times: 'always' });
    const { code, found: nothing } = await installation.diagnose();
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
