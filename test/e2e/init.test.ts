import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder, removeFolder } from '../helpers/home.ts';
import { run, start } from '../helpers/program.ts';

const TEMPLATES = resolve(import.meta.dirname, '../../templates');
const ENV = {
  SLACK_BOT_TOKEN: 'xoxb-1',
  ALO_WEBHOOK_SECRET: 'alo-secret-for-tests-0123456789',
  GITHUB_WEBHOOK_SECRET: 'github-secret-for-tests-0123456789',
  ALLO_WEBHOOK_SECRET: 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw',
};

let cwd: string;

beforeEach(async () => {
  cwd = await makeFolder();
});

afterEach(() => removeFolder(cwd));

const files = async () => (await readdir(cwd, { recursive: true })).toSorted();

describe('what it writes', () => {
  it.each<[flags: string[], routes: number, sources: RegExp]>([
    [[], 9, /^ {2}alo:[\s\S]*^ {2}allo:/m],
    [['--alo', '--channel', 'ops'], 6, /^ {2}alo:(?![\s\S]*^ {2}allo:)/m],
    [['--allo', '--channel', 'C024BE91L'], 4, /^ {2}allo:/m],
    [['--alo', '--allo', '--quiet-hours', 'America/New_York', '--yes'], 9, /timezone: America\/New_York/],
    [['--allo', '--quiet-hours', 'Asia/Kolkata'], 4, /quiet_hours: nights/],
    [['--alo', '--channel', '#General', '--quiet-hours', 'UTC', '-y'], 6, /timezone: UTC[\s\S]*channel: "#general"/],
    [['--github'], 4, /^ {2}github:(?![\s\S]*^ {2}alo:)/m],
    [['--alo', '--github', '--quiet-hours', 'Europe/Paris'], 9, /^ {2}alo:[\s\S]*^ {2}github:/m],
    [['--quiet-hours', 'no'], 9, /^# {3}nights: /m],
    [['--quiet-hours', 'NONE'], 9, /^# {3}nights: /m],
  ])('%j: has no problem, and passes its own cases', async (flags, routes, text) => {
    const written = await run(['init', ...flags], { cwd });
    expect([written.code, written.stderr]).toEqual([0, '']);
    const checked = await run(['check', '--strict'], { cwd, env: ENV });
    expect([checked.code, checked.stdout]).toEqual([0, expect.stringMatching(`no problems .*${routes} routes`)]);
    const tested = await run(['test'], { cwd });
    expect([tested.code, tested.stdout]).toEqual([0, expect.stringMatching(/\d passed/)]);
    const config = await readFile(join(cwd, 'config.yaml'), 'utf8');
    expect(config).toMatch(text);
    for (const [name] of config.matchAll(/\b(?<=template: )\w+/g)) {
      const copy = await readFile(join(cwd, `templates/${name}.yaml`), 'utf8');
      const shipped = await readFile(join(TEMPLATES, `${name}.yaml`), 'utf8').catch(() => null);
      if (shipped === null) expect(name).toMatch(/^github_/);
      else expect(copy).toBe(shipped.replace(/^# yaml-language-server.*\n/, ''));
      expect(copy).not.toContain('$schema');
    }
  });

  it('every template that its routes use, and none that they do not', async () => {
    await run(['init', '--allo'], { cwd });
    expect(await files()).toEqual([
      'config.test.yaml',
      'config.yaml',
      'templates',
      'templates/any_event.yaml',
      'templates/call_completed.yaml',
      'templates/sms_received.yaml',
      'templates/voicemail.yaml',
    ]);
  });

  it('the templates that are asked for, and the channel for failures', async () => {
    await run(['init', '--allo', '--templates', 'tag,voicemail', '--fallback-channel', 'problems'], { cwd });
    expect(await files()).toContain('templates/tag.yaml');
    expect(await readFile(join(cwd, 'config.yaml'), 'utf8')).toContain('\n  fallback_channel: "#problems" #');
    expect((await run(['check', '--strict'], { cwd, env: ENV })).code).toBe(0);
  });

  it('and then every command to type, in its order', async () => {
    const { stdout } = await run(['init', '--alo'], { cwd });
    const commands = [...stdout.matchAll(/^ {2}(\d)\. (?:npx alo-relay )?(\w+ ?.*)$/gm)].map(([, number, text]) => [
      number,
      text,
    ]);
    expect(commands).toEqual([
      ['1', 'test'],
      ['2', 'serve --sandbox'],
      ['3', 'send action_created'],
      ['4', 'manifest'],
      ['5', 'export SLACK_BOT_TOKEN=… ALO_WEBHOOK_SECRET=…'],
      ['6', 'check'],
      ['7', 'doctor'],
      ['8', 'serve'],
    ]);
  });

  it('is served as it is, in a folder that was not there', async () => {
    const written = await run(['init', 'to/be made', '--yes'], { cwd });
    expect(written.stdout).toContain("npx alo-relay serve --config 'to/be made/config.yaml'\n");
    expect(written.stdout).toContain('export SLACK_BOT_TOKEN=… ALO_WEBHOOK_SECRET=… ALLO_WEBHOOK_SECRET=…\n');
    const file = join(cwd, 'to/be made/config.yaml');
    const text = await readFile(file, 'utf8');
    await writeFile(file, text.replace('port: 3000', 'port: 0').replace('port: 3001', 'port: 0'));
    const service = start(['serve', '--config', file, '--sandbox', '--sandbox-port', '0'], { cwd });
    await service.printed(/(ready)/);
    service.process.kill('SIGTERM');
    expect([await service.ended(), service.stderr()]).toEqual([0, expect.not.stringMatching(/error|warn/i)]);
  });
});

describe('what is there already', () => {
  it.each([
    ['config.yaml', []],
    ['config.test.yaml', ['--yes']],
    ['templates/voicemail.yaml', ['--allo']],
  ])('%s stays, and nothing is written beside it', async (file, flags) => {
    await mkdir(join(cwd, 'templates'));
    await writeFile(join(cwd, file), 'mine');
    const before = await files();
    const { code, stdout, stderr } = await run(['init', ...flags], { cwd });
    expect([code, stdout]).toEqual([1, '']);
    expect(stderr).toBe(
      `alo-relay: nothing was written to ., for this is there already:\n  ${file}\nName another folder, or move it away.\n`,
    );
    expect(await files()).toEqual(before);
    expect(await readFile(join(cwd, file), 'utf8')).toBe('mine');
  });

  it('templates that no route of it uses are no hindrance', async () => {
    await mkdir(join(cwd, 'templates'));
    await writeFile(join(cwd, 'templates/voicemail.yaml'), 'text: mine');
    expect((await run(['init', '--alo'], { cwd })).code).toBe(0);
  });

  it('a file where the folder should be', async () => {
    await writeFile(join(cwd, 'here'), '');
    const { code, stderr } = await run(['init', 'here'], { cwd });
    expect([code, stderr]).toEqual([1, expect.stringMatching(/^alo-relay: here cannot be written to: .+\n$/)]);
  });
});

it.each([
  [['--channel', 'two words'], /A channel is "#name"/],
  [['--channel', '#{{ event.topic }}'], /A channel is "#name"/],
  [['--channel', 'U024BE91L'], /A channel is "#name"/],
  [['--channel', 'a"b'], /A channel is "#name"/],
  [['--channel', ''], /A channel is "#name"/],
  [['--quiet-hours', 'Pari'], /A time zone is the name of a place/],
  [['--quiet-hours', 'recipient'], /A time zone is the name of a place/],
  [['--quiet-hours', ''], /A time zone is the name of a place/],
])('a flag that will not do: %j', async (flags, text) => {
  const { code, stderr } = await run(['init', ...flags], { cwd });
  expect([code, stderr, await files()]).toEqual([2, expect.stringMatching(text), []]);
});
