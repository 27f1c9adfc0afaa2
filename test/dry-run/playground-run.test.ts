import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { dryRun } from '../../src/dry-run/dry-run.ts';
import { chooseSample, eventFrom } from '../../src/dry-run/event.ts';
import { explainJson } from '../../src/dry-run/explain-json.ts';
import { loadWith } from '../helpers/example.ts';
import { NOON, playgrounds, SAMPLE, VARIABLES } from './playgrounds.ts';

const { example, folder, open, tried } = playgrounds();

describe('a dry run of the playground', () => {
  it('is what explain --json says, of a sample and of a stored event', async () => {
    const choice = chooseSample({ topic: 'action_assignment_changed', name: undefined }, example().sources);
    if (!choice.ok) throw new Error(choice.problem);
    const { source, sample } = choice.value;
    const { event } = eventFrom(source, JSON.stringify(sample.build({ index: 2, nowMs: NOON })), NOON);
    const expected = JSON.parse(JSON.stringify(explainJson(await dryRun(event, example(), { at: NOON }))));
    const playground = open(undefined, { stored: async (number) => (number === 3 ? event : null) });
    const ofSample = await tried({ event: { topic: event.topic, story: 2 }, at: NOON }, playground);
    expect(ofSample).toEqual({ problems: [], runs: [expected], preview: null });
    expect((await tried({ event: { number: 3 } }, playground)).runs).toEqual([expected]);
  });

  it('takes the edited template and routes, and the template by itself where no route uses it', async () => {
    const routes = { text: '- { name: mine, post: { channel: "#x", template: mine } }', line: 1 };
    const template = { name: 'mine', text: 'text: "*{{ event.action.title }}* <b>"' };
    const { runs, preview } = await tried({ ...SAMPLE, routes, template });
    const message = runs[0]?.routes[0]?.deliveries[0]?.message;
    expect(message?.text).toMatch(/^\*.+\* <b>$/);
    expect(preview).toEqual({ message, fault: null });
    const alone = await tried({ ...SAMPLE, template });
    expect(alone.preview).toEqual(preview);
    expect(alone.problems).toMatchObject([{ file: 'template', severity: 'warning', code: 'unused-template' }]);
  });

  it('looks up no variable but those that only the routes of the file use', async () => {
    const file = join(folder(), 'variables.yaml');
    const own = '  - { name: own, post: { channel: "#${TEAM_CHANNEL}", template: any_event } }\n';
    await writeFile(file, `${(await readFile(join(folder(), 'config.yaml'), 'utf8')).trimEnd()}\n${own}`);
    const names = ['TEAM_CHANNEL', 'SLACK_BOT_TOKEN', 'HOME', 'ALO_WEBHOOK_SECRET'];
    const text = names.map((name) => `- { name: ${name}, post: { channel: "#a-\${${name}}", template: any_event } }`);
    const routes = { text: `${text.join('\n')}\n- { stop: true, when: 'event.topic == "\${HOME:-x}"' }`, line: 1 };
    const config = await loadWith(VARIABLES, file);
    const answer = await tried(
      { ...SAMPLE, routes },
      open(() => config),
    );
    const channels = answer.runs[0]?.routes.flatMap(({ deliveries }) => deliveries.map(({ channel }) => channel));
    expect(channels).toEqual(['#a-from-the-environment', ...names.slice(1).map((name) => `#a-\${${name}}`)]);
    expect(answer.problems.map(({ code, severity, line }) => [code, severity, line])).toEqual(
      [2, 3, 4].map((line) => ['variable-not-read', 'warning', line]),
    );
    expect(answer.runs[0]?.routes.at(-1)?.detail).toContain('event.topic == "x" is false');
  });
});
