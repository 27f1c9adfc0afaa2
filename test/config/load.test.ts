import { cpSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseDocument, type Scalar, visit } from 'yaml';
import type { Variables } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { isError } from '../../src/core/problem.ts';
import { shownProblem } from '../helpers/problems.ts';

const FIXTURES = relative(process.cwd(), resolve(import.meta.dirname, '../fixtures/config'));
const VARIABLES = {
  GOOD_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  SHORT_SECRET: 'whsec_MfKQ9r8GKYqr',
  NOT_BASE64: 'whsec_not*base64*at*all*but*long*enough',
  SLACK_BOT_TOKEN: 'xoxb-1',
  PLACEHOLDER: 'Change-Me-Secret',
  SHORT_TOKEN: 'x8Kq2LmZ',
  NOWHERE_FILE: '/nowhere/secret',
  FOLDER_FILE: '/',
  TWICE: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  TWICE_FILE: '/nowhere/secret',
};
const EXPECTED = join(FIXTURES, 'bad', 'expected.txt');

/** Every problem of a fixture, as it is shown. */
async function problemsOf(file: string): Promise<string> {
  const { config, problems } = await loadConfig(file, VARIABLES);
  expect(config === null).toBe(problems.some(isError));
  return problems.map((problem) => shownProblem(problem, file)).join('\n');
}

const GOOD = `
sources: { alo: { type: alo, secrets: ["\${GOOD_SECRET}"] } }
slack: { token: "\${SLACK_BOT_TOKEN}" }
templates: ./templates-for-config
routes:
`;

const EVERY_PLACE = `
server: { host: 0.0.0.0, port: 3000, body_limit: 256kb }
admin: { host: 127.0.0.1, port: 3001, token: a }
journal: ./relay.db
retention: 30d
sources:
  alo:
    type: alo
    secrets: ["\${GOOD_SECRET}"]
    fields: { subject: payload.action.id, topic: payload.kind }
    dedupe: { key: payload.event_id, window: 15m }
    redact: [data.secret]
slack: { token: "\${SLACK_BOT_TOKEN}", api_url: https://slack.com/api/, fallback_channel: "#problems" }
people: { match_by_email: true, map: { a@b.c: U024BE7LH } }
quiet_hours: { nights: { timezone: Europe/Paris, days: [mon], from: "19:00", to: "08:00" } }
delivery: { per_channel: { per_second: 1, burst: 3 }, merge: { when_waiting: 5 }, retry: { first: 1s }, timeout: 10s, unknown_outcome: resend }
telemetry: { otlp: { endpoint: http://localhost:4318, headers: { authorization: b } } }
templates: ./templates-for-config
routes:
  - { name: a, source: alo, on: action_created, when: event.topic == "a", card: { channel: "#a", template: hello } }
  - { on: "action_*", reply: { channel: "#{{ event.action.team }}", template: hello, root: hello, broadcast: true }, quiet_hours: nights, urgent: event.topic == "b" }
  - { on: action_updated, at_least: { count: 2, within: 10m, per: event.topic }, dm: { to: event.assignees.added, template: hello } }
  - { on: action_created, react: { channel: "#a", emoji: tada } }
`;

