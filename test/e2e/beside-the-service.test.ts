import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../helpers/free-port.ts';
import { type Home, makeHome, type Serving } from '../helpers/home.ts';
import { until } from '../helpers/until.ts';

const TOKEN = 'operator-hunter2-0123456789';
const READ_ONLY = 'read-only-hunter2-0123456789';
const SERVICE_ENV = { ADMIN_TOKEN: TOKEN, READ_ONLY, CHANNEL: '#missing', JOURNAL: './relay.db' };

let home: Home;
let url: string;
let serving: Serving;

/** A service with two deliveries that were refused, whose config nobody else can read whole. */
beforeEach(async () => {
  home = await makeHome();
  const port = await freePort();
  url = `http://127.0.0.1:${port}`;
  await home.configure({
    admin: `{ port: ${port}, token: "\${ADMIN_TOKEN}", read_only_token: "\${READ_ONLY}" }`,
    journal: '"${JOURNAL}"',
    routes: '[{ name: hello, post: { channel: "${CHANNEL}", template: hello } }]',
  });
  serving = await home.serve(SERVICE_ENV);
  for (const n of [1, 2]) await home.send(serving.url, n);
  await until(async () =>
    (await home.run(['deliveries', '--state', 'dead', '--json'], SERVICE_ENV)).stdout.includes('msg_2'),
  );
});

afterEach(() => home.remove());

/** Runs it in the service's folder, and shows no secret. */
async function run(args: readonly string[], env: Record<string, string> = {}) {
  const result = await home.run(args, env);
  expect(result.stdout + result.stderr).not.toContain('hunter2');
  return result;
}

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(home.cwd, name), text);
  return name;
}

describe('the address and the token of a running service are enough', () => {
  it('as they are given, in a folder without a config', async () => {
    await rm(join(home.cwd, 'config.yaml'));
    const env = { ALO_RELAY_ADMIN: `${url}/`, ALO_RELAY_TOKEN: TOKEN };
    expect(await run(['deliveries'], env)).toMatchObject({ code: 0, stdout: expect.stringMatching(/2 dead\. Send/) });
    const tokenFile = await file('token', `${TOKEN}\n`);
    const given = ['--admin', url, '--token-file', tokenFile];
    expect(await run(['deliveries', ...given])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(new RegExp(`replay --dead --admin ${url} --token-file token\n$`)),
    });
    expect(await run(['replay', '1', ...given])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Sending 1/),
    });
    expect(await run(['dismiss', '2', '--reason', 'r', ...given])).toMatchObject({ code: 0 });
    expect(await run(['fields', '--id', '1', ...given])).toMatchObject({ code: 1 });
  });

  it('as the admin block of the config has them, whatever else is wrong with it', async () => {
    const env = { ADMIN_TOKEN: TOKEN };
    for (const routes of ['[{ name: hello, nonsense: 1 }]', '[{ post: { channel: "${NOT_SET}", template: gone } }]']) {
      await home.configure({
        admin: `{ port: ${new URL(url).port}, token: "\${ADMIN_TOKEN}", read_only_token: "\${READ_ONLY}" }`,
        journal: '"${JOURNAL}"',
        sources: '{ allo: { type: allo, secrets: ["${NOT_SET}"] } }',
        templates: './no-such-folder',
        routes,
      });
      expect(await run(['deliveries', '--state', 'dead'], env)).toMatchObject({
        code: 0,
        stdout: expect.stringMatching(/2 dead/),
        stderr: '',
      });
    }
    expect(await run(['deliveries'])).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /^config\.yaml:2:\d+ error missing-variable: .* ADMIN_TOKEN is not set\..*\n.*\n.*1 error/,
      ),
    });
    // Its own word comes first.
    expect(await run(['deliveries'], { ALO_RELAY_TOKEN: READ_ONLY })).toMatchObject({ code: 0 });
    expect(await run(['deliveries'], { ADMIN_TOKEN: TOKEN, ALO_RELAY_TOKEN: 'x' })).toMatchObject({ code: 1 });
  });

  it('but not for a service that has another journal, where that is known', async () => {
    const env = { ...SERVICE_ENV, JOURNAL: './another.db' };
    expect(await run(['deliveries'], env)).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no journal at .*another\.db/),
    });
  });

  it('and what is needed beside it is said where no service answers', async () => {
    serving.program.process.kill('SIGTERM');
    await serving.program.ended();
    expect(await run(['deliveries'], { ADMIN_TOKEN: TOKEN })).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(
        /CHANNEL is not set[\s\S]* No service of it answers at http:\S+, so all of it is needed\.\n$/,
      ),
    });
  });

  it.each<readonly [string, () => Promise<string[]>, RegExp]>([
    ['no token', async () => ['--admin', url], /cannot be asked: http:\S+ refuses the token\. .*ALO_RELAY_TOKEN/],
    [
      'a token file that is not there',
      async () => ['--admin', url, '--token-file', 'none'],
      /--token-file: none does not exist/,
    ],
    [
      'an address where nothing listens',
      async () => ['--admin', `http://127.0.0.1:${await freePort()}`],
      /nothing listens at/,
    ],
    ['what is no address', async () => ['--admin', '127.0.0.1:3001'], /Write a whole address/],
    ['an address with a password', async () => ['--admin', 'http://u:p@127.0.0.1:3001'], /without user/],
  ])('and says what to do about %s', async (_, args, message) => {
    const { code, stderr } = await run(['deliveries', ...(await args())]);
    expect([code === 0, stderr]).toEqual([false, expect.stringMatching(message)]);
  });
});

describe('who may do what, and who did it', () => {
  it('the read-only token sees everything and changes nothing', async () => {
    const env = { ALO_RELAY_ADMIN: url, ALO_RELAY_TOKEN: READ_ONLY };
    expect(await run(['deliveries'], env)).toMatchObject({ code: 0 });
    for (const args of [
      ['replay', '1'],
      ['dismiss', '1', '--reason', 'r'],
    ]) {
      expect(await run(args, env)).toMatchObject({ code: 1, stderr: expect.stringMatching(/token is read-only/) });
    }
    expect(await run(['audit'], env)).toMatchObject({ code: 0, stdout: 'Nothing was replayed or dismissed.\n' });
  });

  it('the audit has each order, of a running service and of one that is stopped', async () => {
    await run(['dismiss', '1', '--reason', 'told by phone', '--by', 'maria'], SERVICE_ENV);
    await run(['replay', '2', '--dry-run'], SERVICE_ENV);
    const logged = (await until(() => /^.*"msg":"dismiss".*$/m.exec(serving.program.stdout()))) ?? [];
    expect(JSON.parse(logged[0] ?? '')).toMatchObject({
      dismissed: 1,
      by: 'maria',
      role: 'operator',
      via: 'command',
      address: '127.0.0.1',
    });
    serving.program.process.kill('SIGTERM');
    await serving.program.ended();
    await run(['replay', '2'], { ...SERVICE_ENV, USER: 'jon' });
    const { stdout } = await run(['audit'], SERVICE_ENV);
    expect(stdout.replaceAll(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/gm, 'T')).toBe(`T  replay  1 delivery
    jon, operator by a command on the journal
    2
T  dismiss  1 delivery
    maria, operator by a command from 127.0.0.1
    1
    Reason: told by phone
`);
    const json = await run(['audit', '--json', '--limit', '1'], SERVICE_ENV);
    expect(JSON.parse(json.stdout)).toMatchObject({ number: 2, action: 'replay', by: { name: 'jon' }, deliveries: 1 });
  });
});
