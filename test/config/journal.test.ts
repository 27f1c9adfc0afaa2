import { cp, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { inspect } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';
import { missingForJournal, sandboxJournal, sandboxVariables } from '../../src/config/sandbox.ts';
import { type JournalSettings, placeOf, tlsOptions } from '../../src/journal/settings.ts';

const FIXTURES = resolve(import.meta.dirname, '../fixtures');
const PASSWORD = 'hunter2-not-to-be-shown';
const AT = `postgres://relay:${PASSWORD}@db.example.com/relay`;

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-journal-'));
  file = join(folder, 'config.yaml');
  await cp(join(FIXTURES, 'tls'), folder, { recursive: true });
  await cp(join(FIXTURES, 'config/templates-for-config'), join(folder, 'templates'), { recursive: true });
});

afterAll(() => rm(folder, { recursive: true }));

async function load(journal: string, variables = {}) {
  const good = await readFile(join(FIXTURES, 'config/good.yaml'), 'utf8');
  const text = good.replace('./templates-for-config', './templates').replace('"${GOOD_SECRET}"', '"${ALO_SECRET}"');
  await writeFile(file, `journal: ${journal}\n${text}`);
  const all = { ALO_SECRET: 'alo-secret-for-tests', SLACK_BOT_TOKEN: 'xoxb-1', DATABASE_URL: AT, PW: PASSWORD };
  const loaded = await loadConfig(file, { ...all, ...variables });
  expect(inspect(loaded, { depth: 20 }) + JSON.stringify(loaded)).not.toMatch(/hunter2|PRIVATE KEY/);
  return loaded;
}

async function settings(journal: string, variables = {}): Promise<JournalSettings> {
  const { config, problems } = await load(journal, variables);
  expect(problems).toEqual([]);
  if (config === null) throw new Error('no config');
  return config.journal;
}

async function postgres(journal: string) {
  const found = await settings(journal);
  if (found.kind !== 'postgres') throw new Error('no database');
  return found;
}

describe('a journal in Postgres', () => {
  it('is an address, with the defaults', async () => {
    const { url, ...rest } = await postgres('${DATABASE_URL}');
    expect(url.reveal()).toBe(AT);
    expect(rest).toEqual({
      kind: 'postgres',
      place: 'postgres://db.example.com/relay (schema alo_relay)',
      schema: 'alo_relay',
      pool: 10,
      tls: null,
    });
  });

  it('or an address with schema, pool and files for TLS, which are read', async () => {
    const tls = '{ ca: ./ca.pem, cert: client.pem, key: ./client.key }';
    const found = await postgres(
      `{ url: "postgres://relay:\${PW}@db:6432/relay", schema: two, pool: "4", tls: ${tls} }`,
    );
    expect(found).toMatchObject({ place: 'postgres://db:6432/relay (schema two)', schema: 'two', pool: 4 });
    expect(tlsOptions(found.tls)).toEqual({
      rejectUnauthorized: true,
      ca: await readFile(join(FIXTURES, 'tls/ca.pem'), 'utf8'),
      cert: await readFile(join(FIXTURES, 'tls/client.pem'), 'utf8'),
      key: await readFile(join(FIXTURES, 'tls/client.key'), 'utf8'),
    });
  });

  it.each([
    ['sslmode=disable', null],
    ['sslmode=disable&sslrootcert=ca.pem', null],
    ['sslmode=require', { verify: false }],
    ['sslmode=no-verify', { verify: false }],
    ['sslmode=require&sslrootcert=ca.pem', { verify: true, anyHost: true }],
    ['sslmode=verify-ca&sslrootcert=ca.pem', { verify: true, anyHost: true }],
    ['sslmode=verify-full&sslrootcert=ca.pem', { verify: true }],
    ['sslmode=verify-full', { verify: true, ca: null }],
    ['sslmode=verify-full&sslrootcert=system', { verify: true, ca: null }],
  ])('%s is done as libpq does it', async (query, expected) => {
    const { tls } = await postgres(`"\${DATABASE_URL}?${query}"`);
    if (expected === null) expect(tls).toBeNull();
    else expect(tls).toMatchObject(expected);
    expect(tls?.anyHost === true).toBe(expected !== null && 'anyHost' in expected);
  });

  it('a certificate needs the key that belongs to it', async () => {
    const { problems } = await load('{ url: "${DATABASE_URL}", tls: { cert: ./client.pem, key: ./server.key } }');
    expect(problems).toMatchObject([{ code: 'bad-tls', line: 1, column: 41 }]);
    expect(problems[0]?.message).toMatch(/cannot be used together \(ERR_\w+\)/);
  });

  it.each([
    'mysql://relay:${PW}@db/relay',
    'jdbc:postgresql://relay:${PW}@db/relay',
    'host=db user=relay password=${PW} dbname=relay',
    'postgres://relay:${PW}/x',
    '"${DATABASE_URL}?sslkey=x"',
  ])('of %s nothing is told that came from a variable', async (journal) => {
    const { problems } = await load(journal);
    expect(problems).toMatchObject([{ code: expect.stringMatching(/^bad-/), line: 1, column: 10 }]);
  });
});

