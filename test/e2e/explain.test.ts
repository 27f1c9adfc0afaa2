import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../helpers/free-port.ts';
import { makeFolder, removeFolder } from '../helpers/home.ts';
import { run, start } from '../helpers/program.ts';
import { readState } from '../helpers/state.ts';

const EXPLAIN = ['explain', '--config', 'config.example.yaml'];

const OF_SANDBOX = 'alo-relay: this is the journal of the sandbox (serve --sandbox).\n';

let cwd: string;

beforeEach(async () => {
  cwd = await makeFolder('config.example.yaml', 'templates');
});

afterEach(() => removeFolder(cwd));

const explain = (...args: string[]) => run([...EXPLAIN, ...args], { cwd });

describe('explain', () => {
  it('a payload, without any secret: each route, what decided, the message, a link', async () => {
    await writeFile(
      join(cwd, 'event.json'),
      JSON.stringify({
        type: 'action_status_updated',
        actor: { name: 'Mei\u001B[31m', kind: 'user' },
        action: { id: 7, title: 'Count the tills', status: 'Open' },
      }),
    );
    const { code, stdout, stderr } = await explain('event.json', '--at', '2026-03-03 12:00', '--links');
    expect([code, stderr]).toEqual([0, '']);
    const [head, time, , ...lines] = stdout.split('\n');
    expect([head, time]).toEqual([
      'action_status_updated  from alo, about 7, "Count the tills", by Mei�[31m (user)',
      'Tue 2026-03-03 12:00 Europe/Paris',
    ]);
    expect(lines.slice(0, 6)).toEqual([
      '✓ action card',
      '  → card in #alo-actions',
      '    │ Count the tills',
      '    │ *Status* Open',
      '– chat in the thread   another topic',
      '– tell the assignee    another topic',
    ]);
    expect(lines[6]).toBe(
      '✗ done                 event.action.status == "Completed" is false (event.action.status is "Open")',
    );
    expect(stdout).toContain('1 of 11 routes take it. 1 delivery.\n');
    expect(stdout).toMatch(/\n {2}action card: https:\/\/app\.slack\.com\/block-kit-builder\/#%7B%22blocks%22\S+\n$/);
  });

  it('what is held, what is urgent, what is counted', async () => {
    const night = await explain('--topic', 'action_assignment_changed', '--story', '1', '--at', '2026-03-03 23:00');
    expect(night.stdout).toContain(
      '    held until Wed 2026-03-04 08:00 Europe/Paris; not urgent: event.action.priority == "Critical" is false (event.action.priority is "Normal")\n',
    );
    expect(night.stdout).toContain('2 deliveries (1 held).');
    const urgent = await explain('--topic', 'action_assignment_changed', '--at', '2026-03-03 23:00');
    expect(urgent.stdout).toContain('  It passes through the quiet hours: event.action.priority == "Critical" is true');
    const nobody = join(cwd, 'nobody.json');
    await writeFile(nobody, JSON.stringify({ type: 'action_assignment_changed', action: { id: 7, priority: 'Low' } }));
    const unowed = await explain(nobody, '--source', 'alo', '--at', '2026-03-03 23:00');
    expect(unowed.stdout).toContain('✓ tell the assignee\n');
    expect(unowed.stdout).not.toMatch(/quiet hours|urgent/);
    const storm = await explain('--topic', 'call.completed', '--story', '1');
    expect(storm.stdout).toContain('    only the 5th within 10 minutes is sent, and says how many\n');
    expect(storm.stdout).toContain('– call ended           not reached: "voicemail" ends the reading\n');
  });

  it('--json', async () => {
    const { code, stdout } = await explain('--topic', 'action_message_added', '--json', '--at', '2026-03-03T11:00Z');
    expect(code).toBe(0);
    const { event, at, routes } = JSON.parse(stdout);
    expect([event.topic, event.received_at, at]).toEqual(['action_message_added', at, '2026-03-03T11:00:00.000Z']);
    const [card, chat] = routes;
    expect(card).toMatchObject({
      name: 'action card',
      taken: false,
      why: 'other_topic',
      decided: null,
      deliveries: [],
    });
    expect(chat).toMatchObject({
      taken: true,
      why: 'taken',
      decided: {
        part: 'event.actor.kind != "bot"',
        value: true,
        missing: null,
        looked_at: [{ field: 'event.actor.kind', value: 'user', missing: null }],
      },
      deliveries: [
        {
          verb: 'reply',
          channel: '#alo-actions',
          template: 'action_message_added',
          held_until: null,
          at_least: null,
          fault: null,
          message: { plain: expect.stringContaining('*Maria Santos*\nStock'), blocks: null },
          thread_root: { summary: 'Cold room 2 is above 8 °C' },
        },
      ],
    });
  });

  it('what would be refused: exit 1, and why', async () => {
    await writeFile(
      join(cwd, 'event.json'),
      JSON.stringify({
        type: 'action_assignment_changed',
        action: { id: 1 },
        changes: { assignees: { added: [{ name: 'A' }] } },
      }),
    );
    const { code, stdout } = await explain('event.json', '--source', 'alo');
    expect([code, stdout]).toEqual([
      1,
      expect.stringContaining('✗ It would end as dead. Nobody in Slack matches this person'),
    ]);
  });

  it.each([
    [[], 2, /One event is needed/],
    [['a.json', '--topic', 'x'], 2, /One event is needed/],
    [['none.json'], 2, /none\.json cannot be read: there is no such file/],
    [['--topic', 'action_creatd'], 2, /Did you mean "action_created"\?/],
    [['--topic', 'sms.sent', '--source', 'al'], 2, /no source "al".*Did you mean "alo"\?/],
    [['--topic', 'sms.sent', '--at', 'noonish'], 2, /--at: A time is needed/],
    [['--topic', 'sms.sent', '--send-to', '#a'], 2, /needs slack\.token/],
    [['config.example.yaml'], 2, /Several sources may have sent this.*--source NAME/],
    [['--topic', 'sms.sent', '--config', 'none.yaml'], 1, /none\.yaml:1:1 error config-unreadable/],
    [['--id', '3'], 1, /not set|no journal/],
  ])('%j: exit %i', async (args, expected, message) => {
    const { code, stderr } = await explain(...args);
    expect([code, stderr]).toEqual([expected, expect.stringMatching(message)]);
  });

  it('an event that came in, from the running service and from its journal; and a preview in Slack', async () => {
    const file = join(cwd, 'config.example.yaml');
    const config = (await readFile(file, 'utf8')).replace('port: 3001', `port: ${await freePort()}`);
    await writeFile(file, config);
    const env = { PORT: '0' };
    const service = start(['serve', '--config', 'config.example.yaml', '--sandbox', '--sandbox-port', '0'], {
      cwd,
      env,
    });
    const webhooks = await service.printed(/(http:\/\/localhost:\d+\/webhooks\/allo)\n/);
    const sandbox = await service.printed(/sandbox\s+(http:\S+)/);
    await run(['send', 'call.received', '--config', 'config.example.yaml', '--url', webhooks], { cwd, env });

    const live = await run([...EXPLAIN, '--id', '1'], { cwd, env });
    expect([live.code, live.stderr]).toEqual([0, OF_SANDBOX]);
    expect(live.stdout).toContain(
      '✓ call begins\n  → post in #phones\n    │ :telephone_receiver: *Call from Marie Dupont*',
    );

    await writeFile(file, config.replace('slack:\n', `slack:\n  api_url: ${new URL('api/', sandbox)}\n`));
    const token = { ...env, SLACK_BOT_TOKEN: 'xoxb-sandbox' };
    const preview = await run([...EXPLAIN, '--topic', 'call.received', '--send-to', '#previews'], { cwd, env: token });
    expect([preview.code, preview.stderr]).toEqual([0, '✓ preview of "call begins" posted to #previews\n']);
    const dm = await run([...EXPLAIN, '--topic', 'call.received', '--send-to', '@maria@example.com'], {
      cwd,
      env: token,
    });
    expect([dm.code, dm.stderr]).toEqual([0, '✓ preview of "call begins" posted to @maria@example.com\n']);
    const { conversations } = await readState(sandbox);
    const shown = conversations.find(({ name }) => name === 'previews')?.messages.map(({ text }) => text);
    expect(shown).toEqual(['Preview: Call from Marie Dupont']);
    expect(conversations.map(({ name }) => name)).toContain('Maria');
    const raw = await (await fetch(new URL('_sandbox/state', sandbox))).text();
    expect(raw).toContain('_Preview by alo-relay explain: post in #phones, by \\"call begins\\"_');

    service.process.kill('SIGTERM');
    await service.ended();
    const kept = await run([...EXPLAIN, '--id', '1'], { cwd, env: { ...env, SLACK_BOT_TOKEN: 'x' } });
    expect([kept.code, kept.stdout]).toEqual([0, live.stdout]);
    const unknown = await run([...EXPLAIN, '--id', 'nope'], { cwd, env: { ...env, SLACK_BOT_TOKEN: 'x' } });
    expect([unknown.code, unknown.stderr]).toEqual([1, expect.stringContaining('no event has the id or number nope')]);
  }, 60_000);
});
