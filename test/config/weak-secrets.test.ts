import { randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-weak-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** What is said of a secret of ALO's, and of a token of the admin listener on this host. */
async function warnings(secret: string, { token = '', host = '127.0.0.1' } = {}): Promise<string[]> {
  const file = join(folder, 'config.yaml');
  const admin = `admin: { host: "${host}", token: "\${TOKEN:-}" }`;
  const sources = 'sources: { alo: { type: alo, secrets: ["${SECRET}"] } }';
  await writeFile(file, `${admin}\n${sources}\nroutes: [{ post: { channel: "#a", template: any_event } }]\n`);
  const { problems } = await loadConfig(file, { SECRET: secret, TOKEN: token });
  const weak = problems.filter(({ code }) => code === 'weak-secret');
  expect(JSON.stringify(problems)).not.toContain(secret);
  return weak.map(({ line, message }) => `${line}: ${message}`);
}

const GUESSED = [expect.stringMatching(/^2: This secret is one of the first that anybody tries\.$/)];

it.each([
  'changeme',
  'change-me-please',
  'Your-Webhook-Secret-Here',
  'my_secret_token_123',
  'replace.this.token',
  'password1234567890',
  'testtesttesttest',
  '0000000000000000000000000000',
  'ababababababababababab',
  'xxxxxxxxxxxxxxxxxxxx',
])('is guessed: %s', async (secret) => {
  expect(await warnings(secret)).toEqual(GUESSED);
});

it.each([
  ...Array.from({ length: 50 }, () => randomBytes(16).toString('hex')),
  ...Array.from({ length: 50 }, () => randomBytes(16).toString('base64')),
  'correct horse battery staple'.replaceAll(' ', '-'),
  'a-secret-that-nobody-else-would-write',
  `${'changeme'.repeat(5_000)}!`,
])('is none that is warned of: %s', async (secret) => {
  expect(await warnings(secret)).toEqual([]);
});

it('is too short below 16 characters', async () => {
  expect(await warnings('k3Zq9vTr2LmXw8P')).toEqual([expect.stringMatching(/^2: The secret has fewer than 16/)]);
  expect(await warnings('k3Zq9vTr2LmXw8Pd')).toEqual([]);
});

it('may be short for an admin listener that this machine alone can reach', async () => {
  const secret = randomBytes(16).toString('hex');
  const short = { token: 'k3Zq9vTr2LmXw8P' };
  for (const host of ['127.0.0.1', 'localhost', '::1']) expect(await warnings(secret, { ...short, host })).toEqual([]);
  for (const host of ['0.0.0.0', '::', '10.0.0.7']) {
    expect(await warnings(secret, { ...short, host })).toEqual([
      `1: admin.token has fewer than 16 characters, and ${host} can be reached from other machines.`,
    ]);
  }
  expect(await warnings(secret, { token: 'changeme' })).toEqual([expect.stringMatching(/^1: .* anybody tries\.$/)]);
});
