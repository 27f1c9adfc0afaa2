import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { folderAt } from '../../src/core/built-files.ts';
import { type Listener, listen, withToken } from './listener.ts';

let folder: string;
let listener: Listener;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'pages-'));
  await mkdir(join(folder, 'web/assets'), { recursive: true });
  await writeFile(join(folder, 'secret.html'), 'not a page');
  for (const name of ['dashboard.html', 'playground.html', 'assets/app-C5tcGNyu.js', 'assets/app.js', 'notes.txt']) {
    await writeFile(join(folder, 'web', name), name);
  }
  await symlink(join(folder, 'secret.html'), join(folder, 'web', 'link.md'));
  listener = await listen(withToken({ pagesFolder: folderAt(join(folder, 'web')) }));
});

afterEach(async () => {
  listener.close();
  await rm(folder, { recursive: true });
});

const IMMUTABLE = 'public, max-age=31536000, immutable';

it.each([
  ['/', 'dashboard.html', 'text/html; charset=utf-8', 'no-cache'],
  ['/playground', 'playground.html', 'text/html; charset=utf-8', 'no-cache'],
  ['/playground.html', 'playground.html', 'text/html; charset=utf-8', 'no-cache'],
  ['/assets/app-C5tcGNyu.js', 'assets/app-C5tcGNyu.js', 'text/javascript; charset=utf-8', IMMUTABLE],
  ['/assets/app.js', 'assets/app.js', 'text/javascript; charset=utf-8', 'no-cache'],
])('%s is there for everybody: to sign in', async (path, body, type, cache) => {
  const { status, text, headers } = await listener.ask(path);
  expect([status, text]).toEqual([200, body]);
  expect(headers).toMatchObject({
    'content-type': type,
    'cache-control': cache,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'content-security-policy':
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
      "font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  });
});

it.each([
  '/notes.txt',
  '/link.md',
  '/../secret.html',
  '/..%2fsecret.html',
  '/assets/../../secret.html',
  '/assets',
  '/assets/',
  '//secret.html',
  '/dashboard.html/',
  '/%00',
  '/%ff',
  '/constructor',
])('%s is not', async (path) => {
  const { status } = await listener.ask(path);
  expect([400, 401, 404]).toContain(status);
});

it('pages that are not built: how to build them', async () => {
  await rm(join(folder, 'web'), { recursive: true });
  const { status, text, headers } = await listener.ask('/');
  expect([status, headers['content-type']]).toEqual([503, 'text/plain; charset=utf-8']);
  expect(text).toContain('npm run build');
});
