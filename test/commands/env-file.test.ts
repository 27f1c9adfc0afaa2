import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadEnvFiles } from '../../src/commands/env-file.ts';
import { makeFolder, removeFolder } from '../helpers/home.ts';
import { run } from '../helpers/program.ts';

let cwd: string;

beforeEach(async () => {
  cwd = await makeFolder();
  await writeFile(join(cwd, 'first.env'), 'export ALO_RELAY_CONFIG="first.yaml" # a comment\nUNUSED=1\n');
  await writeFile(join(cwd, 'second.env'), 'ALO_RELAY_CONFIG=second.yaml\n');
});

afterEach(() => removeFolder(cwd));

/** The config that the command looked for. */
async function configOf(args: readonly string[], env?: Record<string, string>): Promise<string | undefined> {
  const { stdout } = await run(args, { cwd, ...(env !== undefined && { env }) });
  return /^(\S+\.yaml):1:1 error config-unreadable/.exec(stdout)?.[1];
}

it('sets what is not set, before the command looks; of several files the last wins', async () => {
  expect(await configOf(['check', '--env-file', 'first.env'])).toBe('first.yaml');
  expect(await configOf(['--env-file', 'first.env', 'check', '--env-file=second.env'])).toBe('second.yaml');
  expect(await configOf(['check', '--env-file', 'first.env'], { ALO_RELAY_CONFIG: 'set.yaml' })).toBe('set.yaml');
  expect(await configOf(['check', '--env-file', 'first.env', '--config', 'named.yaml'])).toBe('named.yaml');
});

it('is an option of every command', async () => {
  for (const command of ['serve', 'check', 'send', 'replay']) {
    expect((await run([command, '--help'], { cwd })).stdout).toContain('--env-file <file>');
  }
});

it('is an error where the file cannot be read: that names it', async () => {
  expect(() => loadEnvFiles([join(cwd, 'first.env'), join(cwd, 'none.env')])).toThrow(
    /^--env-file \/\S+\/none\.env: there is no such file\. Name a file/,
  );
  await mkdir(join(cwd, 'folder'));
  expect(() => loadEnvFiles([join(cwd, 'folder')])).toThrow(/folder: it cannot be read/);
  // Node looks for the file of an option of this name before the program begins.
  const { code, stderr } = await run(['check', '--env-file', 'none.env'], { cwd });
  expect(code).not.toBe(0);
  expect(stderr).toContain('none.env');
});
