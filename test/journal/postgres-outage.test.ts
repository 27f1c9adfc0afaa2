/** A Postgres that is not there, not yet there, not there any more, or not for us. */
import { DatabaseError } from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import { streamLogger } from '../../src/core/log.ts';
import { Secret } from '../../src/core/secret.ts';
import { MIGRATIONS } from '../../src/journal/migrations.ts';
import { explainPostgres } from '../../src/journal/postgres/explain.ts';
import { until } from '../helpers/until.ts';
import { instances } from './postgres-stores.ts';
import { receipt } from './samples.ts';

const { open, sql, url, postgres } = instances();

const AWAY = { name: 'JournalError', code: 'journal-unreachable', outage: true };

/** What goes to the log, as messages. */
function listen() {
  const lines: string[] = [];
  const log = streamLogger({ write: (line: string) => void lines.push(line) });
  return { log, messages: () => lines.map((line) => /"msg":"([^"]*)"/.exec(line)?.[1] ?? '') };
}

const outage = () => {
  const found = postgres().outage;
  if (found === null) throw new Error('this server is not ours to stop');
  return found;
};

describe.skipIf(process.env.TEST_POSTGRES_URL !== undefined)('away', () => {
  afterEach(() => outage().up());

  test('at the start: a service waits for it, a command does not', async () => {
    const { log, messages } = listen();
    await outage().down();
    await expect(open(null, { role: 'command' })).rejects.toMatchObject(AWAY);
    const journal = await open('a', { log });
    await expect(journal.accept(receipt({ key: 'a' }))).rejects.toMatchObject(AWAY);
    await expect(journal.probe()).rejects.toThrow('cannot be reached');
    await outage().up();
    await until(() => journal.probe().then(() => true));
    expect(await journal.accept(receipt({ key: 'a' }))).toMatchObject({ kind: 'accepted' });
    expect(messages()).toEqual([
      expect.stringMatching(/^the journal postgres:.* cannot be reached .*It is tried again every second\.$/),
      'the journal can be reached again',
    ]);
  });

  test('later: calls are refused, and go on when it is back, by themselves', async () => {
    const { log, messages } = listen();
    const journal = await open('a', { log });
    await Promise.all(Array.from({ length: 20 }, (_, index) => journal.accept(receipt({ key: `before ${index}` }))));
    const flood = Promise.allSettled(
      Array.from({ length: 2000 }, (_, index) => journal.accept(receipt({ key: `${index}` }))),
    );
    await outage().down();
    const outcomes = await flood;
    for (const outcome of outcomes) if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject(AWAY);
    await expect(journal.tally()).rejects.toMatchObject(AWAY);
    await until(() => messages().length === 1);
    await expect(journal.tally()).rejects.toMatchObject(AWAY);
    await outage().up();
    await until(() => journal.probe().then(() => true));
    expect(messages()).toHaveLength(2);
    const kept = new Set((await journal.events({ limit: 9999 })).map(({ event }) => event.id));
    const acknowledged = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [`${index}`] : []));
    expect(acknowledged.filter((id) => !kept.has(id))).toEqual([]);
    expect(await journal.accept(receipt({ key: 'before 0' }))).toEqual({ kind: 'duplicate' });
  });

  test('one connection that is cut is no outage', async () => {
    const { log, messages } = listen();
    const journal = await open('a', { log });
    await journal.probe();
    await sql(`select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'alo-relay'`);
    await until(() => journal.probe().then(() => true));
    await until(() => journal.tally().then(() => true));
    expect(messages()).toEqual([]);
  });
});

