import nock from 'nock';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { examineSlack } from '../../src/doctor/slack.ts';
import { createInspector } from '../../src/slack/inspector.ts';
import { compileTemplate } from '../../src/templates/load.ts';
import { ManualClock } from '../helpers/clock.ts';
import { loadWith, VARIABLES } from '../helpers/example.ts';
import { freePort } from '../helpers/free-port.ts';

const ORIGIN = 'https://slack.example';
const IDENTITY = { ok: true, team: 'Example', user: 'relay', url: 'https://example.slack.com/' };
const SCOPES = 'chat:write,im:write,reactions:write,users:read.email,users:read,channels:read';

const example = await loadWith(VARIABLES);
let clock: ManualClock;
let asked: string[];

beforeEach(() => {
  clock = new ManualClock();
  asked = [];
  nock.disableNetConnect();
});

afterEach(() => {
  nock.cleanAll();
  nock.enableNetConnect();
});

interface Answer {
  readonly body: object;
  readonly status?: number;
  readonly headers?: Record<string, string>;
}

/** Every call of the method is answered so; what was asked of it is kept. */
function slack(method: string, { body, status = 200, headers = {} }: Answer): void {
  nock(ORIGIN, { reqheaders: { authorization: 'Bearer xoxb-1' } })
    .post(`/api/${method}`)
    .times(20)
    .reply(async (request: Request) => {
      asked.push(`${method} ${await request.text()}`);
      return [status, body, headers];
    });
}

const token = (headers: Record<string, string> = { 'x-oauth-scopes': SCOPES }) =>
  slack('auth.test', { body: IDENTITY, headers: { date: new Date(clock.now()).toUTCString(), ...headers } });

/** The findings, by code. `channel`: of slack.fallback_channel; `person`: of the one entry of people.map. */
async function examine({ channel = 'C0AAAAAAA', person = '', group = '', apiUrl = `${ORIGIN}/api/` } = {}) {
  const mention = compileTemplate(`text: '{{ "${group}" | mention }}'`, 'page.yaml').template;
  const config: Config = {
    ...example,
    routes: [],
    templates: new Map(group === '' || mention === null ? [] : [['page', mention]]),
    slack: { ...example.slack, fallbackChannel: channel === '' ? null : channel },
    people: { matchByEmail: true, map: new Map(person === '' ? [] : [['maria', person]]) },
  };
  const inspector = createInspector({
    ...{ token: new Secret('xoxb-1'), apiUrl, timeoutMs: 10_000, clock },
    fetch: (...call: Parameters<typeof fetch>) => fetch(...call),
  });
  onTestFinished(() => inspector.close());
  const sections = await examineSlack(config, inspector);
  return new Map(sections.flatMap(({ findings }) => findings).map((finding) => [finding.code, finding]));
}

type Said = Pick<Finding, 'status'> & { readonly message?: RegExp; readonly remedy?: RegExp };

function expectFinding(found: ReadonlyMap<string, Finding>, code: string, { status, message, remedy }: Said): void {
  const finding = found.get(code);
  expect([code, finding?.status]).toEqual([code, status]);
  if (message !== undefined) expect(finding?.message).toMatch(message);
  if (remedy === undefined) expect(finding?.remedy).toBeUndefined();
  else expect(finding?.remedy).toMatch(remedy);
}

describe('the token', () => {
  it('works: what is asked, and nothing else', async () => {
    token();
    const found = await examine({ channel: '' });
    expect(asked).toEqual(['auth.test ']);
    expectFinding(found, 'token', { status: 'ok', message: /relay in the workspace Example/ });
    expectFinding(found, 'clock', { status: 'ok' });
  });

  it.each<[string, Answer, string, Said]>([
    [
      'not the right one',
      { body: { ok: false, error: 'invalid_auth' } },
      'token-refused',
      { status: 'problem', remedy: /\w/ },
    ],
    ['revoked', { body: { ok: false, error: 'token_revoked' } }, 'token-refused', { status: 'problem', remedy: /\w/ }],
    ['an outage', { status: 503, body: {} }, 'slack-out-of-reach', { status: 'problem', remedy: /\w/ }],
    [
      'rate limited',
      { status: 429, body: {}, headers: { 'retry-after': '7' } },
      'slack-out-of-reach',
      { status: 'problem', remedy: /\w/ },
    ],
  ])('%s: the rest is not asked', async (_, answer, code, said) => {
    slack('auth.test', answer);
    const found = await examine();
    expectFinding(found, code, said);
    expectFinding(found, 'not-checked', { status: 'note' });
    expect(asked).toEqual(['auth.test ']);
  });

  it('nobody there: a real socket that nothing listens on', async () => {
    nock.enableNetConnect();
    const found = await examine({ apiUrl: `http://127.0.0.1:${await freePort()}/api/` });
    expectFinding(found, 'slack-out-of-reach', { status: 'problem', message: /cannot be asked/, remedy: /\w/ });
  });
});

