/** The program as one file, in an empty folder, where no program is on the PATH. */
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Secret } from '../../src/core/secret.ts';
import { VERSION } from '../../src/core/version.ts';
import { makeFolder, removeFolder } from '../helpers/home.ts';
import { type Program, run, start } from '../helpers/program.ts';
import { sign } from '../helpers/sign.ts';
import { readState } from '../helpers/state.ts';
import { until } from '../helpers/until.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const missing = !existsSync(join(ROOT, 'dist/cli.js'))
  ? 'dist/ is not built (npm run build)'
  : Number(process.versions.node.split('.')[0]) < 26
    ? `Node ${process.versions.node} builds no single executables`
    : null;
const ENV = {
  PATH: '',
  NODE_OPTIONS: '',
  SLACK_BOT_TOKEN: 'xoxb-1',
  ALO_WEBHOOK_SECRET: 'alo-secret-for-tests-0123456789',
};

describe.skipIf(missing !== null)(missing ?? 'the single executable', () => {
  let cwd: string;
  const options = () => ({ cwd, env: ENV, program: ['./alo-relay'] });
  const command = (...args: string[]) => run(args, options());

  beforeAll(async () => {
    cwd = await makeFolder();
    execFileSync(process.execPath, ['scripts/build-binary.ts'], { cwd: ROOT });
    // Beside its sources it would find packages.
    await copyFile(join(ROOT, 'build/alo-relay'), join(cwd, 'alo-relay'));
  }, 60_000);

  afterAll(() => removeFolder(cwd));

  it('says its version', async () => {
    expect(await command('--version')).toEqual({ code: 0, stdout: `${VERSION}\n`, stderr: '' });
  });

  it('writes a config with the shipped templates, and names itself in the commands to type next', async () => {
    const { code, stdout, stderr } = await command('init', '--alo', '--yes');
    expect([code, stdout, stderr]).toEqual([0, expect.stringContaining('  1. ./alo-relay test\n'), '']);
    const [copy = '', shipped = ''] = await Promise.all(
      [cwd, ROOT].map((folder) => readFile(join(folder, 'templates/action_card.yaml'), 'utf8')),
    );
    expect(copy).toBe(shipped.replace(/^# yaml-language-server.*\n/, ''));
  });

  it('checks it, and runs its cases, regular expressions included', async () => {
    const file = join(cwd, 'config.yaml');
    const config = (await readFile(file, 'utf8')).replaceAll(/port: 300\d/g, 'port: 0');
    await writeFile(file, config.replace('event.actor.kind == "bot"', 'event.actor.kind.matches("(?i)^bot$")'));
    expect(await readFile(file, 'utf8')).toContain('matches');
    expect(await command('check', '--strict')).toMatchObject({ code: 0, stderr: '' });
    expect(await command('test')).toMatchObject({ code: 0, stdout: expect.stringMatching(/6 passed/), stderr: '' });
  });

  describe('serving', () => {
    let service: Program;
    let webhooks: string;
    let admin: string;
    let sandbox: string;

    beforeAll(async () => {
      service = start(['serve', '--sandbox', '--sandbox-port', '0'], options());
      webhooks = await service.printed(/webhooks +(http\S+)/);
      admin = await service.printed(/dashboard +(http\S+)/);
      sandbox = await service.printed(/sandbox +(http\S+)/);
    });

    it('a signed event becomes a message', async () => {
      expect(await command('send', 'action_created', '--url', webhooks)).toMatchObject({ code: 0, stderr: '' });
      const [message] = await until(async () => {
        const [conversation] = (await readState(sandbox)).conversations;
        return (conversation?.messages.length ?? 0) > 0 && conversation?.messages;
      });
      expect(message?.text).toContain('Cold room 2 is above 8 °C');
    });

    it('the pages and what they load', async () => {
      const pages = [admin, new URL('playground', admin).href, sandbox];
      for (const page of pages) {
        const text = await (await fetch(page)).text();
        const [, script = ''] = /<script[^>]+src="([^"]+)"/.exec(text) ?? [];
        const answer = await fetch(new URL(script, page));
        expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8']);
        expect((await answer.text()).length).toBeGreaterThan(1000);
      }
      expect((await fetch(new URL('templates/any_event.yaml', admin))).status).toBe(404);
    });

    it('the thread that reads a journal of more than 4 MiB', async () => {
      for (let n = 0; n < 30; n += 1) {
        const body = JSON.stringify({ type: 'ballast', text: `${n}`.repeat(100_000) });
        const secret = new Secret(ENV.ALO_WEBHOOK_SECRET);
        const headers = sign({ type: 'alo', secret, body, messageId: `msg_${n}`, nowMs: Date.now() });
        expect((await fetch(webhooks, { method: 'POST', headers, body })).status).toBe(200);
      }
      const answer = await fetch(new URL('api/events?text=cold', admin));
      const events = [{ topic: 'action_created', states: { sent: 1 } }];
      expect(await answer.json()).toMatchObject({ events });
    });

    it('the thread of the playground', async () => {
      const headers = { 'content-type': 'application/json' };
      const body = JSON.stringify({ event: { topic: 'action_created' } });
      const answer = await fetch(new URL('api/playground', admin), { method: 'POST', headers, body });
      expect([answer.status, await answer.json()]).toMatchObject([200, { problems: [], runs: [{}] }]);
    });

    it('stops in order', async () => {
      service.process.kill('SIGTERM');
      expect(await service.ended()).toBe(0);
    });
  });
});
