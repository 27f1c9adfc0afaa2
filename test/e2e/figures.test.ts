/** What the dashboard shows after a kill, from any instance, and while the journal is away: of real processes. */
import { execFileSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { OverviewView, SeriesView } from '../../src/history/views.ts';
import { freePort } from '../helpers/free-port.ts';
import { type Home, makeHome } from '../helpers/home.ts';
import { startPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { until } from '../helpers/until.ts';

let home: Home;
let ports: readonly number[];

const ROUTES = '[{ post: { channel: "#{{ event.payload.data.to }}", template: hello } }]';
/** The sandbox refuses every channel of such a name. */
const [FINE, MISSING] = [{ data: { to: 'a' } }, { data: { to: 'missing' } }];

const admin = async <T>(port: number | undefined, path: string): Promise<T> => {
  const response = await fetch(`http://127.0.0.1:${port}/api/${path}`);
  return JSON.parse(await response.text());
};

async function counted(port: number | undefined) {
  const { points } = await admin<SeriesView>(port, 'series?minutes=60');
  const names = ['accepted', 'duplicate', 'refused', 'sent', 'merged', 'dead'] as const;
  return Object.fromEntries(names.map((name) => [name, points.reduce((sum, point) => sum + point[name], 0)]));
}

/** The newest overview that is told without asking, from now on. */
async function follow(port: number | undefined) {
  const abort = new AbortController();
  const response = await fetch(`http://127.0.0.1:${port}/api/live`, { signal: abort.signal });
  const told: OverviewView[] = [];
  const read = async () => {
    let text = '';
    for await (const chunk of response.body ?? []) {
      text += Buffer.from(chunk).toString();
      const frames = text.split('\n\n');
      text = frames.pop() ?? '';
      for (const frame of frames) if (frame.startsWith('event: overview\n')) told.push(JSON.parse(frame.slice(22)));
    }
  };
  read().catch(() => undefined);
  const check = (name: string) => told.at(-1)?.checks.find((one) => one.name === name);
  return { check, close: () => abort.abort() };
}

async function sendSome(url: string): Promise<void> {
  for (const n of [1, 2, 3]) expect((await home.send(url, n, FINE)).status).toBe(200);
  expect((await home.send(url, 3, FINE)).status).toBe(200);
  expect((await home.send(url, 4, MISSING)).status).toBe(200);
  expect((await fetch(url, { method: 'POST', body: 'unsigned' })).status).toBe(401);
}

const SOME = { accepted: 4, duplicate: 1, refused: 1, sent: 3, merged: 0, dead: 1 };

beforeEach(async () => {
  ports = [await freePort(), await freePort()];
  home = await makeHome();
  await home.configure({ admin: `{ port: ${ports[0]} }`, routes: ROUTES });
});

afterEach(() => home.remove());

it('after SIGKILL the charts show what they showed, and agree with the lists', async () => {
  const first = await home.serve();
  await sendSome(first.url);
  await until(async () => isDeepStrictEqual(await counted(ports[0]), SOME));
  first.program.process.kill('SIGKILL');
  await first.program.ended();
  await home.serve();
  expect(await counted(ports[0])).toEqual(SOME);
  const { tally } = await admin<OverviewView>(ports[0], 'overview');
  expect(tally).toMatchObject({ sent: SOME.sent, dead: SOME.dead });
});

it('a config that is not valid is told to open pages, and that it is valid again', async () => {
  await home.serve();
  const live = await follow(ports[0]);
  await home.configure({ admin: `{ port: ${ports[0]} }`, routes: '[{ pst: 1 }]' });
  await until(() => live.check('config')?.detail?.includes('"pst"'));
  expect(live.check('config')).toMatchObject({ ok: true, since: expect.any(String) });
  await home.configure({ admin: `{ port: ${ports[0]} }`, routes: ROUTES });
  await until(() => live.check('config')?.detail === null);
  live.close();
});

describe('a full disk', () => {
  let mounted = false;
  let disk: string;

  beforeEach(async () => {
    disk = join(home.cwd, 'disk');
    await mkdir(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk], { stdio: 'ignore' });
      mounted = true;
    } catch {
      // Not allowed here.
    }
  });

  afterEach(() => {
    if (mounted) execFileSync('umount', ['-l', disk]);
  });

  it('is told to open pages, and that there is room again', async (context) => {
    context.skip(!mounted, 'no tmpfs can be mounted');
    await home.configure({ admin: `{ port: ${ports[0]} }`, journal: './disk/relay.db', routes: ROUTES });
    await home.serve();
    const live = await follow(ports[0]);
    await until(() => live.check('journal')?.ok);
    const ballast = join(disk, 'ballast');
    await writeFile(ballast, Buffer.alloc(8_000_000)).catch(() => undefined);
    await until(() => live.check('journal')?.code === 'journal-full', 15_000);
    expect(live.check('journal')).toMatchObject({ ok: false, since: expect.any(String) });
    await writeFile(ballast, '');
    await until(() => live.check('journal')?.ok, 15_000);
    live.close();
  }, 40_000);
});

describe('over Postgres', () => {
  let postgres: TestPostgres;

  beforeAll(async () => {
    postgres = await startPostgres();
  });

  afterAll(() => postgres.stop());

  it('two instances show the same; an outage is told to open pages, and its end', async () => {
    const shared = { journal: `"${await postgres.newDatabase()}"`, routes: ROUTES };
    await home.configure({ ...shared, admin: `{ port: ${ports[0]} }` });
    const first = await home.serve();
    await sendSome(first.url);
    await home.configure({ ...shared, admin: `{ port: ${ports[1]} }` });
    await home.serve();
    for (const port of ports) await until(async () => isDeepStrictEqual(await counted(port), SOME));
    if (postgres.outage === null) return;
    const live = await follow(ports[1]);
    await until(() => live.check('journal')?.ok);
    await postgres.outage.down('immediate');
    await until(() => live.check('journal')?.code === 'journal-unreachable', 15_000);
    expect(live.check('journal')).toMatchObject({ ok: false, since: expect.any(String) });
    await postgres.outage.up();
    await until(() => live.check('journal')?.ok, 15_000);
    live.close();
  }, 60_000);
});