/** Everything a reader might be shown of a config, in a folder of its own with the fixtures' templates. */
async function problemsOfText(text: string, variables: Variables): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'config-'));
  cpSync(join(FIXTURES, 'templates-for-config'), join(folder, 'templates-for-config'), { recursive: true });
  const file = join(folder, 'config.yaml');
  writeFileSync(file, text);
  try {
    const { problems } = await loadConfig(file, variables);
    return problems.map((problem) => shownProblem(problem, file)).join('\n');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

describe('a bad config', () => {
  const files = globSync('*.yaml', { cwd: join(FIXTURES, 'bad') }).toSorted();

  it('says where, what and what to do: one fixture a mistake, its exact messages in expected.txt', async () => {
    const found: string[] = [];
    for (const file of files)
      found.push(`${basename(file, '.yaml')}\n${await problemsOf(join(FIXTURES, 'bad', file))}`);
    const text = `${found.join('\n\n')}\n`;
    if (process.env.UPDATE_EXPECTED === '1') writeFileSync(EXPECTED, text);
    expect(text).toBe(readFileSync(EXPECTED, 'utf8'));
  });

  it('every fixture has a problem', async () => {
    for (const file of files) expect(await problemsOf(join(FIXTURES, 'bad', file)), file).not.toBe('');
  });

  it('a file that is not there', async () => {
    const { config, problems } = await loadConfig('nowhere.yaml', {});
    expect(config).toBeNull();
    expect(problems).toMatchObject([{ code: 'config-unreadable', message: 'There is no such file.' }]);
  });

  it('shows a variable by its name, wherever its value stands', async () => {
    const config = parseDocument(EVERY_PLACE);
    const scalars: Scalar[] = [];
    visit(config, { Scalar: (key, node) => void (key !== 'key' && scalars.push(node)) });
    expect(scalars.length).toBeGreaterThan(40);
    const behind = (value: unknown) => `${String(value)} \${SECRET}`;
    const cases = [
      ['hunter2-marker', () => '${SECRET}'],
      ['marker == "', behind],
      ['{{ marker | up }} {% marker', behind],
    ] as const;
    for (const scalar of scalars) {
      const { value } = scalar;
      for (const [SECRET, write] of cases) {
        scalar.value = write(value);
        expect(await problemsOfText(String(config), { ...VARIABLES, SECRET })).not.toMatch(/marker|hunter2/);
      }
      scalar.value = value;
    }
  }, 60_000);

  it('shows the line of a variable with the caret where it was', async () => {
    const of = (when: string, value: string) =>
      problemsOfText(`${GOOD}  - { when: '${when}', post: { channel: "#a", template: hello } }\n`, {
        ...VARIABLES,
        X: value,
      });
    expect(await of('event.topic == "${X}" && evnt.topic == "a"', 'secret value')).toContain(
      '      event.topic == "${X}" && evnt.topic == "a"\n                               ^',
    );
    expect(await of('event.topic == ${X}', 'secret_value')).toContain('There is no "${X}" here.');
  });
});

describe('a good config', () => {
  it('is read whole, with the defaults of the contract', async () => {
    const { config, problems } = await loadConfig(join(FIXTURES, 'good.yaml'), VARIABLES);
    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      server: { host: '0.0.0.0', port: 3000, bodyLimitBytes: 262_144 },
      admin: { host: '127.0.0.1', port: 3001, token: null, readOnlyToken: null },
      journal: { kind: 'sqlite', path: resolve(FIXTURES, 'data/relay.db') },
      slack: { apiUrl: 'https://slack.com/api/', fallbackChannel: null, adminUrl: null },
      people: { matchByEmail: true },
      delivery: {
        perChannel: { perSecond: 1, burst: 3 },
        merge: { whenWaiting: 5, maxLines: 60, template: null },
        retry: { firstMs: 1000, maxMs: 300_000, giveUpAfterMs: 86_400_000 },
        timeoutMs: 10_000,
        unknownOutcome: 'resend',
      },
      routes: [{ merge: { whenWaiting: 5, maxLines: 60, template: null }, quiet: null, atLeast: null }],
    });
    expect(JSON.stringify(config)).not.toContain('xoxb');
  });

  it('may name an admin listener for other machines, with its token, a fallback channel, hold and no merging', async () => {
    const variables = { ...VARIABLES, ADMIN_TOKEN: 'admin-token-of-the-test' };
    const { config, problems } = await loadConfig(join(FIXTURES, 'good-operations.yaml'), variables);
    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      admin: { host: '0.0.0.0', port: 9001 },
      slack: { fallbackChannel: '#relay-problems', adminUrl: 'https://ops.example.com/relay/' },
      delivery: { unknownOutcome: 'hold', merge: null },
      routes: [{ merge: null }, { merge: { whenWaiting: 5, maxLines: 10, template: 'hello' } }],
    });
    expect(config?.admin.token?.reveal()).toBe('admin-token-of-the-test');
    expect(JSON.stringify(config)).not.toContain('admin-token-of-the-test');
  });

  it('may come near every warning without earning it', async () => {
    const { problems } = await loadConfig(join(FIXTURES, 'good-near-misses.yaml'), VARIABLES);
    expect(problems).toEqual([]);
  });

  it('the example is one, with every variable set', async () => {
    const secret = VARIABLES.GOOD_SECRET;
    const variables = {
      ALO_WEBHOOK_SECRET: secret,
      ALLO_WEBHOOK_SECRET: secret,
      SLACK_BOT_TOKEN: 'xoxb-1',
      PORT: '8080',
    };
    const { config, problems } = await loadConfig('config.example.yaml', variables);
    expect(problems).toEqual([]);
    expect(config?.server.port).toBe(8080);
  });
});
