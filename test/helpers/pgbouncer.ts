/** Debian's PgBouncer before a Postgres of the tests. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from './free-port.ts';
import { until } from './until.ts';

export type PoolMode = 'session' | 'transaction' | 'statement';

export interface PgBouncer {
  /** The address of a database behind it. */
  before(url: string): string;
  stop(): Promise<void>;
}

/** Says so where it is missing. */
export function hasPgBouncer(): boolean {
  try {
    execFileSync('pgbouncer', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    process.stderr.write('no pgbouncer here (apt-get install pgbouncer): its tests are skipped\n');
    return false;
  }
}

/** Lets anybody in, as the user of `postgres`, which is an address with a password. */
export async function startPgBouncer(postgres: string, mode: PoolMode): Promise<PgBouncer> {
  const { hostname, port, username, password } = new URL(postgres);
  const folder = await mkdtemp(join(tmpdir(), 'pgbouncer-'));
  await chmod(folder, 0o755);
  const own = await freePort();
  const file = join(folder, 'pgbouncer.ini');
  await writeFile(
    file,
    `[databases]
* = host=${hostname} port=${port} user=${username} password='${decodeURIComponent(password)}'
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${own}
unix_socket_dir =
auth_type = any
pool_mode = ${mode}
default_pool_size = 40
`,
  );
  // It does not run as root.
  const child = spawn('pgbouncer', [...(process.getuid?.() === 0 ? ['-u', 'nobody'] : []), file], { stdio: 'ignore' });
  const before = (url: string) => Object.assign(new URL(url), { port: `${own}` }).href;
  await until(() => answers(before(postgres), child));
  return {
    before,
    async stop() {
      if (child.exitCode === null && child.kill('SIGKILL')) await once(child, 'exit');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function answers(url: string, child: ChildProcess): Promise<boolean> {
  if (child.exitCode !== null) throw new Error(`pgbouncer ended with ${child.exitCode}`);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.end();
  return true;
}
