/** What a stranger's webhook can ask for, against the real program: it stays up, says what it left out, and goes on. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { freePort } from '../helpers/free-port.ts';
import { type Home, makeHome, type Serving } from '../helpers/home.ts';
import { until } from '../helpers/until.ts';

const EACH = `
text: "{{ event.id }}"
blocks:
  - each: p in event.assignees.current
    when: event.assignees.added.exists(a, a.id == p.id)
    type: section
    text: { type: mrkdwn, text: "{{ p.name }}" }
`;

const NESTED = 'event.assignees.current.exists(p, event.assignees.added.exists(a, a.id + "x" == p.id))';

const ROUTES = `
  - { name: each, on: each, post: { channel: "#a", template: each } }
  - { name: when, on: when, when: '${NESTED}', post: { channel: "#a", template: hello } }
  - { name: pattern, on: pattern, when: 'event.payload.data.title.matches("^(\\\\w+\\\\s?)*:$")', post: { channel: "#a", template: hello } }
  - { name: many, on: many, dm: { to: event.payload.data.people, template: hello } }
  - { name: other, on: [plain, many], post: { channel: "#b", template: hello } }`;

/** About 240 kB of JSON. */
const PEOPLE = Array.from({ length: 14_000 }, (_, n) => ({ id: `p${n}` }));

let home: Home;

beforeEach(async () => {
  home = await makeHome();
  const people = 'payload.data.people';
  await home.configure({
    admin: `{ port: ${await freePort()} }`,
    sources: `{ allo: { type: allo, secrets: ["${home.secret}"], fields: { assignees_current: ${people}, assignees_added: ${people} } } }`,
    routes: ROUTES,
  });
  await writeFile(join(home.cwd, 'templates', 'each.yaml'), EACH);
});

afterEach(() => home.remove());

const healthy = async ({ url }: Serving) => (await fetch(new URL('/healthz', url))).status;

async function sent(serving: Serving, n: number, topic: string, data: object = {}): Promise<void> {
  const [answer, health] = await Promise.all([home.send(serving.url, n, { topic, data }), healthy(serving)]);
  expect([answer.status, health]).toEqual([200, 200]);
}

/** `route state code` of every delivery, from the newest. */
async function outcomes(): Promise<string[]> {
  const { code, stdout, stderr } = await home.run(['deliveries', '--json']);
  expect([code, stderr]).toEqual([0, '']);
  const lines = stdout.split('\n').filter((line) => line !== '');
  return lines.map((line) => {
    const { route, state, reason } = JSON.parse(line);
    return [route, state, reason?.code].filter(Boolean).join(' ');
  });
}

describe('an event that is too much work', () => {
  it.each(['each', 'when'])('by its %s is dead with that reason; others arrive, also after a kill', async (topic) => {
    const first = await home.serve();
    await sent(first, 1, topic, { people: PEOPLE });
    await sent(first, 2, 'plain');
    await until(() => home.messages().includes('b 2'));
    await until(async () => (await outcomes()).includes(`${topic} dead too_much_work`));
    first.program.process.kill('SIGKILL');
    await first.program.ended();

    const second = await home.serve();
    expect(await healthy(second)).toBe(200);
    await sent(second, 3, 'plain');
    await until(() => home.messages().includes('b 3'));
    await until(async () => (await outcomes()).every((outcome) => !/ (?:pending|sending)/.test(outcome)));
    expect(await outcomes()).toEqual(['other sent', 'other sent', `${topic} dead too_much_work`]);
    expect(home.messages()).toEqual(['b 2', 'b 3']);
  });

  it('answered right before a kill, is dead after the restart', async () => {
    const first = await home.serve();
    await sent(first, 1, 'each', { people: PEOPLE });
    first.program.process.kill('SIGKILL');
    await first.program.ended();
    const second = await home.serve();
    await sent(second, 2, 'plain');
    await until(async () => (await outcomes()).includes('each dead too_much_work'));
    await until(() => home.messages().includes('b 2'));
  });

  it('is none for a pattern that backtracks elsewhere: RE2 takes linear time', async () => {
    const serving = await home.serve();
    await sent(serving, 1, 'pattern', { title: `${'a'.repeat(40)}!` });
    await sent(serving, 2, 'pattern', { title: `${'word '.repeat(40_000)}!` });
    await sent(serving, 3, 'pattern', { title: 'two words:' });
    await until(async () => (await outcomes()).includes('pattern sent'));
    expect(await outcomes()).toEqual(['pattern sent']);
    expect(home.messages()).toEqual(['a 3']);
  });

  it('by a configured field, is named in the log and by explain', async () => {
    const fields = `{ subject: 'payload.data.people.exists(a, payload.data.people.exists(b, a.id + "x" == b.id)) ? "a" : "b"' }`;
    await home.configure({
      admin: `{ port: ${await freePort()} }`,
      sources: `{ allo: { type: allo, secrets: ["${home.secret}"], fields: ${fields} } }`,
    });
    const serving = await home.serve();
    await sent(serving, 1, 'plain', { people: PEOPLE });
    await until(() => home.messages().includes('a 1'));
    const note = /"key":"fields\.subject","note":"It is too much work: [^"]+; the field is left empty\./;
    await serving.program.printed(new RegExp(`(${note.source})`));
    await writeFile(join(home.cwd, 'event.json'), JSON.stringify({ topic: 'plain', data: { people: PEOPLE } }));
    const told = await home.run(['explain', 'event.json']);
    expect(told.stdout).toContain('\nfields.subject: It is too much work: ');
    const json = JSON.parse((await home.run(['explain', 'event.json', '--json'])).stdout);
    expect(json.notes).toMatchObject([{ key: 'fields.subject' }]);
  });
});

describe('an event for 8,000 people', () => {
  it('makes 100 deliveries and lists the rest; another channel gets its messages, and memory stays bounded', async () => {
    const serving = await home.serve();
    await sent(serving, 1, 'plain');
    const before = await peakBytes(serving);
    const people = Array.from({ length: 8_000 }, (_, n) => `person-${n}@example.com`);
    await sent(serving, 2, 'many', { people });
    await sent(serving, 3, 'plain');
    await until(() => home.messages().includes('b 3'));
    await until(async () => (await outcomes()).every((outcome) => !/ (?:pending|sending)/.test(outcome)), 30_000);
    const found = await outcomes();
    expect(found.filter((outcome) => outcome === 'many dead too_many_deliveries')).toHaveLength(1);
    expect(found.filter((outcome) => outcome.startsWith('many '))).toHaveLength(101);
    expect(found.filter((outcome) => outcome.startsWith('other '))).toEqual([
      'other sent',
      'other dead too_many_deliveries',
      'other sent',
    ]);
    expect((await peakBytes(serving)) - before).toBeLessThan(400 * 2 ** 20);
  });
});

/** The most memory that the process has had; 0 where the system does not tell. */
async function peakBytes({ program }: Serving): Promise<number> {
  const status = await readFile(`/proc/${program.process.pid}/status`, 'utf8').catch(() => '');
  return Number(/^VmHWM:\s+(\d+) kB/m.exec(status)?.[1] ?? 0) * 1024;
}
