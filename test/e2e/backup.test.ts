import { readFileSync } from 'node:fs';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Home, makeHome } from '../helpers/home.ts';
import { until } from '../helpers/until.ts';

let home: Home;

beforeEach(async () => {
  home = await makeHome();
});

afterEach(() => home.remove());

const accepted = async (url: string, n: number) => expect((await home.send(url, n)).status).toBe(200);

it('a backup under load holds all that was answered before, and restored on an empty disk sends nothing twice', async () => {
  const { program, url } = await home.serve();
  let sent = 0;
  let loading = true;
  const load = Promise.all(
    Array.from({ length: 8 }, async () => {
      while (loading) {
        sent += 1;
        await accepted(url, sent);
      }
    }),
  );
  await until(() => home.messages().length > 300);
  home.sandbox.faults.add({ method: 'chat.postMessage', times: 'always', kind: 'error', error: 'service_unavailable' });
  const before = sent - 8;
  const backup = await home.run(['backup', 'relay.backup', '--json']);
  loading = false;
  await load;
  expect(backup).toMatchObject({ code: 0, stderr: '' });
  const { events } = JSON.parse(backup.stdout);
  expect(events).toBeGreaterThanOrEqual(before);
  // What had waited when the backup was made is sent after it.
  home.sandbox.faults.clear();
  await until(() => home.messages().length === sent, 60_000);
  program.process.kill('SIGKILL');
  await program.ended();
  for (const suffix of ['', '-wal', '-shm', '.lock']) await rm(join(home.cwd, `relay.db${suffix}`));

  const restore = await home.run(['restore', 'relay.backup']);
  expect(restore).toMatchObject({ code: 0, stderr: '' });
  expect(restore.stdout).toMatch(/^Restored \S+relay\.db from relay\.backup: \d+ events, the newest received /);
  expect(restore.stdout).toMatch(/\d+ deliveries were waiting to be sent, .*: each is looked for in Slack/);
  await home.serve();
  await until(() => unfinished() === 0, 60_000);
  const messages = home.messages();
  expect(messages.filter((text, index) => messages.indexOf(text) !== index)).toEqual([]);
  expect(messages.length).toBe(sent);
}, 180_000);

function unfinished(): number {
  const database = new DatabaseSync(join(home.cwd, 'relay.db'), { readOnly: true });
  const row = database.prepare("select count(*) as n from deliveries where state in ('pending', 'sending')").get();
  database.close();
  return Number(row?.n);
}

it('a restore is refused while the service runs, and over a journal without --force', async () => {
  const { program, url } = await home.serve();
  await accepted(url, 1);
  await until(() => home.messages().length === 1);
  expect(await home.run(['backup', 'b.db'])).toMatchObject({ code: 0 });
  const running = await home.run(['restore', 'b.db', '--force']);
  expect(running).toMatchObject({ code: 1, stdout: '' });
  expect(running.stderr).toMatch(
    /is in use by a running service\. Stop it \(SIGTERM lets it finish\), and try again\.\n$/,
  );
  program.process.kill('SIGTERM');
  await program.ended();
  const there = await home.run(['restore', 'b.db']);
  expect(there).toMatchObject({ code: 1, stdout: '' });
  expect(there.stderr).toContain('exists already. With --force it is kept under another name, and replaced.');
  const forced = await home.run(['restore', 'b.db', '--force', '--json']);
  const result = JSON.parse(forced.stdout);
  expect(result).toMatchObject({ ok: true, events: 1, pending: 0, held: 0, migrated_from: null });
  expect(readFileSync(result.kept_as).subarray(0, 15).toString()).toBe('SQLite format 3');
});

it('killed before the last step, a restore leaves a state in which no service starts, and is made again', async () => {
  const { program, url } = await home.serve();
  await accepted(url, 1);
  await until(() => home.messages().length === 1);
  await home.run(['backup', 'b.db']);
  program.process.kill('SIGKILL');
  await program.ended();
  const killed = await home.run(['restore', 'b.db', '--force'], { ALO_RELAY_DIE_AT: 'restore.before-rename' });
  expect(killed.code).toBe('SIGKILL');
  const started = await home.run(['serve']);
  expect(started).toMatchObject({ code: 1 });
  expect(started.stderr).toContain('has a hard link');
  expect(await home.run(['restore', 'b.db', '--force'])).toMatchObject({ code: 0 });
  const again = await home.serve();
  await accepted(again.url, 2);
  await until(() => home.messages().length === 2);
});

it('a journal that was put back by other means is only put in doubt', async () => {
  home.sandbox.faults.add({ method: 'chat.postMessage', times: 'always', kind: 'error', error: 'service_unavailable' });
  const first = await home.serve();
  await accepted(first.url, 1);
  await home.run(['backup', 'b.db']);
  home.sandbox.faults.clear();
  await until(() => home.messages().length === 1);
  first.program.process.kill('SIGTERM');
  await first.program.ended();
  await rename(join(home.cwd, 'b.db'), join(home.cwd, 'relay.db'));
  const done = await home.run(['restore', '--in-place']);
  expect(done).toMatchObject({ code: 0, stderr: '' });
  expect(done.stdout).toMatch(/^1 delivery was waiting to be sent, 0 of them/);
  const second = await home.serve();
  await accepted(second.url, 2);
  await until(() => home.messages().length >= 2);
  await until(() => unfinished() === 0);
  expect(home.messages()).toEqual(['a 1', 'a 2']);
});

it('needs nothing of the config but the journal, and says how Postgres is backed up', async () => {
  const config = (journal: string) => writeFile(join(home.cwd, 'config.yaml'), `journal: ${journal}\nroutes: what\n`);
  await config('./none.db');
  const missing = await home.run(['backup', 'b.db']);
  expect(missing.stderr).toMatch(/There is no journal at \S+none\.db yet/);
  await config('postgres://relay:secret@db.example.com/relay');
  const postgres = await home.run(['backup', 'b.db']);
  expect(postgres).toMatchObject({ code: 1, stdout: '' });
  expect(postgres.stderr).toContain('pg_dump --format=custom --schema=alo_relay --file=relay.dump "$DATABASE_URL"');
  expect(postgres.stderr).not.toContain('secret');
  await config('"${JOURNAL}"');
  expect((await home.run(['restore', 'b.db'])).stderr).toContain("The journal's address needs JOURNAL");
  await config('[1]');
  expect((await home.run(['backup', 'b.db'])).stderr).toContain('config.yaml has 1 error');
  expect(await home.run(['restore'])).toMatchObject({ code: 2 });
  expect(await home.run(['backup'])).toMatchObject({ code: 2 });
  expect(await home.run(['backup', 'b.db', '--config', 'none.yaml'])).toMatchObject({ code: 1 });
});
