import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { sign } from '../../src/sources/sign.ts';
import { killAll, start } from '../helpers/program.ts';
import { until } from '../helpers/until.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const EDITS = 100;

let cwd: string;
let sandbox: Sandbox;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'relay-reload-'));
  sandbox = await startSandbox({ port: 0, limits: null });
  await mkdir(join(cwd, 'templates'));
  await edit(0);
});

afterEach(async () => {
  killAll();
  await sandbox.close();
  await rm(cwd, { recursive: true });
});

/** The route and its template belong together: each message says by which of both it was made. */
async function edit(version: number, { broken = false } = {}): Promise<void> {
  await writeFile(join(cwd, 'templates', `t${version}.yaml`), `text: "{{ event.payload.data.n }} by ${version}"\n`);
  await writeFile(
    join(cwd, 'config.yaml'),
    `server: { host: 127.0.0.1, port: 0 }
admin: { port: 0 }
journal: ./relay.db
sources: { allo: { type: allo, secrets: ["${SECRET}"] } }
slack: { token: xoxb-1, api_url: "${sandbox.apiUrl}" }
delivery: { per_channel: { per_second: 1000, burst: 1000 }, merge: false }
routes: [{ name: r${version}, ${broken ? 'posst' : 'post'}: { channel: "#c${version}", template: t${version} } }]
`,
  );
}

async function send(url: string, n: number): Promise<number> {
  const body = JSON.stringify({ topic: 'x', data: { n } });
  const headers = sign({ type: 'allo', secret: new Secret(SECRET), body, messageId: `msg_${n}`, nowMs: Date.now() });
  return (await fetch(url, { method: 'POST', headers, body })).status;
}

/** `channel text` of every message. */
const messages = () =>
  sandbox.workspace.conversations.flatMap(({ name, timeline }) => timeline.map(({ text }) => `${name} ${text}`));

async function serve() {
  const program = start(['serve'], { cwd });
  return { program, url: await program.printed(/(http:\S+\/webhooks\/allo)/) };
}

describe('editing while events come in', () => {
  it('no event is refused, and each is sent by one whole set of rules', { timeout: 90_000 }, async () => {
    const { program, url } = await serve();
    let sent = 0;
    let editing = true;
    const statuses = new Set<number>();
    const load = Array.from({ length: 8 }, async () => {
      while (editing) statuses.add(await send(url, sent++));
    });
    for (let version = 1; version <= EDITS; version++) {
      await edit(version, { broken: version % 2 === 0 });
      // Not every edit is taken before the next one is made; SIGHUP asks for it.
      program.process.kill('SIGHUP');
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    editing = false;
    await Promise.all(load);
    expect([...statuses]).toEqual([200]);
    await until(() => messages().length === sent);
    const made = messages().map((message) => /^c(\d+) \d+ by (\d+)$/.exec(message)?.slice(1));
    expect(made.filter((it) => it === undefined || it[0] !== it[1])).toEqual([]);
    const versions = new Set(made.map((it) => Number(it?.[0])));
    expect(versions.size).toBeGreaterThan(3);
    expect([...versions].filter((version) => version > 0 && version % 2 === 0)).toEqual([]);
  });

  it('a mistake is told by /readyz, which stays green, until it is mended', async () => {
    const { url } = await serve();
    const ready = async () => {
      const response = await fetch(new URL('/readyz', url));
      return { status: response.status, text: await response.text() };
    };
    await edit(1, { broken: true });
    const told = await until(async () => {
      const answer = await ready();
      return answer.text.includes('posst') && answer;
    });
    expect([told.status, told.text.includes('config.yaml:7:')]).toEqual([200, true]);
    expect(await send(url, 1)).toBe(200);
    await until(() => messages().includes('c0 1 by 0'));
    await edit(2);
    await until(async () => !(await ready()).text.includes('posst'));
    expect(await send(url, 2)).toBe(200);
    await until(() => messages().includes('c2 2 by 2'));
  });
});
