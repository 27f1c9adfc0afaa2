import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { killAll, run } from '../helpers/program.ts';

const cwd = resolve(import.meta.dirname, '../..');
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const env = {
  GOOD_SECRET: SECRET,
  SLACK_BOT_TOKEN: 'xoxb-1',
  ALO_WEBHOOK_SECRET: SECRET,
  ALLO_WEBHOOK_SECRET: SECRET,
};
const WARNED = 'test/fixtures/config/bad/topic-misspelt.yaml';

afterAll(killAll);

describe('check', () => {
  it('takes the shipped config, strictly', async () => {
    const { code, stdout } = await run(['check', '--config', 'config.example.yaml', '--strict'], { cwd, env });
    expect([code, stdout]).toEqual([0, 'config.example.yaml: no problems (2 sources, 11 routes, 17 templates).\n']);
  });

  it('a warning is exit 0, and 1 with --strict', async () => {
    const said = `${WARNED}:6:11 warning unknown-topic: "action_creatd" is no topic that ALO is known to send.\n    Did you mean "action_created"?`;
    const lenient = await run(['check', '--config', WARNED], { cwd, env });
    expect(lenient).toMatchObject({ code: 0, stdout: expect.stringContaining(said) });
    expect(lenient.stdout).toMatch(`${WARNED}: 1 warning (1 sources, 1 routes, 2 templates).`);
    expect(await run(['check', '--config', WARNED, '--strict'], { cwd, env })).toMatchObject({ code: 1 });
  });

  it('as JSON, with every key in every problem', async () => {
    const { code, stdout } = await run(['check', '--config', WARNED, '--strict', '--json'], { cwd, env });
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      ok: false,
      problems: [
        {
          severity: 'warning',
          code: 'unknown-topic',
          file: WARNED,
          line: 6,
          column: 11,
          message: '"action_creatd" is no topic that ALO is known to send.',
          remedy: expect.stringMatching(/^Did you mean/),
        },
      ],
    });
  });
});

describe('schema', () => {
  let folder = '';
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'schemas-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('prints, or writes where it is told', async () => {
    const printed = await run(['schema', 'template'], { cwd });
    expect((await run(['schema', '--out', join(folder, 'new')], { cwd })).code).toBe(0);
    expect(await readFile(join(folder, 'new', 'template.json'), 'utf8')).toBe(printed.stdout);
    expect(JSON.parse(await readFile(join(folder, 'new', 'config.json'), 'utf8'))).toMatchObject({
      $id: 'urn:alo-relay:config',
    });
    expect((await run(['schema', 'route'], { cwd })).code).toBe(2);
  });
});
