import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { folderAt } from '../../src/core/built-files.ts';
import { startSandbox } from '../../src/sandbox/server.ts';
import { until } from '../helpers/until.ts';
import { clientOf, open } from './workspace.ts';

async function builtPage(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sandbox-page-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await mkdir(join(folder, 'web', 'assets'), { recursive: true });
  await writeFile(join(folder, 'web', 'index.html'), '<!doctype html><title>page</title>');
  await writeFile(join(folder, 'web', 'assets', 'main.js'), 'export {};');
  await writeFile(join(folder, 'secret.html'), 'secret');
  return join(folder, 'web');
}

/** fetch sends no made-up Host header and cleans up paths; this sends what it is given. */
function get(
  url: string,
  path: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const sent = request({ hostname, port, path, headers }, (response) => {
      let body = '';
      response.on('data', (chunk) => {
        body += chunk;
      });
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
    });
    sent.on('error', reject);
    sent.end();
  });
}

describe('the page', () => {
  it('comes with a policy that runs its own scripts only and asks nobody else', async () => {
    const { sandbox } = await open({ staticDir: folderAt(await builtPage()) });
    const page = await fetch(sandbox.url);
    const script = await fetch(`${sandbox.url}assets/main.js`);
    expect([page.status, script.status]).toEqual([200, 200]);
    expect(script.headers.get('content-type')).toContain('text/javascript');
    const policy = page.headers.get('content-security-policy')?.split('; ');
    expect(policy).toEqual(expect.arrayContaining(["default-src 'none'", "script-src 'self'", "connect-src 'self'"]));
    expect(policy?.join()).not.toMatch(/unsafe|http|\*/);
    expect(page.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('leads nowhere else in the file system', async () => {
    const { sandbox } = await open({ staticDir: folderAt(await builtPage()) });
    for (const path of [
      '/../secret.html',
      '/%2e%2e/secret.html',
      '/..%2fsecret.html',
      '/assets/../../secret.html',
      '/assets',
      '//x',
    ]) {
      expect(await get(sandbox.url, path)).toMatchObject({ status: 404 });
    }
  });

  it('says how to build it when it is not built', async () => {
    const { sandbox } = await open({ staticDir: folderAt('/nowhere') });
    const page = await fetch(sandbox.url);
    expect(page.status).toBe(503);
    expect(await page.text()).toContain('npm run build');
  });

  it.each([
    ['a foreign name', { host: 'evil.example:80' }, 403],
    ['a name that starts like ours', { host: 'localhost.evil.example' }, 403],
    ['a request from another site', { host: 'localhost:1', origin: 'http://evil.example' }, 403],
    ['localhost', { host: 'localhost:1' }, 200],
    ['IPv6 loopback', { host: '[::1]:1' }, 200],
    ['a request from the page', { host: 'localhost:1', origin: 'http://localhost:1' }, 200],
  ])('answers %s: %j', async (_, headers, status) => {
    const { sandbox } = await open({ staticDir: folderAt(await builtPage()) });
    for (const path of ['/', '/_sandbox/state'])
      expect(await get(sandbox.url, path, headers)).toMatchObject({ status });
  });
});

describe('state and events', () => {
  it('shows everything that was posted, in order', async () => {
    const { slack, sandbox } = await open({ hint: 'alo-relay send action_created' });
    const { channel = '', ts = '' } = await slack.chat.postMessage({
      channel: '#ops',
      text: '<script>alert(1)</script>',
    });
    await slack.chat.postMessage({ channel, text: 'reply', thread_ts: ts });
    await slack.reactions.add({ channel, timestamp: ts, name: 'tada' });
    const response = await fetch(`${sandbox.url}_sandbox/state`);
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(await response.json()).toMatchObject({
      conversations: [
        {
          ...{ id: channel, name: 'ops', kind: 'channel', posted: 1, archived: false, person: null },
          messages: [
            {
              ...{ ts, text: '<script>alert(1)</script>', blocks: null, metadata: null, edited: null },
              reactions: [{ name: 'tada', users: ['U0RELAYBOT'] }],
              replies: [{ text: 'reply', threadTs: ts }],
            },
          ],
        },
      ],
      calls: { 'chat.postMessage': 2, 'reactions.add': 1 },
    });
    expect(await (await fetch(`${sandbox.url}_sandbox/welcome`)).json()).toMatchObject({
      hint: 'alo-relay send action_created',
    });
  });

  it('archives and resets on demand', async () => {
    const { slack, sandbox } = await open();
    const order = (path: string, body: object) =>
      fetch(`${sandbox.url}_sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) });
    await slack.chat.postMessage({ channel: '#ops', text: 'x' });
    expect((await order('archive', { channel: '#ops' })).status).toBe(200);
    expect(sandbox.workspace.conversation('#ops')?.archived).toBe(true);
    expect((await order('archive', { channel: '#missing' })).status).toBe(404);
    expect((await order('archive', {})).status).toBe(400);
    sandbox.faults.add({ kind: 'hang' });
    expect((await order('reset', {})).status).toBe(200);
    expect([sandbox.workspace.conversations, sandbox.faults.pending]).toEqual([[], []]);
  });

  it('tells viewers what changed, and ends their streams and hanging calls when it closes', async () => {
    const { sandbox } = await open();
    await clientOf(sandbox).chat.postMessage({ channel: '#before', text: 'x' });
    const stream = (await fetch(`${sandbox.url}_sandbox/events`)).body
      ?.pipeThrough(new TextDecoderStream())
      .getReader();
    if (stream === undefined) throw new Error('no stream');
    expect((await stream.read()).value).toMatch(/^event: all\ndata: \[\{.*"name":"before".*"posted":1/);
    for (let n = 0; n < 10; n++) sandbox.workspace.say('#after', 'maria@example.com', { text: 'x' });
    expect((await stream.read()).value).toMatch(
      /^event: changed\ndata: \[\{[^}]*"name":"after"[^}]*"posted":10[^}]*\}\]\n\n$/,
    );

    sandbox.faults.add({ kind: 'hang' });
    const hanging = clientOf(sandbox).auth.test();
    const failed = expect(hanging).rejects.toMatchObject({ code: 'slack_webapi_request_error' });
    await until(() => sandbox.calls['auth.test'] === 1);
    await Promise.all([sandbox.close(), sandbox.close()]);
    await failed;
    await stream.closed.catch(() => undefined);
  });
});

it('says so when its port is taken', async () => {
  const { sandbox } = await open();
  const port = Number(new URL(sandbox.url).port);
  await expect(startSandbox({ port })).rejects.toThrow(`127.0.0.1:${port}: another program has that port`);
});
