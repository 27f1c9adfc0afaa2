import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../helpers/free-port.ts';
import { type Home, makeHome, type Serving } from '../helpers/home.ts';
import { until } from '../helpers/until.ts';

const TOKEN = 'admin-token-not-to-be-shown';

let home: Home;
let adminPort: number;

beforeEach(async () => {
  home = await makeHome();
  adminPort = await freePort();
  // The sandbox refuses every channel of such a name.
  await configure('#missing');
});

afterEach(() => home.remove());

async function configure(channel: string, lines: Record<string, string> = {}, file?: string): Promise<void> {
  const routes = `
  - { name: hello, on: hello, post: { channel: "${channel}", template: hello } }
  - { name: storm, on: counted, at_least: { count: 9, within: 1h }, post: { channel: "${channel}", template: hello } }`;
  await home.configure({ admin: `{ port: ${adminPort} }`, routes, ...lines }, file);
}

async function stop({ program }: Serving): Promise<void> {
  program.process.kill('SIGTERM');
  expect(await program.ended()).toBe(0);
}

async function send({ url }: Serving, n: number, topic = 'hello'): Promise<void> {
  expect((await home.send(url, n, { topic })).status).toBe(200);
}

interface Line {
  readonly delivery: number;
  readonly state: string;
  readonly event: { readonly id: string };
}

/** What `deliveries --json` prints. */
async function deliveries(...args: string[]): Promise<Line[]> {
  const { code, stdout, stderr } = await home.run(['deliveries', '--json', ...args]);
  expect([code, stderr]).toEqual([0, '']);
  return stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

async function refused(serving: Serving, count: number): Promise<void> {
  for (let n = 1; n <= count; n++) await send(serving, n);
  await until(async () => (await deliveries('--state', 'dead')).length === count);
}

describe('what a channel refused', () => {
  it('is listed, and arrives once it is replayed by a config that is mended: while the service runs', async () => {
    const first = await home.serve();
    await refused(first, 3);
    const table = await home.run(['deliveries', '--state', 'dead']);
    expect(table).toMatchObject({ code: 0, stderr: '' });
    expect(table.stdout).toMatch(
      /^delivery +state +accepted +route and where\n3 +dead .* hello → #missing\n +hello \(event 3, msg_3\)\n +.+\n.+\(channel_not_found\)/,
    );
    expect(table.stdout).toMatch(/\n3 deliveries: 3 dead\. Send them again: npx alo-relay replay --dead\n$/);
    await stop(first);

    await configure('#general');
    const second = await home.serve();
    const dry = await home.run(['replay', '--dead', '--dry-run']);
    expect(dry).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^Would send 3 deliveries again, in place of 3/),
    });
    const replays = await Promise.all([home.run(['replay', '--dead']), home.run(['replay', '--dead'])]);
    expect(replays.map(({ code, stderr }) => [code, stderr])).toEqual([
      [0, ''],
      [0, ''],
    ]);
    expect(replays.map(({ stdout }) => stdout).toSorted()).toEqual([
      'Nothing to send again.\n',
      expect.stringMatching(/^Sending 3 deliveries again, in place of 3 that did not arrive\. /),
    ]);
    await until(() => home.messages().length === 3);
    expect(await home.run(['replay', '--since', '1h'])).toMatchObject({
      stdout: expect.stringMatching(/^Left out, 3: It has gone out.*\nNothing to send again\.\n$/),
    });
    expect(await home.run(['deliveries', '--state', 'dead'])).toMatchObject({ stdout: 'No delivery is dead.\n' });
    await stop(second);
    expect(home.messages()).toEqual(['general 1', 'general 2', 'general 3']);
  });

  it('and the same while it is stopped: it arrives with the next start', async () => {
    const first = await home.serve();
    await refused(first, 2);
    await stop(first);
    await configure('#general');
    expect(await deliveries('--since', '1h', '--limit', '1')).toMatchObject([{ delivery: 2, event: { id: 'msg_2' } }]);
    const replays = [await home.run(['replay', 'msg_2']), await home.run(['replay', '1', '2', '--json'])];
    expect(replays[0]).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(
        /^Sending 1 delivery again, in place of 1 that did not arrive, when the service starts\./,
      ),
    });
    expect(JSON.parse(replays[1]?.stdout ?? '')).toMatchObject({
      deliveries: 1,
      replaced: 1,
      skipped: [{ code: 'already-replayed', count: 1, delivery: 2 }],
      sending: 'at the next start',
    });
    expect(home.messages()).toEqual([]);

    const second = await home.serve();
    await until(() => home.messages().length === 2);
    await stop(second);
    expect(home.messages()).toEqual(['general 2', 'general 1']);
    expect(await deliveries()).toMatchObject([
      { delivery: 4, state: 'sent', replay: true },
      { delivery: 3, state: 'sent', replay: true },
      { delivery: 2, state: 'dead', replayed_as: 3 },
      { delivery: 1, state: 'dead', replayed_as: 4 },
    ]);
  });
});

