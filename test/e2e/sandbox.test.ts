import { existsSync } from 'node:fs';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { freePort } from '../helpers/free-port.ts';
import { type Home, makeHome } from '../helpers/home.ts';
import { type Program, start } from '../helpers/program.ts';
import { readState } from '../helpers/state.ts';
import { until } from '../helpers/until.ts';

const NOTE = 'alo-relay: this is the journal of the sandbox (serve --sandbox).\n';
/** Whatever the time is, one of them holds. */
const QUIET = `{ one: { timezone: UTC, from: "00:00", to: "12:00" }, two: { timezone: UTC, from: "12:00", to: "00:00" } }`;

let home: Home;

beforeEach(async () => {
  home = await makeHome();
});

afterEach(() => home.remove());

async function configure({ journal = './relay.db', held = false }): Promise<void> {
  const port = await freePort();
  const quiet = held ? ', quiet_hours: [one, two]' : '';
  await home.configure({
    admin: `{ port: ${port} }`,
    journal,
    quiet_hours: QUIET,
    routes: `[{ name: hello, dm: { to: '"maria@example.com"', template: hello }${quiet} }]`,
  });
}

async function sandbox(): Promise<{ program: Program; webhooks: string; page: string }> {
  const program = start(['serve', '--sandbox', '--sandbox-port', '0'], { cwd: home.cwd });
  const webhooks = await program.printed(/(http:\S+\/webhooks\/allo)/);
  return { program, webhooks, page: await program.printed(/sandbox\s+(http:\S+)/) };
}

async function stop(program: Program): Promise<void> {
  program.process.kill('SIGTERM');
  expect(await program.ended()).toBe(0);
}

const stdoutOf = async (...args: string[]) => {
  const { code, stdout, stderr } = await home.run(args);
  expect([code, stderr]).toEqual([0, NOTE]);
  return stdout;
};

it('what the sandbox holds never reaches the real journal; commands find it while it runs, and after', async () => {
  await configure({ held: true });
  const { program, webhooks } = await sandbox();
  const sent = await home.run(['send', 'call.completed', '--url', webhooks, '--json']);
  expect(sent).toMatchObject({ code: 0, stderr: '' });
  const { id } = JSON.parse(sent.stdout);
  expect(await stdoutOf('deliveries', '--event', id)).toMatch(/\n1 delivery: 1 held\./);
  expect(await stdoutOf('explain', '--id', id)).toContain('call.completed');
  expect(await stdoutOf('fields', '--id', id)).toContain('call.completed');
  // An id was named, and there is nothing to do: exit 1.
  const replay = await home.run(['replay', id, '--dry-run']);
  expect(replay).toMatchObject({ code: 1, stderr: NOTE, stdout: expect.stringContaining('Nothing to send again') });
  expect((await home.run(['doctor'])).stdout).toMatch(
    /· The sandbox answers at http:\S+\. It has a journal of its own\./,
  );
  await stop(program);
  expect(await stdoutOf('deliveries', '--state', 'held')).toContain(`${id})\n`);

  expect(existsSync(`${home.cwd}/relay.db`)).toBe(false);
  expect(existsSync(`${home.cwd}/data/relay.sandbox.db`)).toBe(true);
  const real = await home.serve();
  expect(await home.run(['deliveries'])).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/^No deliveries yet/),
  });
  await stop(real.program);
  expect(home.messages()).toEqual([]);
}, 60_000);

it('a journal in a database that is not known here: the sandbox runs, and the commands name the variable', async () => {
  await configure({ journal: '"${DATABASE_URL}"' });
  const unknown = await home.run(['deliveries']);
  expect(unknown).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('address needs DATABASE_URL, which is not set here'),
  });
  const { program, webhooks } = await sandbox();
  expect((await home.run(['send', 'call.completed', '--url', webhooks])).code).toBe(0);
  await until(async () => /1 sent/.test((await home.run(['deliveries'])).stdout));
  await stop(program);
});

it('people keep their names over a restart', async () => {
  await configure({});
  const names = async (events: number) => {
    const { program, webhooks, page } = await sandbox();
    for (let n = 0; n < events; n++)
      expect((await home.run(['send', 'call.completed', '--story', `${n}`, '--url', webhooks])).code).toBe(0);
    const { conversations } = await until(async () => {
      const state = await readState(page);
      return state.conversations[0]?.messages.length === events && state;
    });
    await stop(program);
    return conversations.map(({ name }) => name);
  };
  expect(await names(1)).toEqual(['Maria']);
  expect(await names(1)).toEqual(['Maria']);
});
