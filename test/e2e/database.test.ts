import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { freePort } from '../helpers/free-port.ts';
import { type Home, makeHome } from '../helpers/home.ts';
import { startPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { until } from '../helpers/until.ts';

let postgres: TestPostgres;
let home: Home;
let env: { DATABASE_URL: string; NOBODY: string };
let adminPort: number;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres.stop());

beforeEach(async () => {
  adminPort = await freePort();
  env = { DATABASE_URL: await postgres.newDatabase(), NOBODY: String(await freePort()) };
  home = await makeHome({ env });
  // The sandbox refuses every channel of such a name.
  await configure('#missing');
});

afterEach(() => home.remove());

/** Two configs of the same journal: `elsewhere.yaml` is that of a machine on which no instance runs. */
async function configure(channel: string): Promise<void> {
  const lines = {
    journal: '{ url: "${DATABASE_URL}", schema: ours }',
    routes: `[{ name: hello, post: { channel: "${channel}", template: hello } }]`,
  };
  await home.configure({ ...lines, admin: `{ port: ${adminPort} }` });
  await home.configure({ ...lines, admin: '{ port: "${NOBODY}" }' }, 'elsewhere.yaml');
}

/** What a command prints; never the password of the database. */
async function said(...args: string[]): Promise<string> {
  const { code, stdout, stderr } = await home.run(args);
  expect([code, stdout + stderr]).toEqual([0, expect.not.stringContaining(new URL(env.DATABASE_URL).password)]);
  return stdout;
}

it('a journal in a database is asked for at an instance, or beside the instances; what is replayed they send', async () => {
  const { program, url } = await home.serve();
  for (const n of [1, 2]) expect((await home.send(url, n)).status).toBe(200);
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
  await until(() => home.messages().length === 1);
  expect(JSON.parse(await said('replay', 'msg_2', '--json'))).toMatchObject({ sending: 'now' });
  await until(() => home.messages().length === 2);
  program.process.kill('SIGTERM');
  expect(await program.ended()).toBe(0);
  expect(program.stdout() + program.stderr()).not.toContain(new URL(env.DATABASE_URL).password);
});

it('doctor looks at it, and says what is not known', async () => {
  const journal = async (variables: Record<string, string>) => {
    const { stdout } = await home.run(['doctor', '--json'], variables);
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