describe('what need not arrive any more', () => {
  it('is dismissed with a reason, while the service runs and while it is stopped, and leaves the list', async () => {
    const serving = await home.serve();
    await refused(serving, 2);
    expect(await home.run(['dismiss', '1'])).toMatchObject({ code: 2, stderr: expect.stringMatching(/--reason/) });
    expect(await home.run(['dismiss', '--reason', 'x'])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/Say what/),
    });
    expect(await home.run(['dismiss', '1', '--reason', ' '])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/Say why/),
    });
    const why = ['--by', 'maria', '--reason', 'the project is over'];
    expect(await home.run(['dismiss', '--route', 'hello', '--dry-run', ...why])).toMatchObject({
      code: 0,
      stdout: 'Would dismiss 2 deliveries. To do it, leave out --dry-run.\n',
    });
    expect(await home.run(['dismiss', '1', 'nobody', ...why])).toMatchObject({
      code: 1,
      stdout: 'Dismissed 1 delivery. List them: npx alo-relay deliveries --state dismissed\n',
      stderr: expect.stringMatching(/no event has the id nobody/),
    });
    await stop(serving);
    const rest = ['dismiss', '--event', 'msg_2', '--reason-code', 'channel_not_found', '--json', ...why];
    expect(JSON.parse((await home.run(rest)).stdout)).toEqual({
      dry_run: false,
      dismissed: 1,
      skipped: [],
      unknown_ids: [],
    });
    expect(await deliveries('--state', 'dead,parked')).toEqual([]);
    const { stdout } = await home.run(['deliveries', '--state', 'dismissed']);
    expect(stdout).toMatch(/Dismissed by maria at .*: the project is over\n/);
    expect(stdout).toMatch(/\n2 deliveries: 2 dismissed\./);
  });

  it.each([
    [['dismiss', '1', '--reason', 'x'], 1, /^Left out, 1: It is sent: only .+ \(delivery 1\)\nNothing to dismiss\.\n$/],
    [['dismiss', '--dead', '--reason', 'x'], 0, /^Nothing to dismiss\.\n$/],
    [['replay', '--event', 'msg_1'], 1, /\nNothing to send again\.\n$/],
    [['replay', '--dead'], 0, /^Nothing to send again\.\n$/],
  ])('%j with nothing to do: exit code %i', async (command, code, stdout) => {
    await configure('#general');
    const serving = await home.serve();
    await send(serving, 1);
    await until(() => home.messages().length === 1);
    await stop(serving);
    expect(await home.run(command)).toMatchObject({ code, stdout: expect.stringMatching(stdout) });
  });
});

