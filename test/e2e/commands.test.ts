import { chmod, mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { makeFolder, removeFolder } from '../helpers/home.ts';
import { run, start } from '../helpers/program.ts';
import { readState } from '../helpers/state.ts';
import { until } from '../helpers/until.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const ENV = {
  ALO_WEBHOOK_SECRET: SECRET,
  ALLO_WEBHOOK_SECRET: SECRET,
  SLACK_BOT_TOKEN: 'xoxb-not-to-be-shown',
  PORT: '0',
};
const SERVE = ['serve', '--config', 'config.example.yaml'];
const SANDBOX = [...SERVE, '--sandbox', '--sandbox-port', '0'];

let cwd: string;

beforeEach(async () => {
  cwd = await makeFolder('config.example.yaml', 'templates');
});

afterEach(() => removeFolder(cwd));

describe('serve --sandbox and send, as a newcomer does', () => {
  it('shows a card, a reply in its thread, a DM and a reaction; and says what to type next', async () => {
    const service = start(SANDBOX, { cwd, env: { PORT: '0' } });
    const webhooks = await service.printed(/(http:\/\/localhost:\d+\/webhooks\/alo)\n/);
    const sandbox = await service.printed(/sandbox\s+(http:\S+)/);
    expect(await service.printed(/(npx alo-relay send \S+ --config config\.example\.yaml)/)).toContain(
      'action_created',
    );

    const sent = await run(['send', 'all', '--config', 'config.example.yaml', '--url', webhooks], { cwd });
    expect([sent.code, sent.stderr]).toEqual([0, '']);
    const card = await until(async () => {
      const { conversations } = await readState(sandbox);
      const [message] = conversations.find(({ name }) => name === 'alo-actions')?.messages ?? [];
      return message?.reactions.length === 1 && message.replies.length === 1 && message;
    });
    expect(card).toMatchObject({ edited: expect.any(String), reactions: [{ name: 'white_check_mark' }] });
    expect((await readState(sandbox)).conversations.map(({ name }) => name)).toEqual(['alo-actions', 'Maria']);

    service.process.kill('SIGTERM');
    expect(await service.ended()).toBe(0);
    // The banner is for people; standard output is JSON lines and nothing else.
    expect(service.stderr()).toMatch(/^\nalo-relay is ready\n/);
    for (const line of service.stdout().trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('level');
  });

  it('keeps the made-up secrets beside its journal, for its owner only', async () => {
    const service = start(SANDBOX, { cwd, env: { PORT: '0' } });
    await service.printed(/(ready)/);
    const file = join(cwd, 'data/relay.sandbox.json');
    expect((await stat(file)).mode & 0o777).toBe(0o600);
    const kept = JSON.parse(await readFile(file, 'utf8'));
    expect(Object.keys(kept).toSorted()).toEqual(['ALLO_WEBHOOK_SECRET', 'ALO_WEBHOOK_SECRET', 'SLACK_BOT_TOKEN']);
    for (const value of Object.values(kept)) expect(service.stdout() + service.stderr()).not.toContain(value);
  });

  it('send --duplicate: twice answered, once shown', async () => {
    const service = start(SANDBOX, { cwd, env: { PORT: '0' } });
    const webhooks = await service.printed(/(http:\/\/localhost:\d+\/webhooks\/allo)\n/);
    const sandbox = await service.printed(/sandbox\s+(http:\S+)/);
    const args = ['send', 'call.received', '--config', 'config.example.yaml', '--url', webhooks];
    const sent = await run([...args, '--duplicate', '--count', '2', '--rate', '100', '--json'], { cwd });
    expect(
      sent.stdout
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line).status),
    ).toEqual([200, 200, 200, 200]);
    await until(async () => (await readState(sandbox)).conversations[0]?.messages.length === 2);
    await until(() => service.stdout().match(/"outcome":"duplicate"/g)?.length === 2);
  });
});

