import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type App, createApp } from '../../src/app.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load.ts';
import { streamLogger } from '../../src/core/log.ts';
import { Secret } from '../../src/core/secret.ts';
import { type Sandbox, type SandboxOptions, startSandbox } from '../../src/sandbox/server.ts';
import type { Source } from '../../src/sources/source.ts';

export const ALO_SECRET = 'alo-secret-for-tests-0123456789';
export const ALLO_SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
export const TOKEN = 'xoxb-token-for-tests';

const TEMPLATES = resolve(import.meta.dirname, '../../templates');

const ROUTES = `
routes:
  - { name: card, on: "action_*", card: { channel: "#alo", template: action_card } }
  - { name: other, unmatched: true, post: { channel: "#other", template: any_event } }
`;

export interface Service {
  readonly app: App;
  readonly config: Config;
  readonly url: string;
  readonly sandbox: Sandbox;
  /** What was logged so far. */
  readonly log: string[];
  readonly folder: string;
  source(name: string): Source;
  /** Posts a body signed as the source would. */
  post(
    source: string,
    body: string,
    options?: { messageId?: string; headers?: Record<string, string> },
  ): Promise<Response>;
  /** Starts again on the same journal, as after a restart. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

let messages = 0;

/** The real service and a sandbox on loopback, with a journal of its own. `source`: a line of YAML, beside alo and allo. */
export async function startService(
  routes = ROUTES,
  sandboxOptions: Partial<SandboxOptions> = {},
  variables: Readonly<Record<string, string>> = {},
  source: string | null = null,
): Promise<Service> {
  const folder = await mkdtemp(join(tmpdir(), 'relay-'));
  const sandbox = await startSandbox({ port: 0, limits: null, ...sandboxOptions });
  const file = join(folder, 'config.yaml');
  await writeFile(
    file,
    `server: { host: 127.0.0.1, port: 0, body_limit: 256kb }
admin: { port: 0 }
journal: ./relay.db
sources:
  alo: { type: alo, secrets: ["${ALO_SECRET}"] }
  allo: { type: allo, secrets: ["${ALLO_SECRET}"] }
${source === null ? '' : `  ${source}\n`}slack: { token: ${TOKEN}, api_url: "${sandbox.apiUrl}" }
delivery: { per_channel: { per_second: 1000, burst: 1000 }, retry: { first: 10ms, max: 100ms } }
templates: ${TEMPLATES}
${routes}`,
  );
  const { config, problems } = await loadConfig(file, {});
  if (config === null) throw new Error(JSON.stringify(problems));
  const log: string[] = [];
  const logger = streamLogger({ write: (line: string) => log.push(line) });
  const slack = { token: new Secret(TOKEN), apiUrl: sandbox.apiUrl };
  let app = createApp({ config, slack, log: logger, variables });
  await app.start();
  const sourceNamed = (name: string) => config.sources.find((candidate) => candidate.name === name)!;
  const service: Service = {
    get app() {
      return app;
    },
    get url() {
      return `http://127.0.0.1:${app.address().port}`;
    },
    config,
    sandbox,
    log,
    folder,
    source: sourceNamed,
    post(name, body, { messageId = `msg_${++messages}`, headers = {} } = {}) {
      const signed = sourceNamed(name).sign({ body, messageId, nowMs: Date.now() });
      return fetch(`${service.url}/webhooks/${name}`, { method: 'POST', headers: { ...signed, ...headers }, body });
    },
    async restart() {
      await app.stop();
      app = createApp({ config, slack, log: logger, variables });
      await app.start();
    },
    async stop() {
      await app.stop();
      await sandbox.close();
      await rm(folder, { recursive: true });
    },
  };
  return service;
}