describe('not for us', () => {
  const elsewhere = (change: (address: URL) => void) => {
    const address = new URL(url());
    change(address);
    return open('a', { settings: { url: new Secret(address.href) } });
  };

  test('a wrong password, which no error repeats', async () => {
    const opening = elsewhere((address) => {
      address.password = 'pssst';
    });
    const error: unknown = await opening.catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'journal-credentials', outage: true });
    expect(`${error instanceof Error ? error.stack : ''}${JSON.stringify(error)}`).not.toContain('pssst');
  });

  test('a database that does not exist', async () => {
    const opening = elsewhere((address) => {
      address.pathname = '/nowhere';
    });
    await expect(opening).rejects.toMatchObject({ code: 'journal-database' });
    await expect(opening).rejects.toThrow('Create the database, or name another one.');
  });

  test('a newer schema', async () => {
    await (await open('a')).close();
    const known = MIGRATIONS.length;
    await sql(`insert into schema_version values (99, 0, ${known + 1})`);
    await expect(open('a')).rejects.toThrow(`its version is 99, this program knows versions up to ${known}`);
    await sql(`update schema_version set oldest = ${known} where version = 99`);
    await (await open('a')).probe();
  });

  test('a server without TLS that is to be spoken to with it', async () => {
    const tls = { ca: null, cert: null, key: null, verify: true };
    await expect(open('a', { settings: { tls } })).rejects.toMatchObject({ code: 'journal-tls' });
  });
});

test('limits of time are on every connection', async () => {
  const journal = await open('a');
  await journal.probe();
  const other = new URL(url());
  other.searchParams.set('options', '-c work_mem=5MB');
  const { createPool } = await import('../../src/journal/postgres/connect.ts');
  const { postgresSettings } = await import('./drivers.ts');
  const pool = createPool(postgresSettings(other.href));
  const names = ['idle_in_transaction_session_timeout', 'lock_timeout', 'statement_timeout', 'work_mem'];
  const others = ['search_path', 'default_transaction_isolation', 'application_name'];
  const { rows } = await pool.query(
    `select current_setting(name) as value from unnest($1::text[]) with ordinality as asked (name, n) order by n`,
    [[...names, ...others]],
  );
  expect(rows.map(({ value }) => value)).toEqual([
    ...['3s', '5s', '15s', '5MB'],
    ...['alo_relay', 'read committed', 'alo-relay'],
  ]);
  await pool.end();
});

/** As `pg` has it from the server: its message and detail repeat what was to be stored. */
function answered(code: string): DatabaseError {
  const error = new DatabaseError('invalid input: "the text of a message"', 1, 'error');
  return Object.assign(error, { severity: 'ERROR', code, detail: 'Key (id)=(the text of a message)' });
}

const failed = (code: string, message: string) => Object.assign(new Error(message), { code });

test.each([
  [failed('ECONNREFUSED', 'connect ECONNREFUSED 127.0.0.1:5432'), 'journal-unreachable'],
  [new AggregateError([failed('ECONNREFUSED', 'connect ECONNREFUSED ::1:5432')]), 'journal-unreachable'],
  [failed('ENOTFOUND', 'getaddrinfo ENOTFOUND db'), 'journal-unreachable'],
  [new Error('timeout exceeded when trying to connect'), 'journal-unreachable'],
  [new Error('Query read timeout'), 'journal-unreachable'],
  [new Error('Connection terminated unexpectedly'), 'journal-unreachable'],
  [failed('SELF_SIGNED_CERT_IN_CHAIN', 'self-signed certificate'), 'journal-tls'],
  [new Error('SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string'), 'journal-credentials'],
  [answered('57P01'), 'journal-unreachable'],
  [answered('57P03'), 'journal-unreachable'],
  [answered('53300'), 'journal-unreachable'],
  [answered('08006'), 'journal-unreachable'],
  [answered('25P03'), 'journal-unreachable'],
  [answered('28P01'), 'journal-credentials'],
  [answered('28000'), 'journal-credentials'],
  [answered('3D000'), 'journal-database'],
  [answered('42501'), 'journal-permission'],
  [answered('53100'), 'journal-full'],
  [answered('25006'), 'journal-readonly'],
  [answered('55P03'), 'journal-locked'],
  [answered('57014'), 'journal-failed'],
  [answered('40P01'), 'journal-failed'],
  [answered('22P02'), 'journal-refused'],
  [answered('23505'), 'journal-refused'],
  [answered('42P01'), 'journal-failed'],
  [new Error('delivery 7 does not exist'), 'journal-refused'],
])('%s means %s', (error, code) => {
  const explained = explainPostgres(error, 'postgres://db/relay');
  expect(explained).toMatchObject({ name: 'JournalError', code, path: 'postgres://db/relay' });
  const state = 'severity' in error ? String(error.code) : '';
  if (/^(22|23|42P)/.test(state)) expect(explained.message).not.toContain('the text');
});
