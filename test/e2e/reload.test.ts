import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Home, makeHome } from '../helpers/home.ts';
import { until } from '../helpers/until.ts';

const EDITS = 100;

let home: Home;

beforeEach(async () => {
  home = await makeHome();
  await edit(0);
});

afterEach(() => home.remove());

/** The route and its template belong together: each message says by which of both it was made. */
async function edit(version: number, { broken = false } = {}): Promise<void> {
  await home.template(`t${version}`, `{{ event.payload.data.n }} by ${version}`);
  const verb = broken ? 'posst' : 'post';
  const route = `{ name: r${version}, ${verb}: { channel: "#c${version}", template: t${version} } }`;
  await home.configure({ routes: `[${route}]` });
}

const send = async (url: string, n: number) => (await home.send(url, n)).status;

describe('editing while events come in', () => {
  it('no event is refused, and each is sent by one whole set of rules', { timeout: 90_000 }, async () => {
    const { program, url } = await home.serve();
    let sent = 0;
    let editing = true;
    const statuses = new Set<number>();
    const load = Array.from({ length: 8 }, async () => {
      while (editing) statuses.add(await send(url, sent++));
    });
    for (let version = 1; version <= EDITS; version++) {
      await edit(version, { broken: version % 2 === 0 });
      // Not every edit is taken before the next one is made; SIGHUP asks for it.
      program.process.kill('SIGHUP');
      await new Promise((resolve) => setTimeout(resolve, 30));
    }
    editing = false;
    await Promise.all(load);
    expect([...statuses]).toEqual([200]);
    await until(() => home.messages().length === sent);
    const made = home.messages().map((message) => /^c(\d+) \d+ by (\d+)$/.exec(message)?.slice(1));
    expect(made.filter((it) => it === undefined || it[0] !== it[1])).toEqual([]);
    const versions = new Set(made.map((it) => Number(it?.[0])));
    expect(versions.size).toBeGreaterThan(3);
    expect([...versions].filter((version) => version > 0 && version % 2 === 0)).toEqual([]);
  });

  it('a mistake is told by /readyz, which stays green, until it is mended', async () => {
    const { url } = await home.serve();
    const ready = async () => {
      const response = await fetch(new URL('/readyz', url));
      return { status: response.status, text: await response.text() };
    };
    await edit(1, { broken: true });
    const told = await until(async () => {
      const answer = await ready();
      return answer.text.includes('posst') && answer;
    });
    expect([told.status, told.text.includes('config.yaml:8:')]).toEqual([200, true]);
    expect(await send(url, 1)).toBe(200);
    await until(() => home.messages().includes('c0 1 by 0'));
    await edit(2);
    await until(async () => !(await ready()).text.includes('posst'));
    expect(await send(url, 2)).toBe(200);
    await until(() => home.messages().includes('c2 2 by 2'));
  });
});
