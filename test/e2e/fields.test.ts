import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { makeFolder, removeFolder } from '../helpers/home.ts';
import { run, start } from '../helpers/program.ts';
import { readState } from '../helpers/state.ts';
import { until } from '../helpers/until.ts';

const TEMPLATES = resolve(import.meta.dirname, '../../templates');
const PERSON = { id: 'u-1', email: 'maria@example.com' };

let cwd: string;

beforeEach(async () => {
  cwd = await makeFolder();
});

afterEach(() => removeFolder(cwd));

/** `alo` has these further lines. */
async function configure(alo = '', adminPort = 0): Promise<void> {
  await writeFile(
    join(cwd, 'config.yaml'),
    `server: { host: 127.0.0.1, port: 0 }
admin: { port: ${adminPort} }
journal: ./relay.db
sources:
  alo:
    type: alo
    secrets: ["\${ALO}"]
${alo}  allo: { type: allo, secrets: ["\${ALLO}"] }
slack: { token: "\${TOKEN}" }
templates: ${TEMPLATES}
routes: [{ post: { channel: "#alo", template: any_event } }]
`,
  );
}

async function fields(args: readonly string[]) {
  return run(['fields', ...args], { cwd });
}

async function payload(value: unknown): Promise<string> {
  await writeFile(join(cwd, 'event.json'), typeof value === 'string' ? value : JSON.stringify(value));
  return 'event.json';
}

describe('a payload', () => {
  it('with the name of a variable, not with what it holds', async () => {
    await configure(
      `    fields: { subject: 'payload.of["\${SEC}"]' }\n    dedupe: { key: 'payload.id + "\${SEC}"' }\n`,
    );
    const file = await payload({ type: 'action_created', id: 'x' });
    for (const more of [[], ['--json']]) {
      const { code, stdout, stderr } = await run(['fields', file, '--source', 'alo', ...more], {
        cwd,
        env: { SEC: 'Zx9SekretZx9' },
      });
      expect([code, stderr]).toEqual([0, '']);
      expect(stdout).toContain('${SEC}');
      expect(stdout).not.toContain('Zx9');
    }
  });

  it('as a tree, with where each field was found, and no variable set', async () => {
    await configure();
    const file = await payload({
      type: 'action_created',
      action: {
        id: 'a1',
        title: `${'x'.repeat(80)}`,
        tags: [1, 2, 3, 4, 5, 6, 7],
        open: true,
        'evil \u001b[31m\u202e': null,
      },
    });
    const { code, stdout, stderr } = await fields([file]);
    expect([code, stderr]).toEqual([0, '']);
    const lines = stdout.replaceAll(/(?<=\S) {2,}(?=\S)/g, ' | ').split('\n');
    expect(lines.slice(0, 22).join('\n')).toBe(
      `payload | {2 keys}
  type | "action_created" | → topic
  action | {5 keys}
    id | "a1" | → subject, action_id
    title | "${'x'.repeat(60)}…" (80 characters) | → action_title
    tags | [7 items]
      [0] | 1
      [1] | 2
      [2] | 3
      [3] | 4
      [4] | 5
      … | 2 more
    open | true
    evil ?[31m? | null

As alo reads it
  subject | "a1" | payload.action.id
  topic | "action_created" | payload.type
  occurred_at | —
  actor | —
  action_id | "a1" | payload.action.id
  action_title | "${'x'.repeat(40)}…" (80 characters) | payload.action.title`.replaceAll('?', '\u{FFFD}'),
    );
    expect(stdout).not.toContain('A guess');
  });

  it('the lines that fill what is empty do so, pasted as they are', async () => {
    await configure();
    const file = await payload({
      type: 'action_assignment_changed',
      record: {
        ref: 'R-1',
        headline: 'Cold room: "warm" # now',
        'link to': 'https://app.example.com',
        responsible: [PERSON],
      },
      changedSomehowBy: PERSON,
    });
    const { stdout } = await fields([file, '--source', 'alo']);
    const pasted = stdout.split('add it to config.yaml:\n')[1] ?? '';
    expect(parse(pasted).sources.alo.fields).toMatchObject({
      action_title: 'payload.record.headline',
      action_url: 'payload.record["link to"]',
    });
    await configure(pasted.split('\n').slice(2).join('\n'));
    const after = await fields([file, '--source', 'alo', '--json']);
    const { fields: found, guesses, ...rest } = JSON.parse(after.stdout);
    expect(rest).toMatchObject({
      source: 'alo',
      topic: 'action_assignment_changed',
      payload: { changedSomehowBy: PERSON },
    });
    expect(guesses).toEqual([]);
    type Found = { field: string; empty: boolean; value: unknown; origin: unknown };
    const byName = Object.fromEntries((found as Found[]).map((one) => [one.field, one]));
    expect(byName.action_title).toEqual({
      field: 'action_title',
      value: 'Cold room: "warm" # now',
      empty: false,
      origin: { kind: 'configured', expression: 'payload.record.headline', reason: null },
    });
    expect(byName.assignees_current?.value).toEqual([{ ...PERSON, name: null, kind: null }]);
    expect(byName.actor).toMatchObject({ empty: false });
  });

  it('integers keep their digits, here and in explain', async () => {
    await configure();
    const file = await payload('{"type":"action_created","action":{"id":1524831183200260097}}');
    for (const command of ['fields', 'explain']) {
      const { code, stdout } = await run([command, file, '--source', 'alo', '--json'], { cwd });
      expect([code, stdout.match(/"id": 1524831183200260097\b/g)?.length]).toEqual([0, 1]);
    }
  });

  it('a field that the config misplaces says why', async () => {
    await configure('    fields: { action_title: payload.task.name }\n');
    const { stdout } = await fields([await payload({ type: 'action_created', action: { title: 'T' } })]);
    expect(stdout).toMatch(/^ {2}action_title\s+—\s+fields: payload\.task\.name \(No such key: task\)$/m);
  });

  it('samples; what is not JSON; what no source or none alone may have sent', async () => {
    await configure();
    const sample = await fields(['--topic', 'call.completed']);
    expect(sample.stdout).toMatch(/As allo reads it[\s\S]*Not looked for in "call\.completed": action_id,/);
    const text = await fields([await payload('hello'), '--source', 'alo']);
    expect([text.code, text.stderr]).toEqual([0, expect.stringContaining('event.json is not JSON')]);
    for (const [args, problem] of [
      [[await payload({ kind: 1 })], /Several sources may have sent this\. .*Use --source NAME/],
      [['--topic', 'nowhere'], /There is no sample of "nowhere"/],
      [['gone.json'], /gone\.json cannot be read: there is no such file/],
      [[], /One event is needed/],
    ] as const) {
      const { code, stderr } = await fields(args);
      expect([code, stderr]).toEqual([2, expect.stringMatching(problem)]);
    }
  });
});

