import { cp, mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import type { Variables } from '../../src/config/environment.ts';
import { loadConfig } from '../../src/config/load.ts';
import { ConfigWatch } from '../../src/config/watch.ts';
import { systemClock } from '../../src/core/clock.ts';
import { streamLogger } from '../../src/core/log.ts';
import { until } from '../helpers/until.ts';

let folder: string;
let file: string;
let watch: ConfigWatch | null;
let applied: Config[];
let log: string[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'relay-watch-'));
  file = join(folder, 'config.yaml');
  await mkdir(join(folder, 'templates'));
  await template('hello', 'text: hello');
  await configure('#a');
  applied = [];
  log = [];
  watch = null;
});

afterEach(async () => {
  watch?.stop();
  await rm(folder, { recursive: true });
});

function template(name: string, text: string): Promise<void> {
  return writeFile(join(folder, 'templates', `${name}.yaml`), text);
}

function written(channel: string, { port = 3000, template = 'hello', journal = './relay.db' } = {}): string {
  return `server: { port: ${port} }
sources: { allo: { type: allo, secrets: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"] } }
routes: [{ name: "${channel}", post: { channel: "${channel}", template: ${template} } }]
journal: ${journal}
`;
}

function configure(channel: string, options?: Parameters<typeof written>[1]): Promise<void> {
  return writeFile(file, written(channel, options));
}

async function start(at = file, variables: Variables = {}): Promise<ConfigWatch> {
  const load = () => loadConfig(at, variables);
  const { config, problems } = await load();
  if (config === null) throw new Error(JSON.stringify(problems));
  const logger = streamLogger({ write: (line: string) => log.push(line) });
  watch = new ConfigWatch({ config, load, apply: (next) => applied.push(next), clock: systemClock, log: logger });
  watch.start();
  // What is there now has been seen.
  await new Promise((resolve) => setTimeout(resolve, 50));
  return watch;
}

const names = () => applied.map(({ routes }) => routes[0]?.name);

describe('a config that is watched', () => {
  it('takes effect when it is saved, and only then', async () => {
    await start();
    await configure('#b');
    await until(() => applied.length === 1);
    await configure('#c');
    await until(() => applied.length === 2);
    expect(names()).toEqual(['#b', '#c']);
  });

  it('also when an editor replaces the file by another', async () => {
    await start();
    await writeFile(join(folder, '.config.yaml.tmp'), written('#b'));
    await rename(join(folder, '.config.yaml.tmp'), file);
    await until(() => applied.length === 1);
    expect(names()).toEqual(['#b']);
  });

  it('also when a link leads elsewhere, as in a ConfigMap', async () => {
    await mkdir(join(folder, 'map'));
    for (const [version, channel] of [
      ['v1', '#a'],
      ['v2', '#b'],
    ] as const) {
      await configure(channel);
      await cp(folder, join(tmpdir(), `${folder.split('/').at(-1)}-${version}`), {
        recursive: true,
        filter: (path) => !path.endsWith('/map'),
      });
    }
    const version = (name: string) => join(tmpdir(), `${folder.split('/').at(-1)}-${name}`);
    await symlink(version('v1'), join(folder, 'map', '..data'));
    await symlink(join('..data', 'config.yaml'), join(folder, 'map', 'config.yaml'));
    await symlink(join('..data', 'templates'), join(folder, 'map', 'templates'));
    await start(join(folder, 'map', 'config.yaml'));
    await symlink(version('v2'), join(folder, 'map', '..data_tmp'));
    await rename(join(folder, 'map', '..data_tmp'), join(folder, 'map', '..data'));
    await until(() => applied.length === 1);
    expect(names()).toEqual(['#b']);
    for (const name of ['v1', 'v2']) await rm(version(name), { recursive: true });
  });

  it('also when the file of a variable changes, is gone for a while, or is a link that leads elsewhere', async () => {
    const secret = join(folder, 'channel');
    await writeFile(secret, '#a\n');
    await configure('${CHANNEL}');
    const watch = await start(file, { CHANNEL_FILE: secret });
    await writeFile(secret, '#b\n');
    await until(() => applied.length === 1);
    await rm(secret);
    await until(() => watch.trouble);
    await writeFile(join(folder, 'other'), '#c\n');
    await symlink('other', secret);
    await until(() => applied.length === 2);
    expect(names()).toEqual(['#b', '#c']);
  });

  it('also when the file comes that a new variable needs', async () => {
    const secret = join(folder, 'channel');
    const watch = await start(file, { CHANNEL_FILE: secret });
    await configure('${CHANNEL}');
    expect(await until(() => watch.trouble?.detail)).toContain('CHANNEL_FILE');
    await writeFile(secret, '#b\n');
    await until(() => applied.length === 1);
    expect([names(), watch.trouble]).toEqual([['#b'], null]);
  });

  it('with a mistake leaves the rules as they are, says where it is, and takes effect once mended', async () => {
    const watch = await start();
    await configure('#b', { template: 'helo' });
    const trouble = await until(() => watch.trouble?.detail);
    expect(trouble).toContain(`config.yaml:3:`);
    expect(trouble).toContain('Did you mean "hello"?');
    expect(log.join('')).toContain('the rules from before stay in force');
    expect(applied).toEqual([]);
    await configure('#c');
    await until(() => applied.length === 1);
    expect([names(), watch.trouble]).toEqual([['#c'], null]);
  });

  it('tells a mistake in one line, without the caret that is for a terminal', async () => {
    const watch = await start();
    await writeFile(file, written('#b').replace('post:', "when: 'event.topic ==', post:"));
    const trouble = await until(() => watch.trouble?.detail);
    expect(trouble).toContain('config.yaml:3:');
    expect(trouble).not.toMatch(/\n|\^/);
    expect(log.join('')).toContain('config.yaml:3:');
    expect(log.join('')).not.toContain('^');
  });

  it('a template and the route that uses it may be saved one after the other', async () => {
    const watch = await start();
    await configure('#b', { template: 'later' });
    await until(() => watch.trouble);
    await template('later', 'text: later');
    await until(() => applied.length === 1);
    expect(applied[0]?.templates.has('later')).toBe(true);
  });

  it('what cannot change live is named', async () => {
    await start();
    await configure('#b', { port: 4000 });
    await until(() => applied.length === 1);
    expect(log.filter((line) => line.includes('Restart the service')).map((line) => JSON.parse(line).key)).toEqual([
      'server.port',
    ]);
  });

  it('of the journal it is told that it changed, and nothing more', async () => {
    const database = (password: string) => `postgres://relay:${password}@db.example.com/relay`;
    await configure('#a', { journal: database('hunter1') });
    await start();
    await configure('#b', { journal: database('hunter2') });
    await until(() => applied.length === 1);
    expect(log.filter((line) => line.includes('Restart the service')).map((line) => JSON.parse(line).key)).toEqual([
      'journal',
    ]);
    expect(log.join('')).not.toContain('hunter');
  });

  it('a file that is gone for a moment is no reason to forget anything', async () => {
    const watch = await start();
    await rm(file);
    expect(await until(() => watch.trouble?.detail)).toContain('There is no such file');
    await configure('#a');
    await until(() => applied.length === 1);
    expect(watch.trouble).toBeNull();
  });

  it('is loaded when asked, changed or not', async () => {
    const watch = await start();
    await watch.reload();
    expect(names()).toEqual(['#a']);
  });
});
