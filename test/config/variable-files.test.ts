import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Variables } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { sandboxVariables } from '../../src/config/sandbox.ts';
import { resolveVariables } from '../../src/config/variable-files.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-variables-'));
});

afterEach(() => rm(folder, { recursive: true }));

/** Written into a file of the test's folder. */
async function file(content: string | Uint8Array, name = 'secret'): Promise<string> {
  await writeFile(join(folder, name), content);
  return join(folder, name);
}

/** The value of X, or the message of what is wrong with it. */
async function resolved(environment: Variables): Promise<string | undefined> {
  const { values, problems } = await resolveVariables(['X'], environment);
  const problem = problems.get('X');
  return problem === undefined ? values.X : `${problem.severity ?? 'error'}: ${problem.message}`;
}

describe('the value of a variable', () => {
  it.each<readonly [string, string, string]>([
    ['as it is', 'a b', 'a b'],
    ['without the line break at its end', 'a\n', 'a'],
    ['nor the one of Windows', 'a\r\n', 'a'],
    ['but with every other', '\na\n\n', '\na\n'],
    ['and with a carriage return that ends no line', 'a\r', 'a\r'],
    ['an empty one', '', ''],
    ['one as large as may be', 'x'.repeat(65_536), 'x'.repeat(65_536)],
    ['of any script', 'пароль 🔑\n', 'пароль 🔑'],
  ])('is what the file holds: %s', async (_, content, value) => {
    expect(await resolved({ X_FILE: await file(content) })).toBe(value);
  });

  it('is the variable before the file, and the file before the credential', async () => {
    const X_FILE = await file('of the file');
    await file('of the credential', 'X');
    const CREDENTIALS_DIRECTORY = folder;
    expect(await resolved({ X: '', CREDENTIALS_DIRECTORY })).toBe('');
    expect(await resolved({ X: 'own', CREDENTIALS_DIRECTORY })).toBe('own');
    expect(await resolved({ X_FILE, CREDENTIALS_DIRECTORY })).toBe('of the file');
    expect(await resolved({ X_FILE: '', CREDENTIALS_DIRECTORY })).toBe('of the credential');
    expect(await resolved({ CREDENTIALS_DIRECTORY: '' })).toBeUndefined();
    expect(await resolved({ CREDENTIALS_DIRECTORY: join(folder, 'none') })).toBeUndefined();
  });

  it('is the variable where a file is named as well, with a warning', async () => {
    const { values, problems } = await resolveVariables(['X'], { X: 'own', X_FILE: '/nowhere' });
    expect(values.X).toBe('own');
    expect(problems.get('X')).toMatchObject({ severity: 'warning', code: 'variable-twice' });
  });

  it.each<readonly [string, () => Promise<string>, RegExp]>([
    ['is not there', async () => join(folder, 'none'), /does not exist \(X_FILE names it\)\.$/],
    ['is below a file', async () => join(await file('hunter2'), 'none'), /does not exist/],
    ['is too large', () => file(`hunter2${'x'.repeat(65_530)}`), /is larger than 64 kB/],
    ['is a folder', async () => folder, /is not a file/],
    ['never ends', async () => '/dev/zero', /is not a file/],
    ['is not UTF-8', () => file(Buffer.from([0x68, 0xff, 0xfe])), /is not text/],
    ['is binary', () => file('hunter2\0'), /is not text/],
    ['has a name that no file can have', async () => `${folder}/${'x'.repeat(300)}`, /cannot be read \(ENAMETOOLONG\)/],
  ])('is no value where the file %s', async (_, path, message) => {
    const told = await resolved({ X_FILE: await path() });
    expect(told).toMatch(message);
    expect(told).toMatch(/^error: The file \//);
    expect(told).not.toContain('hunter2');
  });

  it('is not waited for at a pipe that nobody writes to', async () => {
    const pipe = join(folder, 'pipe');
    execFileSync('mkfifo', [pipe]);
    expect(await resolved({ X_FILE: pipe })).toMatch(/is not a file/);
  });

  it('is no value where a credential is there and cannot be used', async () => {
    await mkdir(join(folder, 'X'));
    expect(await resolved({ CREDENTIALS_DIRECTORY: folder })).toMatch(
      /is not a file \(it is in CREDENTIALS_DIRECTORY\)/,
    );
  });
});

describe('a config', () => {
  const configure = (secret: string) =>
    file(
      `sources: { alo: { type: alo, secrets: ["${secret}"] } }
slack: { token: "\${TOKEN:-xoxb-1}" }
routes: [{ on: action_created, when: 'event.topic == \${PIECE:-"a"}', post: { channel: "#a", template: any_event } }]
`,
      'config.yaml',
    );

  it('shows what a file holds as little as what a variable holds', async () => {
    const config = await configure('${SECRET}');
    const SECRET_FILE = await file('whsec_hunter2-marker\n');
    const PIECE_FILE = await file('"hunter2 marker" ==', 'piece');
    const { problems } = await loadConfig(config, { SECRET_FILE, PIECE_FILE });
    expect(problems.map(({ code }) => code)).toEqual(expect.arrayContaining(['bad-secret', 'expression-syntax']));
    expect(JSON.stringify(problems)).not.toMatch(/marker|hunter2/);
  });

  it('is told where in it the variable stands whose file is missing, default or not', async () => {
    const config = await configure('${SECRET:-a-default-that-is-not-taken}');
    const { problems, variableFiles } = await loadConfig(config, { SECRET_FILE: join(folder, 'none') });
    expect(problems).toContainEqual(expect.objectContaining({ line: 1, column: 40, code: 'variable-file' }));
    expect(variableFiles).toEqual([join(folder, 'none')]);
  });

  it('in the sandbox takes what a file holds, not what was made up before', async () => {
    const config = await configure('${SECRET}');
    const { SECRET } = await sandboxVariables(config, {}, 'keep');
    expect(SECRET).toMatch(/^whsec_/);
    const SECRET_FILE = await file('of-the-file-0123456789');
    const variables = await sandboxVariables(config, { SECRET_FILE }, 'known');
    const { values } = await resolveVariables(['SECRET'], variables);
    expect(values.SECRET).toBe('of-the-file-0123456789');
  });
});
