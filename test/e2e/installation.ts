import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { expect, onTestFinished } from 'vitest';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts';
import { freePort } from '../helpers/free-port.ts';
import { makeFolder, removeFolder } from '../helpers/home.ts';
import { run } from '../helpers/program.ts';

const TEMPLATES = resolve(import.meta.dirname, '../../templates');

/** What the configs ask of the environment. */
export const ENV = { TOKEN: 'xoxb-not-to-be-shown', SECRET: 'alo-secret-not-to-be-shown-0123' };

export const ROUTES = `
  - { name: card, card: { channel: "#alo", template: action_card } }
  - { name: tell, dm: { to: event.assignees.added, template: assigned_to_you } }
  - { name: done, react: { channel: "#alo", emoji: tada } }
  - { name: team, post: { channel: "#team-{{ event.action.team | slug }}", template: any_event } }`;

interface Setting {
  readonly apiUrl: string;
  readonly port?: number;
  readonly adminPort?: number;
  readonly source?: string;
  readonly map?: string;
  readonly routes?: string;
  readonly journal?: string;
  /** For one call. */
  readonly timeout?: string;
}

export type Found = Record<string, [status: string, message: string][]>;

/** A folder with a config, that `doctor` is to look at. */
export interface Installation {
  readonly cwd: string;
  /** Ports where nothing listens. */
  readonly nobody: readonly [number, number];
  /** Writes the config that the command then reads. The ports are of nobody unless they are named. */
  configure(setting: Setting): Promise<void>;
  /** What the command finds, by the title of its section, and its exit code. */
  diagnose(env?: Record<string, string>): Promise<{ code: unknown; found: Found }>;
}

/** It goes with the test. */
export async function makeInstallation(): Promise<Installation> {
  const cwd = await makeFolder();
  onTestFinished(() => removeFolder(cwd));
  const nobody = [await freePort(), await freePort()] as const;
  return {
    cwd,
    nobody,
    configure: (setting) => writeFile(join(cwd, 'config.yaml'), configOf(setting, nobody)),
    diagnose: (env = ENV) => diagnose(cwd, env),
  };
}

/** With the channels that the usual config names. */
export async function slack(options: Partial<SandboxOptions> = {}): Promise<Sandbox> {
  const sandbox = await startSandbox({ port: 0, limits: null, ...options });
  onTestFinished(() => sandbox.close());
  for (const channel of ['#alo', '#problems']) sandbox.workspace.conversation(channel);
  return sandbox;
}

function configOf(setting: Setting, nobody: Installation['nobody']): string {
  const {
    apiUrl,
    port = nobody[0],
    adminPort = nobody[1],
    source = 'alo',
    map = '{}',
    routes = ROUTES,
    journal = 'relay.db',
    timeout = '20s',
  } = setting;
  return `server: { host: 127.0.0.1, port: ${port} }
admin: { port: ${adminPort} }
journal: ./${journal}
sources:
  ${source}: { type: alo, secrets: ["\${SECRET}"] }
slack: { token: "\${TOKEN}", api_url: "${apiUrl}", fallback_channel: "#problems" }
people: { map: ${map} }
delivery: { timeout: ${timeout} }
quiet_hours: { theirs: { timezone: recipient, from: "20:00", to: "08:00" } }
templates: ${TEMPLATES}
routes:${routes}
`;
}

async function diagnose(cwd: string, env: Record<string, string>) {
  const { code, stdout, stderr } = await run(['doctor', '--json'], { cwd, env });
  expect(stderr).toBe('');
  expect(stdout).not.toMatch(/not-to-be-shown/);
  const { ok, sections } = JSON.parse(stdout);
  expect(ok).toBe(code === 0);
  type Section = { title: string; findings: { status: string; message: string; remedy?: string }[] };
  const found = (sections as Section[]).map(({ title, findings }) => [
    title,
    findings.map(({ status, message, remedy = '' }) => [status, `${message} ${remedy}`.trim()]),
  ]);
  return { code, found: Object.fromEntries(found) };
}
