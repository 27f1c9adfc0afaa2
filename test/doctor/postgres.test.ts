import { chmod, chown, copyFile, readFile, stat } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { Secret } from '../../src/core/secret.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { examinePostgres } from '../../src/doctor/postgres.ts';
import { parseDatabaseUrl } from '../../src/journal/database-url.ts';
import { MIGRATIONS } from '../../src/journal/migrations.ts';
import type { PostgresSettings, TlsSettings } from '../../src/journal/settings.ts';
import { command, startPostgres, type TestPostgres } from '../helpers/postgres.ts';

const TLS = resolve(import.meta.dirname, '../fixtures/tls');
const PASSWORD = 'hunter2-not-to-be-shown';

let postgres: TestPostgres;
let url: string;

beforeAll(async () => {
  postgres = await startPostgres();
  url = await postgres.newDatabase();
});

afterAll(() => postgres.stop());

function settings(address = url, { tls = null, pool = 10 }: { tls?: TlsSettings | null; pool?: number } = {}) {
  const parsed = parseDatabaseUrl(address);
  if (!parsed.ok) throw new Error(parsed.fault.message);
  const { value } = parsed;
  const found: PostgresSettings = { kind: 'postgres', ...value, schema: 'alo_relay', pool, tls };
  return found;
}

/** Each finding by its code: its status, with what is said and what to do. */
async function examined(found: PostgresSettings, clock = systemClock): Promise<Record<string, string>> {
  const findings: Finding[] = await examinePostgres(found, clock);
  const told = findings.map(({ code, status, message, remedy = '' }) => [
    code,
    `${status}: ${message} ${remedy}`.trim(),
  ]);
  expect(JSON.stringify(told)).not.toContain(PASSWORD);
  expect(JSON.stringify(told)).not.toContain(new URL(url).password);
  return Object.fromEntries(told);
}

/** The address with another user, database or host. */
function changed(change: Partial<Record<'username' | 'password' | 'pathname' | 'hostname', string>>): string {
  return Object.assign(new URL(url), change).href;
}

/** Within a database that nobody else looks at. */
async function withSchema(...statements: string[]): Promise<string> {
  const own = await postgres.newDatabase();
  await command(own, 'create schema alo_relay');
  await command(
    own,
    'create table alo_relay.schema_version (version int primary key, applied_at bigint, oldest bigint)',
  );
  for (const statement of statements) await command(own, statement);
  return own;
}

const version = (number: number, oldest: number | null = null) =>
  `insert into alo_relay.schema_version values (${number}, 0, ${oldest})`;

describe('a database that can be used', () => {
  it('is looked at, and left as it is', async () => {
    const { journal, ...found } = await examined(settings());
    expect(journal).toMatch(/^ok: postgres:\/\/\S+\/relay_test_\w+ answers \w+ in (less than )?\d+ ms\.$/);
    expect(found).toEqual({
      encryption: expect.stringContaining('The connection is not encrypted'),
      server: expect.stringMatching(/^ok: It is Postgres \d+, and takes changes\.$/),
      schema: 'note: The schema alo_relay is not there yet: the service creates it.',
      'database-clock': "ok: This machine's clock agrees with the database's.",
      connections: expect.stringMatching(/^ok: \d+ connections are free: enough for \d+ more instances? of 10/),
    });
    expect(await command(url, "select 1 from pg_namespace where nspname = 'alo_relay'")).toEqual([]);
  });

  const known = MIGRATIONS.length;
  it.each([
    [`has this program's version, ${known}`, [version(known)], 'ok'],
    [`has version 1: the next start brings it to ${known}`, [version(1)], 'note'],
    ['has version 99; this program knows', [version(known), version(99)], 'problem'],
    ['is newer (99); this program goes on with it', [version(known), version(99, known)], 'note'],
  ])('its schema %s', async (said, statements, status) => {
    const { schema } = await examined(settings(await withSchema(...statements)));
    expect(schema).toMatch(new RegExp(`^${status}: .*${said.replace(/[()]/g, '\\$&')}`));
  });

  it.each([
    ['half a second ahead', 500, /^ok/],
    ['ahead', 60_000, /^warning: This machine's clock is 60 s ahead of the database's\. .*NTP/],
    ['behind', -60_000, /^warning: This machine's clock is 60 s behind the database's\./],
  ])('this clock is %s', async (_, offMs, expected) => {
    const found = await examined(settings(), { ...systemClock, now: () => Date.now() + offMs });
    expect(found['database-clock']).toMatch(expected);
  });

  it('has fewer connections free than one more instance takes', async () => {
    const { connections } = await examined(settings(url, { pool: 500 }));
    expect(connections).toMatch(/^warning: \d+ connections are free, fewer than .*500\)\. Raise max_connections/);
  });
});

