import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeFolder, removeFolder } from '../helpers/home.ts';
import { run } from '../helpers/program.ts';

const ENV = { SLACK_BOT_TOKEN: 'xoxb-1', ALO_WEBHOOK_SECRET: 'alo-secret-for-tests-0123456789' };

let cwd: string;

beforeEach(async () => {
  cwd = await makeFolder();
  await run(['init', 'here', '--alo'], { cwd });
});

afterEach(() => removeFolder(cwd));

describe('templates that come with alo-relay', () => {
  it('the command that check names brings a missing one', async () => {
    const config = 'here/config.yaml';
    await rm(join(cwd, 'here/templates/thread_root.yaml'));
    const { stdout } = await run(['check', '--config', config], { cwd, env: ENV });
    expect(stdout).toContain('routes[2].reply needs the template "thread_root"');
    const [, command = ''] = /`npx alo-relay ([^`]+)`/.exec(stdout) ?? [];
    const copied = await run(command.split(' '), { cwd });
    expect([copied.code, copied.stdout]).toEqual([0, 'Copied here/templates/thread_root.yaml.\n']);
    expect((await run(['check', '--config', config], { cwd, env: ENV })).code).toBe(0);
  });

  it('are listed, with those that are there', async () => {
    const { stdout } = await run(['templates', '--config', 'here/config.yaml'], { cwd });
    expect(stdout).toMatch(/^✓ action_card$/m);
    expect(stdout).toMatch(/^ {2}voicemail$/m);
  });

  it('go where the config has its templates, whatever else is wrong with it, and replace nothing', async () => {
    await writeFile(join(cwd, 'config.yaml'), 'templates: ${FOLDER:-mine}/now\nroutes: 1\n');
    await mkdir(join(cwd, 'mine/now'), { recursive: true });
    await writeFile(join(cwd, 'mine/now/tag.yaml'), 'text: mine');
    const { code, stdout } = await run(['templates', '--copy', 'tag', 'contact'], { cwd });
    expect([code, stdout]).toEqual([
      0,
      'mine/now/tag.yaml is there already and stays as it is.\nCopied mine/now/contact.yaml.\n',
    ]);
    expect(await readFile(join(cwd, 'mine/now/tag.yaml'), 'utf8')).toBe('text: mine');
  });

  it.each([
    [['--copy', 'tags'], /Did you mean "tag"\?/],
    [['--copy'], /argument missing/],
    [['--config', 'nowhere.yaml'], /Name the config with --config FILE/],
  ])('%j is bad usage', async (args, text) => {
    const { code, stderr } = await run(['templates', ...args], { cwd });
    expect([code, stderr]).toEqual([2, expect.stringMatching(text)]);
  });
});
