import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Home, makeHome } from '../helpers/home.ts';
import { openNotifySocket, whyNoNotifySocket } from '../helpers/notify-socket.ts';
import { until } from '../helpers/until.ts';

let home: Home;

beforeEach(async () => {
  home = await makeHome();
  await home.configure({});
});

afterEach(() => home.remove());

const missing = whyNoNotifySocket();

describe.skipIf(missing !== null)(`a unit of Type=notify${missing === null ? '' : ` (skipped: ${missing})`}`, () => {
  it('is ready once webhooks are accepted, and stopping at SIGTERM', async () => {
    const socket = await openNotifySocket(home.cwd);
    try {
      const { program, url } = await home.serve({ NOTIFY_SOCKET: socket.path });
      await until(() => socket.received().length === 1);
      expect(socket.received()).toEqual([`READY=1\nSTATUS=Receiving webhooks on port ${new URL(url).port}`]);
      expect((await home.send(url, 1)).status).toBe(200);
      program.process.kill('SIGTERM');
      expect(await program.ended()).toBe(0);
      await until(() => socket.received().length === 2);
      expect(socket.received()[1]).toBe('STOPPING=1\nSTATUS=Stopping');
    } finally {
      await socket.stop();
    }
  });

  it('that does not start is never ready', async () => {
    const socket = await openNotifySocket(home.cwd);
    try {
      await home.configure({ routes: '[{ post: { channel: "#a", template: missing } }]' });
      expect((await home.run(['serve'], { NOTIFY_SOCKET: socket.path })).code).toBe(1);
      expect(socket.received()).toEqual([]);
    } finally {
      await socket.stop();
    }
  });
});

it('without systemd-notify the service runs, and the log says what to change in the unit', async () => {
  const { program, url } = await home.serve({ NOTIFY_SOCKET: join(home.cwd, 'notify'), PATH: home.cwd });
  await until(() => program.stdout().includes('systemd was not notified'));
  expect(program.stdout()).toContain('Type=exec');
  expect((await home.send(url, 1)).status).toBe(200);
});

const CLI = resolve(import.meta.dirname, '../../src/cli.ts');

describe('standard output', () => {
  it.each([
    ['of the journal has a priority before each line', true, /^<6>\{"level":"info".+\n<6>\{/],
    ['of anything else has none', false, /^\{"level":"info".+\n\{/],
  ])('%s', async (_, isJournal, lines) => {
    const file = join(home.cwd, 'log');
    const descriptor = openSync(file, 'w');
    const { dev, ino } = fstatSync(descriptor);
    const service = spawn(process.execPath, [CLI, 'serve'], {
      cwd: home.cwd,
      env: { PATH: process.env.PATH, JOURNAL_STREAM: `${dev}:${isJournal ? ino : ino + 1}` },
      stdio: ['ignore', descriptor, 'pipe'],
    });
    closeSync(descriptor);
    try {
      let banner = '';
      service.stderr?.on('data', (chunk) => {
        banner += chunk;
      });
      await until(() => banner.includes('is ready'), 20_000);
      service.kill('SIGTERM');
      await once(service, 'exit');
      expect(readFileSync(file, 'utf8')).toMatch(lines);
    } finally {
      service.kill('SIGKILL');
    }
  });
});
