/** A folder in which the real program runs as a process, against a sandbox: its config, its template, its journal. */
import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { Secret } from '../../src/core/secret.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { killAll, type Program, run, start } from './program.ts';
import { sign } from './sign.ts';

const ROOT = resolve(import.meta.dirname, '../..');
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

export interface Serving {
  readonly program: Program;
  /** Where its webhooks are taken. */
  readonly url: string;
}

export interface Home {
  readonly cwd: string;
  readonly sandbox: Sandbox;
  /** Of the source `allo`. */
  readonly secret: string;
  /** Lines of the config that differ from the usual ones, by key. */
  configure(lines: Readonly<Record<string, string>>, file?: string): Promise<void>;
  template(name: string, text: string): Promise<void>;
  /** `env`: instead of the home's. */
  serve(env?: Record<string, string>): Promise<Serving>;
  /** Runs a command to its end. `env`: instead of the home's. */
  run(args: readonly string[], env?: Record<string, string>): ReturnType<typeof run>;
  /** Sends event `n`. */
  send(url: string, n: number, event?: { topic?: string; data?: object }): Promise<Response>;
  /** `channel text` of every message, channel by channel. */
  messages(): string[];
  remove(): Promise<void>;
}

/** With a template `hello` that shows an event's number, and a route that posts it to #a. `env`: of what runs in it. */
export async function makeHome({ env: own = {} }: { env?: Record<string, string> } = {}): Promise<Home> {
  const cwd = await makeFolder();
  const sandbox = await startSandbox({ port: 0, limits: null });
  const usual = {
    server: '{ host: 127.0.0.1, port: 0 }',
    admin: '{ port: 0 }',
    journal: './relay.db',
    sources: `{ allo: { type: allo, secrets: ["${SECRET}"] } }`,
    slack: `{ token: xoxb-1, api_url: "${sandbox.apiUrl}" }`,
    delivery: '{ per_channel: { per_second: 1000, burst: 1000 }, retry: { first: 20ms, max: 200ms }, merge: false }',
    templates: './templates',
    routes: '[{ post: { channel: "#a", template: hello } }]',
  };
  const home: Home = {
    cwd,
    sandbox,
    secret: SECRET,
    async configure(lines, file = 'config.yaml') {
      const written = Object.entries({ ...usual, ...lines }).map(([key, value]) => `${key}: ${value}\n`);
      await writeFile(join(cwd, file), written.join(''));
    },
    template: (name, text) => writeFile(join(cwd, 'templates', `${name}.yaml`), `text: "${text}"\n`),
    async serve(env = own) {
      const program = start(['serve'], { cwd, env });
      return { program, url: await program.printed(/(http:\S+\/webhooks\/allo)/) };
    },
    run: (args, env = own) => run(args, { cwd, env }),
    send(url, n, { topic = 'x', data = {} } = {}) {
      const body = JSON.stringify({ topic, data: { n, ...data } });
      const secret = new Secret(SECRET);
      const headers = sign({ type: 'allo', secret, body, messageId: `msg_${n}`, nowMs: Date.now() });
      return fetch(url, { method: 'POST', headers, body });
    },
    messages: () =>
      sandbox.workspace.conversations.flatMap(({ name, timeline }) => timeline.map(({ text }) => `${name} ${text}`)),
    async remove() {
      await sandbox.close();
      await removeFolder(cwd);
    },
  };
  await mkdir(join(cwd, 'templates'));
  await home.template('hello', '{{ event.payload.data.n }}');
  await home.configure({});
  return home;
}

/** A new folder, with copies of what is named of this repository. */
export async function makeFolder(...copied: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'relay-home-'));
  for (const name of copied) await cp(join(ROOT, name), join(folder, name), { recursive: true });
  return folder;
}

/** What still runs ends as well. */
export async function removeFolder(folder: string): Promise<void> {
  killAll();
  // They may still be on their way out, and write.
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