describe('serve, when something is wrong', () => {
  const tries: [string, Record<string, string>, (folder: string) => Promise<unknown>, RegExp][] = [
    [
      'no token',
      { SLACK_BOT_TOKEN: '' },
      async () => {},
      /There is no Slack token\. Set slack\.token .* or start with --sandbox/,
    ],
    [
      'a journal that is a folder',
      {},
      (folder) => mkdir(join(folder, 'data/relay.db'), { recursive: true }),
      /relay\.db .*Give `journal:`/,
    ],
    [
      'a journal that is no database',
      {},
      async (folder) => {
        await mkdir(join(folder, 'data'));
        await writeFile(join(folder, 'data/relay.db'), 'x'.repeat(8192));
      },
      /relay\.db is not a journal.*Give `journal:` another path/,
    ],
  ];

  it.each(tries)('%s: exit 1, and what to do', async (_, env, prepare, message) => {
    await prepare(cwd);
    const { code, stderr, stdout } = await run(SERVE, { cwd, env: { ...ENV, ...env } });
    expect(code).toBe(1);
    expect(stderr).toMatch(message);
    // Warnings of the config may stand before it.
    expect(stderr.match(/^alo-relay: /gm)).toHaveLength(1);
    expect(stdout + stderr).not.toContain('not-to-be-shown');
  });

  it('variables that are not set: named one by one, with --sandbox as a way out', async () => {
    const { code, stderr } = await run(SERVE, { cwd });
    expect(code).toBe(1);
    for (const name of ['ALO_WEBHOOK_SECRET', 'ALLO_WEBHOOK_SECRET', 'SLACK_BOT_TOKEN']) expect(stderr).toContain(name);
    expect(stderr).toContain('--sandbox');
    expect(stderr).toContain('not started');
  });

  it('a port in use: exit 1, and which', async () => {
    const other = createServer().listen(0, '0.0.0.0');
    await until(() => other.listening);
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { code, stderr } = await run(SERVE, { cwd, env: { ...ENV, PORT: port } });
    other.close();
    expect([code, stderr]).toEqual([
      1,
      `alo-relay: 0.0.0.0:${port} is already in use. Stop what listens there, or choose another server.port in the config.\n`,
    ]);
  });

  it('the sandbox port in use: exit 1, and the option that changes it', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await until(() => other.listening);
    const address = other.address();
    const port = typeof address === 'object' ? String(address?.port) : '';
    const { code, stderr } = await run([...SERVE, '--sandbox', '--sandbox-port', port], { cwd, env: { PORT: '0' } });
    other.close();
    expect([code, stderr.trim().split('\n').length]).toEqual([1, 1]);
    expect(stderr).toContain(
      `127.0.0.1:${port}: another program has that port. Stop it, or choose another with --sandbox-port`,
    );
  });

  it('a journal another process holds: exit 1, and that process goes on', async () => {
    const first = start(SANDBOX, { cwd, env: { PORT: '0' } });
    await first.printed(/(ready)/);
    const { code, stderr } = await run(SANDBOX, { cwd, env: { PORT: '0' } });
    expect(code).toBe(1);
    expect(stderr).toMatch(/relay\.sandbox\.db is in use by another process.*Stop the other alo-relay/);
    expect(first.process.exitCode).toBeNull();
  });

  it.skipIf(process.getuid?.() === 0)('a folder that cannot be written: exit 1 (not as root, who may)', async () => {
    await mkdir(join(cwd, 'data'));
    await chmod(join(cwd, 'data'), 0o500);
    const { code, stderr } = await run(SERVE, { cwd, env: ENV });
    expect(code).toBe(1);
    expect(stderr).toMatch(/relay\.db/);
  });
});

describe('the other commands', () => {
  it.each(['serve', 'check', 'send', 'manifest'])('%s --help has an example', async (command) => {
    const { code, stdout } = await run([command, '--help'], { cwd });
    expect(code).toBe(0);
    expect(stdout).toMatch(new RegExp(`Example:\\n  alo-relay ${command}`));
  });

  it.each([
    [['chek'], /Did you mean check\?/],
    [['send'], /missing required argument 'topic'/],
    [['send', 'action_creatd', '--config', 'config.example.yaml'], /Did you mean "action_created"\?/],
    [['send', 'action_created', '--count', 'x'], /whole number/],
    [['serve', '--bogus'], /unknown option '--bogus'/],
  ])('%j: exit 2', async (args, message) => {
    const { code, stderr } = await run(args, { cwd, env: ENV });
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });

  it('check: exit 0 for the example, 1 with file:line:column for a mistake, also as JSON', async () => {
    expect(await run(['check', '--config', 'config.example.yaml'], { cwd, env: ENV })).toMatchObject({ code: 0 });
    expect(await run(['check', '--config', 'config.example.yaml', '--sandbox'], { cwd })).toMatchObject({ code: 0 });
    await writeFile(join(cwd, 'templates/bad.yaml'), 'text: "{{ event.topik }}"\n');
    const bad = await run(['check', '--config', 'config.example.yaml'], { cwd, env: ENV });
    expect(bad.code).toBe(1);
    expect(bad.stdout).toMatch(/^templates\/bad\.yaml:1:\d+ error unknown-field: .*"topik"/);
    expect(bad.stdout).toMatch(/Did you mean "topic"\?/);
    const json = await run(['check', '--config', 'config.example.yaml', '--json'], { cwd, env: ENV });
    expect(JSON.parse(json.stdout)).toMatchObject({ ok: false, problems: [{ file: 'templates/bad.yaml', line: 1 }] });
  });

  it('manifest: YAML to paste, and JSON', async () => {
    const yaml = await run(['manifest', '--name', 'Relay'], { cwd });
    const json = await run(['manifest', '--name', 'Relay', '--json'], { cwd });
    expect(parse(yaml.stdout)).toEqual(JSON.parse(json.stdout));
    expect(parse(yaml.stdout)).toMatchObject({ display_information: { name: 'Relay' } });
  });

  it('send to where nothing listens: exit 1, and what to start', async () => {
    const closed = createServer().listen(0, '127.0.0.1');
    await until(() => closed.listening);
    const address = closed.address();
    const url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/webhooks/alo`;
    await new Promise((done) => closed.close(done));
    const args = ['send', 'action_created', '--config', 'config.example.yaml', '--url', url];
    const { code, stdout } = await run(args, { cwd, env: ENV });
    expect(code).toBe(1);
    expect(stdout).toContain(`Nothing listens at ${url}. Start it first`);
  });
});