describe('a user who may not', () => {
  const user = () => changed({ username: 'doctor_guest', password: PASSWORD });

  beforeAll(async () => {
    await command(url, `create role doctor_guest login password '${PASSWORD}' connection limit 7`);
  });

  afterAll(async () => {
    await command(url, 'drop role doctor_guest');
  });

  it('create the schema is told how an administrator does, and counted by the limit of the user', async () => {
    const { schema, connections } = await examined(settings(user(), { pool: 3 }));
    expect(schema).toMatch(/^problem: .*may not create it\. .*CREATE SCHEMA alo_relay AUTHORIZATION "doctor_guest"\.$/);
    expect(connections).toMatch(/^ok: 7 connections are free: enough for 2 more instances of 3/);
  });

  it('use the schema, or create in it', async () => {
    const own = await withSchema(version(1));
    const there = Object.assign(new URL(user()), { pathname: new URL(own).pathname }).href;
    expect((await examined(settings(there))).schema).toMatch(
      /^problem: This user may not read the schema .*GRANT USAGE/,
    );
    await command(own, 'grant usage on schema alo_relay to doctor_guest');
    await command(own, 'grant select on alo_relay.schema_version to doctor_guest');
    expect((await examined(settings(there))).schema).toMatch(/^problem: This user may not create tables/);
    await command(own, version(MIGRATIONS.length));
    expect((await examined(settings(there))).schema).toMatch(/^warning: .* An upgrade needs it\./);
    await command(own, 'drop owned by doctor_guest');
  });

  it('change anything', async () => {
    const own = await postgres.newDatabase();
    const name = new URL(own).pathname.slice(1);
    await command(own, `alter database ${name} set default_transaction_read_only = on`);
    expect((await examined(settings(own))).server).toMatch(/^problem: This server only reads.*Name the primary/);
  });
});

describe('what cannot be reached', () => {
  it.each<[string, () => string, RegExp]>([
    ['a wrong password', () => changed({ password: PASSWORD }), /refuses this user or password \(28P01\)/],
    [
      'no password',
      () => changed({ password: '' }),
      /asks for a password, and there is none\.|refuses this user or password/,
    ],
    ['no such database', () => changed({ pathname: '/nowhere' }), /has no such database \(3D000\)/],
    ['nobody listens', () => 'postgres://relay:pw@127.0.0.1:1/relay', /cannot be reached \(ECONNREFUSED\)/],
    ['no such host', () => 'postgres://relay:pw@nowhere.invalid/relay', /cannot be reached \(E\w+\)/],
  ])('%s', async (_, address, expected) => {
    const found = await examined(settings(address()));
    expect(Object.values(found)).toEqual([expect.stringMatching(expected)]);
    expect(Object.values(found)[0]).toMatch(/^problem: .*\. [A-Z].*\.$/);
  });

  it.each<[string, (socket: Socket) => void]>([
    ['is not Postgres', (socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')],
    ['hangs up', (socket) => socket.destroy()],
  ])('something that %s', async (_, behave) => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined).resume();
      behave(socket);
    });
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    onTestFinished(() => new Promise<void>((done) => server.close(() => done())));
    const address = server.address();
    const port = typeof address === 'object' ? address?.port : 0;
    const found = await examined(settings(`postgres://relay:${PASSWORD}@127.0.0.1:${port}/relay`));
    expect(Object.values(found)).toEqual([expect.stringMatching(/^problem: /)]);
  });
});

describe.skipIf(process.env.TEST_POSTGRES_URL !== undefined)('TLS', () => {
  let ca: string;

  beforeAll(async () => {
    ca = await readFile(join(TLS, 'ca.pem'), 'utf8');
    const [row] = await command(url, 'show data_directory');
    const data = String(row?.data_directory);
    const { uid, gid } = await stat(data);
    for (const name of ['server.pem', 'server.key']) {
      await copyFile(join(TLS, name), join(data, name));
      // Postgres takes no key that others may read, and git keeps no such mode.
      await chmod(join(data, name), 0o600);
      if (process.getuid?.() === 0) await chown(join(data, name), uid, gid);
    }
  });

  async function encrypt(on: boolean): Promise<void> {
    for (const set of [`ssl = ${on ? 'on' : 'off'}`, "ssl_cert_file = 'server.pem'", "ssl_key_file = 'server.key'"]) {
      await command(url, `alter system set ${set}`);
    }
    await command(url, 'select pg_reload_conf()');
  }

  const wanted = (tls: Partial<TlsSettings>): { tls: TlsSettings } => ({
    tls: { ca, cert: null, key: null, verify: true, ...tls },
  });
  const byName = () => changed({ hostname: 'localhost' });

  it('of a server without it', async () => {
    const found = await examined(settings(url, wanted({})));
    expect(found['journal-tls']).toMatch(/^problem: .* does not encrypt\. Turn ssl on in the server/);
  });

  it('is as strict as it was told to be', async () => {
    await encrypt(true);
    const clean = async (address: string, tls: Partial<TlsSettings>) => examined(settings(address, wanted(tls)));
    await expect
      .poll(() => clean(byName(), {}), { timeout: 20_000 })
      .toMatchObject({
        encryption: "ok: The connection is encrypted, and the server's certificate verified.",
      });
    expect((await clean(url, {}))['journal-tls']).toMatch(
      /a certificate of another host \(ERR_TLS_CERT_ALTNAME_INVALID/,
    );
    expect((await clean(url, { anyHost: true })).encryption).toMatch(/^ok: .* verified, whatever host it names\.$/);
    expect((await clean(byName(), { ca: null }))['journal-tls']).toMatch(/not trusted \(.*tls: \{ ca: \.\/ca\.pem \}/);
    expect((await clean(url, { verify: false, ca: null })).encryption).toMatch(/^warning: .*any server is taken/);
  });

  it('what leaves this machine unencrypted is a warning', async () => {
    const far = { ...settings(), place: 'postgres://db.example.com/relay' };
    expect((await examined(far)).encryption).toMatch(/^warning: The connection is not encrypted.*sslmode=verify-full/);
  });
});

it('a key of TLS is shown by nothing', () => {
  const key = new Secret('-----BEGIN PRIVATE KEY-----');
  const found = settings(url, { tls: { ca: null, cert: null, key, verify: true } });
  expect(JSON.stringify(found)).not.toContain('PRIVATE');
});