describe('the sandbox', () => {
  const secrets = () => join(folder, 'data/relay.sandbox.json');
  const OLD = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
  const former = () => join(folder, 'here/relay.db.sandbox.json');

  it.each([
    './here.db',
    '${MINE}',
    '{ url: "${MINE}" }',
    '"${MINE}?sslmode=require"',
    './${MINE}/relay.db',
    '"postgres://${MINE}:${MINE}@${MINE}:${MINE}/${MINE}"',
  ])('has a journal of its own, whatever %s is', async (journal) => {
    await load(journal, { MINE: 'here' });
    const variables = await sandboxVariables(file, {}, 'keep');
    const { config, problems } = await loadConfig(file, variables, sandboxJournal(file));
    expect(problems).toEqual([]);
    expect(config?.journal).toEqual({ kind: 'sqlite', path: join(folder, 'data/relay.sandbox.db') });
    expect((await stat(secrets())).mode & 0o777).toBe(0o600);
    expect(Object.keys(JSON.parse(await readFile(secrets(), 'utf8'))).toSorted()).toEqual([
      'ALO_SECRET',
      'SLACK_BOT_TOKEN',
    ]);
  });

  it('needs none of the files that a database is reached with', async () => {
    await load('{ url: "${DATABASE_URL}", tls: { ca: ./nowhere.pem } }');
    expect((await loadConfig(file, await sandboxVariables(file, {}, 'keep'), sandboxJournal(file))).problems).toEqual(
      [],
    );
  });

  it('says which variables the own journal needs', async () => {
    await load('postgres://relay:${MINE}@db/relay', { MINE: 'x' });
    expect(await missingForJournal(file, {})).toEqual(['MINE']);
    expect(await missingForJournal(file, { MINE: '' })).toEqual([]);
  });

  it('takes over the values that version 0.1 kept beside the journal', async () => {
    await load('./here/relay.db');
    await rm(secrets(), { force: true });
    await mkdir(join(folder, 'here'));
    await writeFile(former(), JSON.stringify({ ALO_SECRET: OLD }), { mode: 0o600 });
    expect(await sandboxVariables(file, {}, 'known')).toMatchObject({ ALO_SECRET: OLD });
    const variables = await sandboxVariables(file, {}, 'keep');
    expect(variables).toMatchObject({ ALO_SECRET: OLD, SLACK_BOT_TOKEN: expect.any(String) });
    expect(JSON.parse(await readFile(secrets(), 'utf8'))).toEqual(variables);
    expect((await stat(secrets())).mode & 0o777).toBe(0o600);
    await expect(stat(former())).rejects.toThrow('ENOENT');
    expect(await sandboxVariables(file, {}, 'known')).toEqual(variables);
  });

  it('for configs whose journal is not opened, any will do', async () => {
    await load('{ url: "${MINE}" }', { MINE: 'here' });
    expect((await loadConfig(file, await sandboxVariables(file, {}, 'forget'))).problems).toEqual([]);
  });
});

it('a file is told by its path', async () => {
  expect(placeOf(await settings('./here.db'))).toBe(join(folder, 'here.db'));
});
