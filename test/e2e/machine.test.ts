import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { sign } from '../../src/sources/sign.ts';
import { killAll, start } from '../helpers/program.ts';
import { readState } from '../helpers/state.ts';
import { until } from '../helpers/until.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

let cwd: string;
let disk: string;
let sandbox: Sandbox;
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
  cwd = await mkdtemp(join(tmpdir(), 'relay-machine-'));
  disk = join(cwd, 'disk');
  sandbox = await startSandbox({ port: 0, limits: null });
  await mkdir(disk);
  await mkdir(join(cwd, 'templates'));
  await writeFile(join(cwd, 'templates/hello.yaml'), 'text: "{{ event.payload.data.n }}"\n');
  await writeFile(
    join(cwd, 'config.yaml'),
    `server: { host: 127.0.0.1, port: 0 }
admin: { port: 0 }
journal: ./disk/relay.db
sources: { allo: { type: allo, secrets: ["${SECRET}"] } }
slack: { token: xoxb-1, api_url: "${sandbox.apiUrl}" }
delivery: { per_channel: { per_second: 1000, burst: 1000 }, retry: { first: 20ms, max: 200ms }, merge: false }
templates: ./templates
routes: [{ post: { channel: "#a", template: hello } }]
`,
  );
});

afterEach(async () => {
  killAll();
  await sandbox.close();
  await rm(cwd, { recursive: true, force: true });
});

async function serve() {
  const program = start(['serve'], { cwd });
  return { program, url: await program.printed(/(http:\S+\/webhooks\/allo)/) };
}

async function send(url: string, n: number): Promise<Response> {
  const body = JSON.stringify({ topic: 'x', data: { n, filler: 'x'.repeat(20_000) } });
  const headers = sign({ type: 'allo', secret: new Secret(SECRET), body, messageId: `msg_${n}`, nowMs: Date.now() });
  return fetch(url, { method: 'POST', headers, body });
}

async function texts(): Promise<string[]> {
  const { conversations } = await readState(sandbox.url);
  return (conversations[0]?.messages ?? []).map(({ text }) => text);
}

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
    const { url, program } = await serve();
    const accepted: string[] = [];
    let refusal: Response | null = null;
    for (let n = 1; n < 400 && refusal === null; n++) {
      const response = await send(url, n);
      if (response.status === 200) accepted.push(String(n));
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
      accepted.push(String(n));
    }
    await until(async () => (await texts()).length >= accepted.length);
    expect(await texts()).toEqual(accepted);
    expect(program.process.exitCode).toBeNull();
  });
});

describe('a journal that another program holds', () => {
  it('is a 503, and goes on when it is let go', async () => {
    const { url } = await serve();
    expect((await send(url, 1)).status).toBe(200);
    const other = new DatabaseSync(join(disk, 'relay.db'));
    other.exec('begin immediate');
    const refused = await send(url, 2);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([503, '5']);
    expect((await ready(url)).body).toContain('in use by another process');
    other.exec('rollback');
    other.close();
    expect((await send(url, 2)).status).toBe(200);
    await until(async () => (await texts()).length === 2);
    expect(await texts()).toEqual(['1', '2']);
  });
});