it.each<[number, Finding['status'], RegExp | undefined]>([
  [0, 'ok', undefined],
  [5, 'ok', undefined],
  [-6, 'warning', /NTP/],
  [61, 'problem', /NTP/],
  [-3600, 'problem', /NTP/],
])("Slack's clock is %i s ahead", async (seconds, status, remedy) => {
  token({ date: new Date(clock.now() + seconds * 1000).toUTCString() });
  const said = { status, ...(remedy !== undefined && { remedy }) };
  expectFinding(await examine({ channel: '' }), 'clock', said);
});

it('scopes: those in the header, those that are missing, and none told', async () => {
  token({ 'x-oauth-scopes': 'im:write' });
  expectFinding(await examine({ channel: 'C0AAAAAAA' }), 'scope-chat-write', {
    status: 'problem',
    message: /^chat:write is missing/,
    remedy: /install the app again/,
  });
  nock.cleanAll();
  token({});
  expectFinding(await examine({ channel: '' }), 'scopes', { status: 'note', message: /x-oauth-scopes/ });
});

describe('a channel', () => {
  const info = (facts: object): Answer => ({ body: { ok: true, channel: { id: 'C0AAAAAAA', ...facts } } });

  it.each<[string, Answer, string, Said]>([
    ['the app is in it', info({ is_member: true }), 'channel', { status: 'ok' }],
    ['archived', info({ is_archived: true }), 'channel-archived', { status: 'problem', remedy: /Unarchive it/ }],
    ['the app is not in it', info({}), 'channel-not-joined', { status: 'problem', remedy: /\/invite @/ }],
    [
      'none that the app can see',
      { body: { ok: false, error: 'channel_not_found' } },
      'channel-missing',
      { status: 'problem', remedy: /Correct the name or id/ },
    ],
    [
      'the scope is missing',
      { body: { ok: false, error: 'missing_scope', needed: 'channels:read', provided: 'chat:write' } },
      'channel',
      { status: 'warning', message: /not checked \(missing_scope\)/, remedy: /\w/ },
    ],
  ])('%s', async (_, answer, code, said) => {
    token();
    slack('conversations.info', answer);
    expectFinding(await examine(), code, said);
    expect(asked).toEqual(['auth.test ', 'conversations.info channel=C0AAAAAAA']);
  });
});

describe('somebody of people.map', () => {
  const info = (facts: object): Answer => ({ body: { ok: true, user: { id: 'U0MARIA01', ...facts } } });

  it.each<[string, Answer, string, Said]>([
    ['is there', info({}), 'people', { status: 'ok' }],
    [
      'is deactivated',
      info({ deleted: true }),
      'person-deactivated',
      { status: 'problem', remedy: /Map somebody else/ },
    ],
    ['is a bot', info({ is_bot: true }), 'person-bot', { status: 'problem', remedy: /Copy member ID/ }],
    [
      'is not there',
      { body: { ok: false, error: 'user_not_found' } },
      'person-missing',
      { status: 'problem', remedy: /Copy member ID/ },
    ],
  ])('%s', async (_, answer, code, said) => {
    token();
    slack('users.info', answer);
    expectFinding(await examine({ channel: '', person: 'U0MARIA01' }), code, said);
    expect(asked).toEqual(['auth.test ', 'users.info user=U0MARIA01']);
  });
});

describe('a user group', () => {
  const groups = (...handles: string[]): Answer => ({
    body: { ok: true, usergroups: handles.map((handle) => ({ id: `S0${handle.toUpperCase()}1`, handle })) },
  });

  it.each<[string, object, Answer, string, Said]>([
    ['that a template mentions', { group: '@support' }, groups('support'), 'group', { status: 'ok' }],
    ['of people.map', { person: 'S0SUPPORT1' }, groups('support'), 'group', { status: 'ok' }],
    [
      'that is not there',
      { group: '@suport' },
      groups('support'),
      'group-missing',
      { status: 'problem', remedy: /user groups/ },
    ],
    [
      'that may not be asked for',
      { group: '@support' },
      { body: { ok: false, error: 'missing_scope' } },
      'groups',
      { status: 'warning', remedy: /scope/ },
    ],
  ])('%s', async (_, given, answer, code, said) => {
    token();
    slack('usergroups.list', answer);
    expectFinding(await examine({ channel: '', ...given }), code, said);
    expect(asked).toEqual(['auth.test ', 'usergroups.list ']);
  });

  it('needs a scope where a template mentions it by its handle', async () => {
    token();
    slack('usergroups.list', groups('support'));
    const found = await examine({ channel: '', group: '@Support' });
    expectFinding(found, 'scope-usergroups-read', { status: 'problem', message: /@support/, remedy: /OAuth/ });
  });
});