describe('redact', () => {
  const REDACT = '    redact: [action.description, "action.assignees[*].email"]\n';

  it('what is redacted is in no file of the journal, and in no field', async () => {
    await configure(REDACT);
    const service = start(['serve', '--sandbox', '--sandbox-port', '0'], { cwd });
    const webhooks = await service.printed(/(http:\/\/\S+\/webhooks\/alo)\n/);
    const sandbox = await service.printed(/sandbox\s+(http:\S+)/);
    const args = ['send', 'action_assignment_changed', '--url', webhooks];
    // The same story again is another event: what tells them apart is not redacted.
    expect((await run([...args, '--duplicate'], { cwd })).code).toBe(0);
    await until(async () => (await readState(sandbox)).conversations[0]?.messages.length === 1);
    await until(() => service.stdout().includes('"outcome":"duplicate"'));
    service.process.kill('SIGTERM');
    expect(await service.ended()).toBe(0);

    for (const name of (await readdir(cwd)).filter((file) => file.startsWith('relay.db'))) {
      expect(await readFile(join(cwd, name), 'latin1')).not.toContain('Sensor CR-2');
    }
    const { code, stdout } = await fields(['--id', '1']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/description\s+"\[redacted\]" {2}→ action_description/);
    expect(stdout).toMatch(/email\s+"\[redacted\]"/);
    expect(stdout).toMatch(/title\s+"Cold room 2/);
    expect((await fields(['--id', 'nothing'])).stderr).toContain('no event has the id or number nothing');
  });

  it('a path that is none says where and what', async () => {
    await configure('    redact:\n      - action.title\n      - payload.data[0]\n');
    const { code, stdout } = await run(['check', '--sandbox'], { cwd });
    expect([code, stdout]).toEqual([
      1,
      expect.stringMatching(
        /config\.yaml:10:9 error bad-value: sources\.alo\.redact\[1\]: A path in the body is needed: .* data\.transcript/,
      ),
    ]);
  });
});
