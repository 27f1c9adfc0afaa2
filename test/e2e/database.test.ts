import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { sign } from '../../src/sources/sign.ts';
import { startPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { killAll, run, start } from '../helpers/program.ts';
import { readState } from '../helpers/state.ts';
import { until } from '../helpers/until.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

let postgres: TestPostgres;
let cwd: string;
let sandbox: Sandbox;
let env: { DATABASE_URL: string; NOBODY: string };
let adminPort: number;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres.stop());

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'relay-database-'));
  sandbox = await startSandbox({ port: 0, limits: null });
  adminPort = await freePort();
  env = { DATABASE_URL: await postgres.newDatabase(), NOBODY: String(await freePort()) };
  await mkdir(join(cwd, 'templates'));
  await writeFile(join(cwd, 'templates/hello.yaml'), 'text: "{{ event.payload.data.n }}"\n');
  // The sandbox refuses every channel of such a name.
  await configure('#missing');
});

afterEach(async () => {
  killAll();
  await sandbox.close();
  await rm(cwd, { recursive: true });
});

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((done) => server.close(done));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

/** Two configs of the same journal: `elsewhere.yaml` is that of a machine on which no instance runs. */
async function configure(channel: string): Promise<void> {
  for (const [file, port] of [
    ['config.yaml', adminPort],
    ['elsewhere.yaml', '"${NOBODY}"'],
  ]) {
    const text = `server: { host: 127.0.0.1, port: 0 }
admin: { port: ${port} }
journal: { url: "\${DATABASE_URL}", schema: ours }
sources: { allo: { type: allo, secrets: ["${SECRET}"] } }
slack: { token: xoxb-1, api_url: "${sandbox.apiUrl}" }
templates: ./templates
routes: [{ name: hello, post: { channel: "${channel}", template: hello } }]
`;
    await writeFile(join(cwd, `${file}`), text);
  }
}

async function serve() {
  const program = start(['serve'], { cwd, env });
  return { program, url: await program.printed(/(http:\S+\/webhooks\/allo)/) };
}

/** What a command prints; never the password of the database. */
async function said(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await run(args, { cwd, env });
  expect([code, stdout + stderr]).toEqual([0, expect.not.stringContaining(new URL(env.DATABASE_URL).password)]);
  return stdout;
}

async function texts(): Promise<string[]> {
  const { conversations } = await readState(sandbox.url);
  return conversations.flatMap(({ messages }) => messages.map(({ text }) => text));
}

it('a journal in a database is asked for at an instance, or beside the instances; what is replayed they send', async () => {
  const { program, url } = await serve();
  for (const n of [1, 2]) {
    const body = JSON.stringify({ topic: 'hello', data: { n } });
    const headers = sign({ type: 'allo', secret: new Secret(SECRET), body, messageId: `msg_${n}`, nowMs: Date.now() });
    expect((await fetch(url, { method: 'POST', headers, body })).status).toBe(200);
  }
  await until(async () => (await said('deliveries', '--state', 'dead')).includes('2 dead'));
  const status = await fetch(`http://127.0.0.1:${adminPort}/api/status`);
  const { host, pathname } = new URL(env.DATABASE_URL);
  expect(await status.json()).toMatchObject({ journal: `postgres://${host}${pathname} (schema ours)` });
  expect(await said('deliveries')).not.toContain('this is from');
  expect(await said('deliveries', '--config', 'elsewhere.yaml')).toMatch(/2 dead\. .*\nNo instance answers here; /);

  await configure('#general');
  await until(() => program.stdout().includes('config reloaded'));
  expect(await said('replay', 'msg_1', '--config', 'elsewhere.yaml')).toMatch(
    /did not arrive, by whichever instance runs\./,
  );
  await until(async () => (await texts()).length === 1);
  expect(JSON.parse(await said('replay', 'msg_2', '--json'))).toMatchObject({ sending: 'now' });
  await until(async () => (await texts()).length === 2);
  program.process.kill('SIGTERM');
  expect(await program.ended()).toBe(0);
  expect(program.stdout() + program.stderr()).not.toContain(new URL(env.DATABASE_URL).password);
});

it('doctor looks at it, and says what is not known', async () => {
  const journal = async (variables: Partial<typeof env>) => {
    const { stdout } = await run(['doctor', '--json'], { cwd, env: variables });
    const { sections } = JSON.parse(stdout);
    return (sections as { title: string; findings: { code: string; status: string }[] }[]).find(
      ({ title }) => title === 'Journal',
    )?.findings;
  };
  expect((await journal(env))?.map(({ code, status }) => `${status} ${code}`)).toEqual([
    'ok journal',
    'ok encryption',
    'ok server',
    'note schema',
    'ok database-clock',
    'ok connections',
  ]);
  expect(await journal({ NOBODY: env.NOBODY })).toMatchObject([
    { status: 'note', message: expect.stringContaining('is not known') },
  ]);
});