describe('one event', () => {
  it('and what became of it, also where no route took it', async () => {
    await configure('#general');
    const serving = await home.serve();
    await send(serving, 1);
    await send(serving, 2, 'other');
    await send(serving, 4, 'counted');
    await until(() => home.messages().length === 1);
    await until(async () => (await deliveries('--event', 'msg_1'))[0]?.state === 'sent');
    const [line] = await deliveries('--event', 'msg_2');
    const other = expect.objectContaining({ number: 2, id: 'msg_2', topic: 'other' });
    expect(line).toEqual({ event: other, deliveries: 0, counted_by: [], conflicts: null });
    expect(await deliveries('--event', 'msg_4')).toMatchObject([{ deliveries: 0, counted_by: ['storm'] }]);
    const counted = await home.run(['deliveries', '--event', 'msg_4']);
    expect(counted.stdout).toMatch(/^msg_4 .+\nCounted, and nothing sent for it, by "storm" \(at_least\)\.\n$/);
    const taken = await home.run(['deliveries', '--event', '1']);
    expect(taken.stdout).toMatch(/^msg_1 \(event 1\): allo hello, received .+\n.+\n1 +sent /);
    expect((await home.send(serving.url, 1, { topic: 'hello', data: { other: true } })).status).toBe(200);
    const again = await home.run(['deliveries', '--event', 'msg_1']);
    expect(again.stdout).toMatch(/^msg_1 .+\nIt came again with another body once at \S+: the first body counts\.\n/);
    const untaken = await home.run(['deliveries', '--event', 'msg_2']);
    expect(untaken).toMatchObject({ code: 0, stdout: expect.stringMatching(/\nNo route took it: .+\n$/) });
    for (const command of [
      ['deliveries', '--event', 'msg_3'],
      ['replay', 'msg_3'],
    ]) {
      const unknown = await home.run(command);
      expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringMatching(/^alo-relay: no .*msg_3[^\n]+\n$/)]);
    }
  });
});

describe('the admin listener', () => {
  const admin = () => `{ port: ${adminPort}, token: "\${ADMIN_TOKEN:-}" }`;

  it('wants its token, and a command without it says so', async () => {
    await configure('#general', { admin: admin() });
    const serving = await home.serve({ ADMIN_TOKEN: TOKEN });
    await send(serving, 1);
    const good = await home.run(['deliveries', '--json'], { ADMIN_TOKEN: TOKEN });
    expect([good.code, good.stderr, good.stdout.split('\n').length]).toEqual([0, '', 2]);
    const bad = await home.run(['deliveries'], { ADMIN_TOKEN: 'another' });
    expect([bad.code, bad.stdout]).toEqual([1, '']);
    expect(bad.stderr).toMatch(
      /^alo-relay: The journal is in use by a running service.*refuses the token\. .+admin\.token/,
    );
    await stop(serving);
    expect(serving.program.stdout() + serving.program.stderr()).not.toContain(TOKEN);
  });

  it('on a port that is taken: the service relays without it, and says so', async () => {
    const taken = createServer().listen(adminPort, '127.0.0.1');
    await once(taken, 'listening');
    await configure('#general');
    const serving = await home.serve();
    await send(serving, 1);
    await until(() => home.messages().length === 1);
    await stop(serving);
    expect(serving.program.stdout()).toMatch(new RegExp(`127.0.0.1:${adminPort}.*already in use.*admin\\.port`));
    expect(serving.program.stderr()).toContain('not listening');
    await new Promise((done) => taken.close(done));
  });

  it('of another service is not asked: the command says what to do', async () => {
    const serving = await home.serve();
    await configure('#general', { journal: './other.db' }, 'other.yaml');
    const none = await home.run(['deliveries', '--config', 'other.yaml']);
    expect([none.code, none.stderr]).toEqual([1, expect.stringMatching(/There is no journal at \S+other\.db yet/)]);
    await configure('#general', { admin: `{ port: ${await freePort()} }` }, 'other.yaml');
    const locked = await home.run(['replay', '--dead', '--config', 'other.yaml']);
    expect(locked.code).toBe(1);
    expect(locked.stderr).toMatch(/in use by a running service.*nothing listens at http:\S+\. .+admin\.port/);
    await stop(serving);
  });
});

describe('the command line', () => {
  it.each(['deliveries', 'replay'])('%s --help has an example', async (command) => {
    const { code, stdout } = await home.run([command, '--help']);
    expect([code, stdout]).toEqual([0, expect.stringContaining(`Example:\n  alo-relay ${command} `)]);
  });

  it.each([
    [['replay'], /Say what to replay/],
    [['replay', '--dry-run', '--again'], /Say what to replay/],
    [['replay', '--since', 'soon'], /A time is needed/],
    [['deliveries', '--state', 'lost'], /States are held/],
    [['deliveries', '--limit', '0'], /whole number/],
  ])('%j: exit 2', async (args, message) => {
    const { code, stderr } = await home.run(args);
    expect([code, stderr]).toEqual([2, expect.stringMatching(message)]);
  });
});
