/** A folder in which the real program runs as a process, against a sandbox: its config, its template, its journal. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Secret } from '../../src/core/secret.ts';
import { type Sandbox, startSandbox } from '../../src/sandbox/server.ts';
import { sign } from '../../src/sources/sign.ts';
import { killAll, type Program, start } from './program.ts';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

export interface Home {
  readonly cwd: string;
  readonly sandbox: Sandbox;
  /** Lines of the config that differ from the usual ones, by key. */
  configure(lines: Readonly<Record<string, string>>): Promise<void>;
  template(name: string, text: string): Promise<void>;
  serve(): Promise<{ program: Program; url: string }>;
  /** Sends event `n`. */
  send(url: string, n: number, data?: object): Promise<Response>;
  /** `channel text` of every message, channel by channel. */
  messages(): string[];
  remove(): Promise<void>;
}

/** With a template `hello` that shows an event's number, and a route that posts it to #a. */
export async function makeHome(): Promise<Home> {
  const cwd = await mkdtemp(join(tmpdir(), 'relay-home-'));
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
    async configure(lines) {
      const written = Object.entries({ ...usual, ...lines }).map(([key, value]) => `${key}: ${value}\n`);
      await writeFile(join(cwd, 'config.yaml'), written.join(''));
    },
    template: (name, text) => writeFile(join(cwd, 'templates', `${name}.yaml`), `text: "${text}"\n`),
    async serve() {
      const program = start(['serve'], { cwd });
      return { program, url: await program.printed(/(http:\S+\/webhooks\/allo)/) };
    },
    send(url, n, data = {}) {
      const body = JSON.stringify({ topic: 'x', data: { n, ...data } });
      const secret = new Secret(SECRET);
      const headers = sign({ type: 'allo', secret, body, messageId: `msg_${n}`, nowMs: Date.now() });
      return fetch(url, { method: 'POST', headers, body });
    },
    messages: () =>
      sandbox.workspace.conversations.flatMap(({ name, timeline }) => timeline.map(({ text }) => `${name} ${text}`)),
    async remove() {
      killAll();
      await sandbox.close();
      await rm(cwd, { recursive: true, force: true });
    },
  };
  await mkdir(join(cwd, 'templates'));
  await home.template('hello', '{{ event.payload.data.n }}');
  await home.configure({});
  return home;
}
