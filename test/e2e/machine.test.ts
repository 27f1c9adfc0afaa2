import { execFileSync } from 'node:child_process';
import { mkdir, rename, rm, statfs, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Home, makeHome } from '../helpers/home.ts';
import { until } from '../helpers/until.ts';

let home: Home;
let disk: string;
const mounted = mountsSmallDisks();

/** A disk of 4 MB takes a mount, and that takes rights. */
function mountsSmallDisks(): boolean {
  try {
    const probe = execFileSync('mktemp', ['-d']).toString().trim();
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', probe], { stdio: 'ignore' });
    execFileSync('umount', [probe]);
    return true;
  } catch {
    process.stderr.write('no rights to mount a small disk: the test of a full one is skipped\n');
    return false;
  }
}

beforeEach(async () => {
  home = await makeHome();
  disk = join(home.cwd, 'disk');
  await mkdir(disk);
  await home.configure({ journal: './disk/relay.db' });
});

afterEach(() => home.remove());

/** Few of them fill a small disk. */
const send = (url: string, n: number) => home.send(url, n, { data: { filler: 'x'.repeat(20_000) } });

async function ready(url: string): Promise<{ status: number; body: string }> {
  const response = await fetch(new URL('/readyz', url));
  return { status: response.status, body: await response.text() };
}

describe('a full disk', () => {
  afterEach(() => {
    if (mounted) execFileSync('umount', ['-l', disk]);
  });

  it.skipIf(!mounted)('is a 503 that says when to come back; with room again it goes on by itself', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', disk]);
    const { url, program } = await home.serve();
    const accepted: string[] = [];
    let refusal: Response | null = null;
    for (let n = 1; n < 400 && refusal === null; n++) {
      const response = await send(url, n);
      if (response.status === 200) accepted.push(`a ${n}`);
      else refusal = response;
    }
    expect(refusal?.status).toBe(503);
    expect(refusal?.headers.get('retry-after')).toBe('5');
    await until(async () => (await ready(url)).status === 503);
    expect((await ready(url)).body).toContain('has no room left');

    execFileSync('mount', ['-o', 'remount,size=32m', disk]);
    await until(async () => (await ready(url)).status === 200);
    for (let n = 1001; n <= 1020; n++) {
      expect((await send(url, n)).status).toBe(200);
      accepted.push(`a ${n}`);
    }
    await until(() => home.messages().length >= accepted.length);
    expect(home.messages()).toEqual(accepted);
    expect(program.process.exitCode).toBeNull();
  });

  it.skipIf(!mounted)('with room for small events alone: not ready, before a large one is refused', async () => {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', disk]);
    const { url } = await home.serve();
    const { bavail, bsize } = await statfs(disk);
    await writeFile(join(disk, 'ballast'), Buffer.alloc(bavail * bsize - 16 * 1024));
    await until(async () => (await ready(url)).status === 503);
    expect((await home.send(url, 1)).status).toBe(200);
    expect((await home.send(url, 2, { data: { filler: 'x'.repeat(250_000) } })).status).toBe(503);
    expect((await ready(url)).body).toContain('has no room left');

    await rm(join(disk, 'ballast'));
    await until(async () => (await ready(url)).status === 200);
  });
});

describe('a journal that is removed while the service runs', () => {
  it('takes no more events, and says why; after it is put back, every event that was acknowledged arrives', async () => {
    const { url, program } = await home.serve();
    const acknowledged: string[] = [];
    const flood = (async () => {
      for (let n = 1; n <= 200; n++) {
        const { status } = await send(url, n);
        if (status === 200) acknowledged.push(`a ${n}`);
        else expect(status).toBe(503);
      }
    })();
    await until(() => acknowledged.length >= 20);
    await rename(disk, join(home.cwd, 'elsewhere'));
    await flood;
    expect(acknowledged.length).toBeLessThan(200);
    const { status, body } = await ready(url);
    expect([status, body]).toEqual([503, expect.stringContaining('relay.db was removed or renamed')]);

    program.process.kill('SIGTERM');
    await program.ended();
    await rename(join(home.cwd, 'elsewhere'), disk);
    await home.serve();
    await until(() => home.messages().length >= acknowledged.length);
    expect(home.messages().filter((message) => acknowledged.includes(message))).toEqual(acknowledged);
  });
});

describe('a journal that another program holds', () => {
  it('is a 503, and goes on when it is let go', async () => {
    const { url } = await home.serve();
    expect((await send(url, 1)).status).toBe(200);
    const other = new DatabaseSync(join(disk, 'relay.db'));
    other.exec('begin immediate');
    const refused = await send(url, 2);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await ready(url)).body).toContain('in use by another process');
    other.exec('rollback');
    other.close();
    expect((await send(url, 2)).status).toBe(200);
    await until(() => home.messages().length === 2);
    expect(home.messages()).toEqual(['a 1', 'a 2']);
  });
});
