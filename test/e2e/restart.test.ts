import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { sign } from '../../src/sources/sign.ts';
import { killAll, start } from '../helpers/program.ts';
import { type Service, startService } from '../helpers/service.ts';
import { readState } from '../helpers/state.ts';
import { until } from '../helpers/until.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

let cwd: string;
let sandbox: Sandbox;

beforeEach(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'relay-restart-'));
  sandbox = await startSandbox({ port: 0, limits: null });
  await mkdir(join(cwd, 'templates'));
  await writeFile(join(cwd, 'templates/hello.yaml'), 'text: "{{ event.payload.data.n }}"\n');
  await writeFile(
    join(cwd, 'config.yaml'),
    `server: { host: 127.0.0.1, port: 0 }
journal: ./relay.db
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
  await rm(cwd, { recursive: true });
});

async function serve() {
  const program = start(['serve'], { cwd });
  return { program, url: await program.printed(/(http:\S+\/webhooks\/allo)/) };
}

async function send(url: string, n: number): Promise<number> {
  const body = JSON.stringify({ topic: 'x', data: { n } });
  const headers = sign({ type: 'allo', secret: new Secret(SECRET), body, messageId: `msg_${n}`, nowMs: Date.now() });
  return (await fetch(url, { method: 'POST', headers, body })).status;
}

async function texts(): Promise<string[]> {
  const { conversations } = await readState(sandbox.url);
  return (conversations[0]?.messages ?? []).map(({ text }) => text);
}

describe('a restart', () => {
  it('after SIGKILL resumes what is pending: nothing lost, in order', async () => {
    sandbox.faults.add({ method: 'chat.postMessage', times: 1_000_000, kind: 'rate_limited', retryAfter: 1 });
    const first = await serve();
    for (let n = 1; n <= 20; n++) expect(await send(first.url, n)).toBe(200);
    first.program.process.kill('SIGKILL');
    expect(await first.program.ended()).toBe('SIGKILL');
    sandbox.faults.clear();

    await serve();
    const expected = Array.from({ length: 20 }, (_, index) => String(index + 1));
    await until(async () => (await texts()).length === 20);
    expect(await texts()).toEqual(expected);
  });

  it('SIGTERM finishes what is being sent, then exits 0; what comes meanwhile is not taken', async () => {
    sandbox.faults.add({ method: 'chat.postMessage', times: 1, kind: 'slow', ms: 700 });
    const { program, url } = await serve();
    expect(await send(url, 1)).toBe(200);
    await until(() => sandbox.calls['chat.postMessage'] === 1);
    program.process.kill('SIGTERM');
    expect(await program.ended()).toBe(0);
    expect(await texts()).toEqual(['1']);
    await expect(send(url, 2)).rejects.toThrow();

    const { url: again } = await serve();
    expect(await send(again, 2)).toBe(200);
    await until(async () => (await texts()).length === 2);
    expect(await texts()).toEqual(['1', '2']);
  });
});

describe('threads', () => {
  let service: Service;

  beforeEach(async () => {
    service = await startService(`
routes:
  - { on: action_created, card: { channel: "#alo", template: action_card } }
  - { on: action_message_added, reply: { channel: "#alo", template: action_message_added } }
`);
  });

  afterEach(() => service.stop());

  it('survive a restart: a reply goes to the card posted before', async () => {
    const event = (type: string) =>
      JSON.stringify({ type, action: { id: 'a1', title: 'Pump' }, message: { text: 'On it' } });
    await service.post('alo', event('action_created'));
    const messages = async () => (await readState(service.sandbox.url)).conversations[0]?.messages ?? [];
    await until(async () => (await messages()).length === 1);
    await service.restart();
    await service.post('alo', event('action_message_added'));
    const [card] = await until(async () => {
      const found = await messages();
      return found[0]?.replies.length === 1 && found;
    });
    expect(card?.replies[0]?.text).toContain('On it');
  });
});

describe('an old Node', () => {
  it('is told which one is needed, in one line', async () => {
    const cli = resolve(import.meta.dirname, '../../src/cli.ts');
    const pretend = "Object.defineProperty(process.versions, 'node', { value: '20.1.0' })";
    const child = spawn(process.execPath, [
      '--import',
      `data:text/javascript,${encodeURIComponent(pretend)}`,
      cli,
      'check',
    ]);
    let stderr = '';
    child.stderr.on('data', (chunk) => {
      stderr += chunk;
    });
    const code = await new Promise((done) => child.once('close', done));
    expect(code).toBe(2);
    expect(stderr).toMatch(/^alo-relay needs Node 24 or newer; [^\n]+\n$/);
  });
});
