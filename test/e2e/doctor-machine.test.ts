import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import { silentLogger } from '../../src/core/log.ts';
import { openJournal } from '../../src/journal/open.ts';
import { freePort } from '../helpers/free-port.ts';
import { start } from '../helpers/program.ts';
import { ENV, type Found, type Installation, makeInstallation, slack } from './installation.ts';

let installation: Installation;

beforeEach(async () => {
  installation = await makeInstallation();
});

const statuses = (findings: Found[string] | undefined) => findings?.map(([status]) => status);

describe('this machine', () => {
  it('a service that runs, and one that runs on another config', async () => {
    const { apiUrl } = await slack();
    const [port, adminPort] = [await freePort(), await freePort()];
    await installation.configure({ apiUrl, port, adminPort });
    const service = start(['serve'], { cwd: installation.cwd, env: ENV });
    await service.printed(/(ready)/);
    const { code, found } = await installation.diagnose();
    expect(code).toBe(0);
    expect(found.Journal?.[0]).toEqual([
      'ok',
      expect.stringMatching(/relay\.db is in use by the running service, \d+ KiB\.$/),
    ]);
    expect(found.Service).toEqual([
      ['ok', `The service runs at http://127.0.0.1:${port}, and is ready.`],
      ['ok', `http://127.0.0.1:${port}/webhooks/alo answers, and refuses what is not signed.`],
      ['ok', `The admin listener answers at http://127.0.0.1:${adminPort}.`],
    ]);

    // It is there, and says nothing.
    service.process.kill('SIGSTOP');
    await installation.configure({ apiUrl, port, adminPort, timeout: '500ms' });
    const stopped = await installation.diagnose();
    expect([stopped.code, stopped.found.Service?.[0]?.[1]]).toEqual([1, expect.stringContaining('no answer in time')]);
    service.process.kill('SIGCONT');

    const other = await makeInstallation();
    await other.configure({ apiUrl, port, adminPort, source: 'tasks' });
    const mismatch = await other.diagnose();
    expect(mismatch.found.Service?.slice(1)).toEqual([
      ['problem', expect.stringMatching(/does not know the source "tasks"/)],
      ['problem', expect.stringContaining('has another journal')],
    ]);
  });

  it('something else where the service should be', async () => {
    const { apiUrl } = await slack();
    const [port, adminPort] = [await strangers(), await strangers()];
    await installation.configure({ apiUrl, port, adminPort });
    const { code, found } = await installation.diagnose();
    expect([code, statuses(found.Service)]).toEqual([1, ['problem', 'problem']]);
    expect(found.Service?.[0]?.[1]).toContain(`What listens at http://127.0.0.1:${port} is not alo-relay (200)`);
  });

  it('a journal: free, taken by another process, none, in a folder that is a file', async () => {
    const { apiUrl } = await slack();
    await installation.configure({ apiUrl });
    const journal = await openJournal(
      { kind: 'sqlite', path: join(installation.cwd, 'relay.db') },
      { log: silentLogger, clock: systemClock, role: 'service' },
    );
    const taken = await installation.diagnose();
    await journal.close();
    expect([taken.code, taken.found.Journal?.[0]]).toEqual([
      1,
      [
        'problem',
        expect.stringMatching(/^The journal .*relay\.db is in use by another process \(.*\)\. Stop the other/),
      ],
    ]);
    expect((await installation.diagnose()).found.Journal?.[0]).toEqual([
      'ok',
      expect.stringMatching(/relay\.db can be written, \d+ KiB\.$/),
    ]);

    await writeFile(join(installation.cwd, 'notes.txt'), 'not a journal, and long enough to be looked at\n'.repeat(50));
    await installation.configure({ apiUrl, journal: 'notes.txt' });
    expect((await installation.diagnose()).found.Journal?.[0]).toEqual([
      'problem',
      expect.stringContaining('is not a journal'),
    ]);
    await installation.configure({ apiUrl, journal: 'notes.txt/relay.db' });
    expect((await installation.diagnose()).found.Journal?.[0]).toEqual([
      'problem',
      expect.stringContaining('cannot be created'),
    ]);
  });

  it('a config with mistakes: they are told, and nothing is asked', async () => {
    const sandbox = await slack();
    await installation.configure({
      apiUrl: sandbox.apiUrl,
      routes: '\n  - { post: { channel: "#alo", template: nowhere } }',
    });
    const { code, found } = await installation.diagnose();
    expect([code, Object.keys(found)]).toEqual([1, ['Config']]);
    expect(found.Config?.[0]?.[1]).toContain('There is no template "nowhere"');
    expect(sandbox.calls).toEqual({});
  });
});

/** A web server of somebody else's. */
async function strangers(): Promise<number> {
  const server = createServer((_, response) => response.end('<html>'));
  onTestFinished(() => void server.close());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return (server.address() as AddressInfo).port;
}
