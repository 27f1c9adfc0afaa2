import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { isError } from '../../src/core/problem.ts';
import { shownProblem } from '../helpers/problems.ts';

const FIXTURES = relative(process.cwd(), resolve(import.meta.dirname, '../fixtures/config'));
const VARIABLES = {
  GOOD_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
  SHORT_SECRET: 'whsec_MfKQ9r8GKYqr',
  NOT_BASE64: 'whsec_not*base64*at*all*but*long*enough',
  SLACK_BOT_TOKEN: 'xoxb-1',
};
const EXPECTED = join(FIXTURES, 'bad', 'expected.txt');

/** Every problem of a fixture, as it is shown. */
async function problemsOf(file: string): Promise<string> {
  const { config, problems } = await loadConfig(file, VARIABLES);
  expect(config === null).toBe(problems.some(isError));
  return problems.map((problem) => shownProblem(problem, file)).join('\n');
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

  it('never shows a value that came from the environment', async () => {
    const secret = 'xoxb-very-secret-value';
    for (const key of [
      'server: { port: "${X}" }',
      'retention: ${X}',
      'slack: { api_url: "${X}" }',
      'journal: [ "${X}" ]',
      'slack: { fallback_channel: "${X}" }',
      'routes: [{ post: { channel: "${X}", template: a } }]',
    ]) {
      const file = join(FIXTURES, 'bad', 'several-unknown-keys.yaml');
      const { substituteVariables } = await import('../../src/config/environment.ts');
      const { readDocument } = await import('../../src/language/document.ts');
      const { check } = await import('../../src/language/schema.ts');
      const { configSchema } = await import('../../src/config/schema.ts');
      const document = readDocument(key, file, substituteVariables({ X: secret }));
      const checked = check(configSchema, document);
      expect(checked.ok).toBe(false);
      expect(JSON.stringify([checked, document.problems])).not.toContain(secret);
    }
  });
});

describe('a good config', () => {
  it('is read whole, with the defaults of the contract', async () => {
    const { config, problems } = await loadConfig(join(FIXTURES, 'good.yaml'), VARIABLES);
    expect(problems).toEqual([]);
    expect(config).toMatchObject({
      server: { host: '0.0.0.0', port: 3000, bodyLimitBytes: 262_144 },
      admin: { host: '127.0.0.1', port: 3001, token: null },
      journal: { kind: 'sqlite', path: resolve(FIXTURES, 'data/relay.db') },
      slack: { apiUrl: 'https://slack.com/api/', fallbackChannel: null },
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
      slack: { fallbackChannel: '#relay-problems' },
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
