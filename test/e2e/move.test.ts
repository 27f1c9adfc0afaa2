import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type Home, makeHome } from '../helpers/home.ts';
import { command, startPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { until } from '../helpers/until.ts';

let postgres: TestPostgres;
let url: string;
let home: Home;

beforeAll(async () => {
  postgres = await startPostgres();
});

afterAll(() => postgres.stop());

beforeEach(async () => {
  url = await postgres.newDatabase();
  home = await makeHome();
  await home.configure({
    routes: `
  - { card: { channel: "#a", template: hello } }
  - { post: { channel: "#b", template: hello } }`,
  });
});

afterEach(() => home.remove());

const send = async (to: string, n: number) =>
  (await home.send(to, n, { data: { id: 'call-1', contact: { id: 'c1' } } })).status;

/** No output of these commands holds the password. */
async function move(args: readonly string[], env: Record<string, string> = {}) {
  const done = await home.run(['move', ...args], env);
  const said = done.stdout + done.stderr;
  const { password } = new URL(url);
  expect(said).not.toContain(password);
  expect(said).not.toContain(decodeURIComponent(password));
  return done;
}

/** A service that dies with a card that is to be updated, a message of which it does not know, and one it never sent. */
async function killedService(): Promise<void> {
  const { program, url: hooks } = await home.serve();
  expect(await send(hooks, 1)).toBe(200);
  await until(() => home.messages().length === 2);
  home.sandbox.faults.add({ method: 'chat.update', times: 'always', kind: 'rate_limited', retryAfter: 1 });
  home.sandbox.faults.add({ method: 'chat.postMessage', channel: '#b', times: 1, kind: 'slow', ms: 30_000 });
  for (const n of [2, 3]) expect(await send(hooks, n)).toBe(200);
  await until(() => home.messages().includes('b 2'));
  program.process.kill('SIGKILL');
  await program.ended();
  home.sandbox.faults.clear();
}

it('killed right before its commit, a move is made again: the card is updated in place, everything else is there once', async () => {
  await killedService();
  const args = ['--from', './relay.db', '--to', url, '--schema', 'moved'];
  expect((await move(args, { ALO_RELAY_DIE_AT: 'move.before-commit' })).code).toBe('SIGKILL');
  expect(await command(url, 'select count(*)::int as rows from moved.events')).toEqual([{ rows: 0 }]);
  await home.configure({
    journal: `{ url: "${url}", schema: moved }`,
    routes: '[{ post: { channel: "#b", template: hello } }]',
  });
  // The config names it by now.
  const moved = await move(['--from', './relay.db']);
  expect([moved.code, moved.stderr]).toEqual([0, '']);
  expect(moved.stdout).toMatch(/deliveries +6\n/);
  expect(moved.stdout).toContain('The config names it already: start the service.');
  expect(existsSync(join(home.cwd, 'relay.db'))).toBe(true);

  const { url: hooks } = await home.serve();
  await until(() => home.messages().includes('b 3'), 20_000);
  await until(() => home.messages().includes('a 3'), 20_000);
  // What was accepted is known: a sender that tries again is told so, and nothing comes of it.
  expect(await send(hooks, 3)).toBe(200);
  expect(await send(hooks, 4)).toBe(200);
  await until(() => home.messages().includes('b 4'));
  expect(home.messages().toSorted()).toEqual(['a 3', 'b 1', 'b 2', 'b 3', 'b 4']);
}, 60_000);

it('what is to be done next is said, and told to programs', async () => {
  const { program, url: hooks } = await home.serve();
  await send(hooks, 1);
  await until(() => home.messages().length === 2);
  const running = await move(['--to', url]);
  expect([running.code, running.stderr]).toEqual([1, expect.stringMatching(/relay\.db is in use .+ Stop the service/)]);
  program.process.kill('SIGTERM');
  await program.ended();

  const nowhere = await move(['--to', 'postgres://127.0.0.1:1/relay']);
  expect([nowhere.code, nowhere.stderr]).toEqual([1, expect.stringContaining('cannot be reached')]);
  const { code, stdout } = await move(['--to', url, '--json']);
  expect(code).toBe(0);
  const told = JSON.parse(stdout);
  expect(told).toMatchObject({ ok: true, from: join(home.cwd, 'relay.db'), migrated_from: null });
  const deliveries = told.tables.find(({ table }: { table: string }) => table === 'deliveries');
  expect(deliveries).toEqual({ table: 'deliveries', rows: 2, sha256: expect.stringMatching(/^[0-9a-f]{64}$/) });

  const again = await move(['--to', url]);
  expect([again.code, again.stderr]).toEqual([
    1,
    expect.stringContaining('is in use already (seen: 1, events: 1, deliveries: 2'),
  ]);
  const elsewhere = await move(['--to', url, '--schema', 'elsewhere']);
  expect(elsewhere.stdout).toContain('journal:\n  url: "${DATABASE_URL}"\n  schema: elsewhere\n');
}, 60_000);

it.each([
  [['--from', './relay.db'], 'Say where to: --to postgres://…'],
  [['--to', './other.db'], 'A journal can be moved to Postgres alone'],
  [['--from', 'postgres://u:hunter2@h/d', '--to', 'postgres://u:hunter2@h/d'], 'Only a journal in a file can be moved'],
  [['--to', 'postgres://u:hunter2@h/d', '--schema', 'Bad-Name'], '--schema: The name of a schema is needed'],
  [['--to', 'postgres://u:hunter2@h:99999/d'], '--to: This address names no host'],
  [['--config', 'none.yaml', '--to', 'postgres://u:hunter2@h/d'], 'none.yaml'],
])('is bad usage: %j', async (args, message) => {
  const { code, stdout, stderr } = await move(args);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('hunter2');
  expect([code, stdout]).toEqual([args.includes('none.yaml') ? 1 : 2, '']);
  expect(existsSync(join(home.cwd, 'relay.db'))).toBe(false);
});
