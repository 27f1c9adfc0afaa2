/** The admin listener over parts of a test's own, and a client that sets every header itself. */
import { once } from 'node:events';
import { type IncomingMessage, request, type Server } from 'node:http';
import { type AdminParts, createAdminServer } from '../../src/admin/server.ts';
import { Mask } from '../../src/config/mask.ts';
import { folderAt } from '../../src/core/built-files.ts';
import { silentLogger } from '../../src/core/log.ts';
import { Secret } from '../../src/core/secret.ts';
import { Activity } from '../../src/history/activity.ts';
import type { DeliveryHistory } from '../../src/history/delivery-history.ts';
import { Series } from '../../src/history/series.ts';
import type { OverviewView } from '../../src/history/views.ts';
import { ManualClock } from '../helpers/clock.ts';

export const TOKEN = 'the-admin-token';
export const READ_ONLY_TOKEN = 'the-read-only-token';

export const TALLY = {
  held: 0,
  merged: 0,
  pending: 1,
  sending: 0,
  sent: 2,
  superseded: 0,
  dead: 3,
  parked: 0,
  dismissed: 0,
};

export const OVERVIEW: OverviewView = {
  ready: true,
  checks: [{ name: 'journal', ok: true, detail: null, code: null, since: null }],
  config: { file: 'config.yaml', loaded_at: '2026-03-02T09:00:00.000Z', problems: [] },
  tally: TALLY,
  lanes: { unfinished: 0, oldest_at: null },
  sources: [],
};

const unasked = () => Promise.reject(new Error('not asked for in this test'));

const NO_MINUTES = {
  minutes: async () => ({ accepted: [], ended: [], counted: [] }),
  countMinutes: async () => undefined,
};

const NO_HISTORY: DeliveryHistory = {
  deliveries: async () => ({ deliveries: [], next: null }),
  events: async () => [],
  stored: async () => [],
  replay: unasked,
  dismiss: unasked,
  audit: async () => ({ entries: [], next: null }),
};

const SERVICE = {
  started_at: '2026-03-02T09:00:00.000Z',
  workspace: 'acme.slack.com',
  journal: { place: '/data/relay.db', bytes: 4_096 },
  sources: ['alo', 'allo'],
};

const NO_RULES = () => ({
  routes: [],
  templates: new Map(),
  people: { matchByEmail: false, map: new Map() },
  colors: new Map(),
  mask: new Mask('', 'config.yaml', {}),
  delivery: { maxPerEvent: 100 },
  slack: { adminUrl: null },
});

/** What the listener is made of where a test says nothing else. */
export function adminParts(changes: Partial<AdminParts> = {}): AdminParts {
  const clock = new ManualClock();
  return {
    host: '127.0.0.1',
    token: null,
    readOnlyToken: null,
    clock,
    history: NO_HISTORY,
    journal: '/data/relay.db',
    tally: async () => TALLY,
    log: silentLogger,
    startedAt: clock.now(),
    instance: null,
    trustsProxy: () => false,
    dashboardApi: dashboardApiParts({ clock }),
    pagesFolder: folderAt('/nowhere'),
    ...changes,
  };
}

export function dashboardApiParts(changes: Partial<AdminParts['dashboardApi']> = {}): AdminParts['dashboardApi'] {
  const clock = new ManualClock();
  return {
    journal: {
      search: unasked,
      inspect: unasked,
      deliveries: unasked,
      attempts: unasked,
      backlog: unasked,
      tally: unasked,
    },
    config: NO_RULES,
    permalink: () => null,
    trouble: () => null,
    service: () => SERVICE,
    slowed: () => false,
    instance: null,
    overview: async () => OVERVIEW,
    series: new Series({ journal: NO_MINUTES, instance: 'test', clock }),
    activity: new Activity(clock),
    clock,
    ...changes,
  };
}

export function withToken(changes: Partial<AdminParts> = {}): AdminParts {
  return adminParts({ token: new Secret(TOKEN), readOnlyToken: new Secret(READ_ONLY_TOKEN), ...changes });
}

export interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** The client's own address, on loopback. */
  readonly from?: string;
}

interface Answered {
  readonly status: number | undefined;
  readonly headers: IncomingMessage['headers'];
  readonly text: string;
  /** Parsed where it is JSON. */
  readonly answer: ReturnType<typeof JSON.parse>;
}

export interface Listener {
  readonly port: number;
  /** With node:http, because fetch sets the Host itself. */
  ask(path: string, asking?: Asking): Promise<Answered>;
  /** The answer as it begins. */
  open(path: string, asking?: Asking): Promise<IncomingMessage>;
  close(): void;
}

export async function listen(parts: AdminParts): Promise<Listener> {
  const server = createAdminServer(parts);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);

  async function open(path: string, { method = 'GET', headers = {}, body = '', from }: Asking = {}) {
    const own = { host: `localhost:${port}`, ...headers };
    const local = from === undefined ? {} : { localAddress: from };
    const sent = request({ host: '127.0.0.1', port, path, method, headers: own, ...local, agent: false });
    sent.end(body);
    const [response]: IncomingMessage[] = await once(sent, 'response');
    if (response === undefined) throw new Error('no answer');
    return response;
  }

  return {
    port,
    open,
    async ask(path, asking) {
      const response = await open(path, asking);
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      const text = Buffer.concat(chunks).toString();
      const json = response.headers['content-type']?.startsWith('application/json');
      return {
        status: response.statusCode,
        headers: response.headers,
        text,
        answer: json && text !== '' ? JSON.parse(text) : null,
      };
    },
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}
