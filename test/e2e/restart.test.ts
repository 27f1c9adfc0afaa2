import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Home, makeHome } from '../helpers/home.ts';
import { type Service, startService } from '../helpers/service.ts';
import { readState } from '../helpers/state.ts';
import { until } from '../helpers/until.ts';

describe('a restart', () => {
  let home: Home;

  beforeEach(async () => {
    home = await makeHome();
  });

  afterEach(() => home.remove());

  const send = async (url: string, n: number) => (await home.send(url, n)).status;

  it('after SIGKILL resumes what is pending: nothing lost, in order', async () => {
    home.sandbox.faults.add({ method: 'chat.postMessage', times: 1_000_000, kind: 'rate_limited', retryAfter: 1 });
    const first = await home.serve();
    for (let n = 1; n <= 20; n++) expect(await send(first.url, n)).toBe(200);
    first.program.process.kill('SIGKILL');
    expect(await first.program.ended()).toBe('SIGKILL');
    home.sandbox.faults.clear();

    await home.serve();
    const expected = Array.from({ length: 20 }, (_, index) => `a ${index + 1}`);
    await until(() => home.messages().length === 20);
    expect(home.messages()).toEqual(expected);
  });

  it('SIGTERM finishes what is being sent, then exits 0; what comes meanwhile is not taken', async () => {
    home.sandbox.faults.add({ method: 'chat.postMessage', times: 1, kind: 'slow', ms: 700 });
    const { program, url } = await home.serve();
    expect(await send(url, 1)).toBe(200);
    await until(() => home.sandbox.calls['chat.postMessage'] === 1);
    program.process.kill('SIGTERM');
    expect(await program.ended()).toBe(0);
    expect(home.messages()).toEqual(['a 1']);
    await expect(send(url, 2)).rejects.toThrow();

    const { url: again } = await home.serve();
    expect(await send(again, 2)).toBe(200);
    await until(() => home.messages().length === 2);
    expect(home.messages()).toEqual(['a 1', 'a 2']);
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
