/** PgBouncer between the journal and its database. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/log.ts';
import { examinePostgres } from '../../src/doctor/postgres.ts';
import type { Journal } from '../../src/journal/contract.ts';
import { moveJournal } from '../../src/journal/move/move.ts';
import { openJournal } from '../../src/journal/open.ts';
import { createPatientPool, createPool } from '../../src/journal/postgres/connect.ts';
import { hasPgBouncer, type PgBouncer, type PoolMode, startPgBouncer } from '../helpers/pgbouncer.ts';
import { command, startPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { openSqliteJournal } from '../helpers/sqlite.ts';
import { until } from '../helpers/until.ts';
import { postgresSettings } from './drivers.ts';
import { receipt } from './samples.ts';

let postgres: TestPostgres;
let bouncer: PgBouncer;
let url: string;
const journals: Journal[] = [];

const modes = hasPgBouncer();

function behind(mode: PoolMode): void {
  beforeAll(async () => {
    postgres = await startPostgres();
    bouncer = await startPgBouncer(postgres.url, mode);
  });
  beforeEach(async () => {
    url = await postgres.newDatabase();
  });
  afterEach(async () => {
    await Promise.all(journals.splice(0).map((journal) => journal.close()));
  });
  afterAll(async () => {
    await bouncer.stop();
    await postgres.stop();
  });
}

const settings = (address = bouncer.before(url)) => postgresSettings(address);

async function open(role: 'service' | 'command' = 'service'): Promise<Journal> {
  const journal = await openJournal(settings(), { log: silentLogger, clock: systemClock, role });
  journals.push(journal);
  return journal;
}

/** Where this database has tables named so. */
const schemas = async (table: string) =>
  (await command(url, `select schemaname from pg_tables where tablename = '${table}'`)).map((row) => row.schemaname);

async function examined(address?: string): Promise<Record<string, string>> {
  const findings = await examinePostgres(settings(address), systemClock);
  return Object.fromEntries(
    findings.map(({ code, status, message, remedy = '' }) => [code, `${status}: ${message} ${remedy}`]),
  );
}

describe.skipIf(!modes)('in session mode', () => {
  behind('session');

  test('events are accepted into the schema, and their lanes are announced and claimed', async () => {
    const [a, b] = [await open(), await open()];
    let heard = 0;
    await b.cluster?.claims.start({ onWork: () => (heard += 1), onLost: () => undefined });
    await until(() => heard > 0);
    const before = heard;
    expect(await a.accept(receipt({ key: 'a', lanes: ['#ops'] }))).toMatchObject({ kind: 'accepted' });
    await until(() => heard > before);
    expect(await until(async () => (await b.cluster?.claims.claim(1))?.map(({ lane }) => lane).join())).toBe('#ops');
    expect(await schemas('events')).toEqual(['alo_relay']);
  });

  test('its sessions have the schema and the limits, which no other client of the pooler inherits', async () => {
    const names = ['search_path', 'lock_timeout', 'statement_timeout', 'idle_in_transaction_session_timeout'];
    const shown = `select ${names.map((name) => `current_setting('${name}') as ${name}`).join(', ')}`;
    for (const [create, lock, statement] of [
      [createPool, '5s', '15s'],
      [createPatientPool, '0', '0'],
    ] as const) {
      const pool = create(settings());
      const { rows } = await pool.query(shown);
      await pool.end();
      expect(Object.values(rows[0])).toEqual(['alo_relay', lock, statement, '3s']);
    }
    const [other] = await command(bouncer.before(url), shown);
    expect(Object.values(other ?? {})).toEqual(['"$user", public', '0', '0', '0']);
  });

  test('doctor names the pooler, and finds nothing wrong', async () => {
    await open();
    const found = await examined();
    expect(found.pooler).toMatch(/^ok: A pooler is in between/);
    expect(Object.values(found).filter((line) => line.startsWith('problem'))).toEqual([]);
  });

  test('what it refuses is explained: a parameter of the address, a database that it does not find', async () => {
    const options = `${bouncer.before(url)}?options=-c%20geqo%3Doff`;
    const parameter = openJournal(settings(options), { log: silentLogger, clock: systemClock, role: 'service' });
    await expect(parameter).rejects.toMatchObject({ code: 'journal-parameters' });
    expect((await examined(options))['journal-parameters']).toContain('Remove `options` from the address');
    // Each once: it waits before it asks for the same one again.
    const nowhere = (name: string) => Object.assign(new URL(bouncer.before(url)), { pathname: name }).href;
    const database = openJournal(settings(nowhere('one')), { log: silentLogger, clock: systemClock, role: 'service' });
    await expect(database).rejects.toMatchObject({ code: 'journal-database' });
    expect((await examined(nowhere('two')))['journal-database']).toContain('no such database');
  });

  test('a journal is moved through it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'journal-'));
    const path = join(folder, 'relay.db');
    const source = await openSqliteJournal(path);
    await source.accept(receipt({ key: 'a' }));
    await source.close();
    await moveJournal({ from: { kind: 'sqlite', path }, to: settings() });
    expect(await (await open()).accept(receipt({ key: 'a' }))).toEqual({ kind: 'duplicate' });
    await rm(folder, { recursive: true });
  });
});

describe.skipIf(!modes).each(['transaction', 'statement'] as const)('in %s mode', (mode) => {
  behind(mode);

  test('service, command, move and doctor refuse it by name, with what to set', async () => {
    const refusal = /PgBouncer in transaction or statement mode\)\. Set `pool_mode = session`/;
    for (const role of ['service', 'command'] as const) {
      await expect(open(role)).rejects.toMatchObject({
        code: 'journal-pooler',
        message: expect.stringMatching(refusal),
      });
    }
    expect((await examined())['journal-pooler']).toMatch(/^problem: .*PgBouncer in transaction or statement mode/);
    expect(await schemas('events')).toEqual([]);
  });
});
