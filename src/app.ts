/** The service: builds the object graph from a Config, and starts and stops it. The only place that does. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdminServer } from './admin/server.ts';
import type { Config } from './config/config.ts';
import type { Loaded } from './config/load.ts';
import { ConfigWatch } from './config/watch.ts';
import { type Clock, systemClock } from './core/clock.ts';
import { RelayError } from './core/errors.ts';
import type { Logger } from './core/log.ts';
import type { Secret } from './core/secret.ts';
import { createReadiness } from './http/readiness.ts';
import { createPublicServer } from './http/server.ts';
import type { Journal } from './journal/journal.ts';
import { openJournal } from './journal/open.ts';
import { placeOf } from './journal/settings.ts';
import { createAccounts } from './relay/accounts.ts';
import { createRelay, type Relay } from './relay/relay.ts';
import { createLazyGateway } from './slack/lazy-gateway.ts';

/** Orchestrators kill after 20 to 30 s. */
const STOP_WITHIN_MS = 16_000;
/** What is still open after that is not worth waiting for. */
const CLOSE_WITHIN_MS = 1_000;

export interface AppOptions {
  readonly config: Config;
  readonly slack: { readonly token: Secret; readonly apiUrl: string };
  readonly log: Logger;
  /** Loads the config again: it is asked whenever a file of it changes. Without it nothing is reloaded. */
  readonly load?: () => Promise<Loaded>;
  /** A journal whose thread was started before the config was read. */
  readonly openJournal?: typeof openJournal;
  readonly clock?: Clock;
  readonly random?: () => number;
}

export interface App {
  /** Opens the journal, listens, resumes what is pending. Rejects with a RelayError; idempotent. */
  start(): Promise<void>;
  /** Takes nothing new, finishes what is being sent, closes. Idempotent, and done within 20 s. */
  stop(): Promise<void>;
  /** Loads the config now, changed or not. Rejects never: what is wrong with it is logged. */
  reload(): Promise<void>;
  /** Resolves with why, should it have become useless: then it has to be stopped, and started again. */
  failed(): Promise<Error>;
  /** Where it listens. */
  address(): AddressInfo;
  /** Where the admin listener does; null where it cannot. */
  adminAddress(): AddressInfo | null;
}

export function createApp(options: AppOptions): App {
  let starting: Promise<Service> | null = null;
  let stopping: Promise<void> | null = null;
  let running: Service | null = null;
  const service = (): Service => {
    if (running === null) throw new RelayError('not-started');
    return running;
  };
  return {
    async start() {
      starting ??= startService(options);
      running = await starting;
    },
    async stop() {
      stopping ??= (async () => {
        const service = await starting?.catch(() => null);
        await service?.stop();
      })();
      await stopping;
    },
    failed: () => service().failed,
    reload: () => service().reload(),
    address: () => service().address,
    adminAddress: () => service().adminAddress,
  };
}

interface Service {
  readonly address: AddressInfo;
  readonly adminAddress: AddressInfo | null;
  readonly failed: Promise<Error>;
  reload(): Promise<void>;
  stop(): Promise<void>;
}

async function startService({ config, slack, log, ...options }: AppOptions): Promise<Service> {
  const { clock = systemClock, random = Math.random } = options;
  const journal = await (options.openJournal ?? openJournal)(config.journal, {
    log,
    clock,
    role: 'service',
  });
  const mayCall = (): boolean => relay.mayCall();
  const gateway = createLazyGateway({ ...slack, timeoutMs: config.delivery.timeoutMs, clock, mayCall });
  const relay = createRelay({ config, journal, gateway, clock, random, log });
  const watch = options.load ? new ConfigWatch({ config, load: options.load, apply: relay.reload, clock, log }) : null;
  let closing = false;
  const server = createPublicServer({
    source: (name) => relay.rules().source(name),
    accept: relay.accept,
    bodyLimitBytes: () => relay.rules().config.server.bodyLimitBytes,
    log,
    readiness: createReadiness({ journal, health: relay.health, configTrouble: () => watch?.trouble ?? null, clock }),
    stopping: () => closing,
  });

  let admin: Server | null = null;
  const stop = async (): Promise<void> => {
    closing = true;
    watch?.stop();
    admin?.close();
    // A replay that is cut off is done so far, and can be asked for again.
    admin?.closeAllConnections();
    const closed = server.listening ? once(server, 'close') : null;
    server.close();
    server.closeIdleConnections();
    await within(STOP_WITHIN_MS, clock, Promise.all([closed, relay.stop()]));
    server.closeAllConnections();
    await journal.close();
    await within(CLOSE_WITHIN_MS, clock, gateway.close());
  };
  try {
    await relay.resume();
    await listen(server, config.server, SERVER_TROUBLE);
    admin = await openAdmin({ config, journal, relay, clock, log });
    // Last: it loads the Slack client, which holds up everything else for a while.
    relay.start();
    watch?.start();
  } catch (error) {
    await stop();
    throw error;
  }
  const adminAddress = admin === null ? null : addressOf(admin.address());
  return {
    address: addressOf(server.address()),
    adminAddress,
    failed: journal.lost,
    reload: async () => watch?.reload(),
    stop,
  };
}

interface AdminContext {
  readonly config: Config;
  readonly journal: Journal;
  readonly relay: Relay;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Null where it cannot listen: relaying goes on without it, and the log says why. */
async function openAdmin({ config, journal, relay, clock, log }: AdminContext): Promise<Server | null> {
  const accounts = createAccounts({
    rules: () => ({ ...relay.rules().config, planning: relay.rules().planning }),
    journal,
    clock,
    join: (lane) => relay.lanes.join(lane),
  });
  const { host, token } = config.admin;
  const server = createAdminServer({
    host,
    token,
    accounts,
    journal: placeOf(config.journal),
    tally: () => journal.tally(),
    log,
  });
  try {
    await listen(server, config.admin, ADMIN_TROUBLE);
    return server;
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    log.warn({ code: error.code, detail: error.message }, 'no admin listener');
    return null;
  }
}

/** Resolves when the work is done or the time is up: what was still being sent is found as such by the next start. */
async function within(ms: number, clock: Clock, work: Promise<unknown>): Promise<void> {
  let cancel = (): void => {};
  const timeUp = new Promise<void>((resolve) => {
    cancel = clock.after(ms, resolve);
  });
  await Promise.race([work, timeUp]);
  cancel();
}

const SERVER_TROUBLE = { used: 'port-in-use', forbidden: 'port-forbidden', other: 'cannot-listen' } as const;
const ADMIN_TROUBLE = {
  used: 'admin-port-in-use',
  forbidden: 'admin-port-forbidden',
  other: 'admin-cannot-listen',
} as const;

async function listen(
  server: Server,
  { host, port }: Config['server' | 'admin'],
  trouble: typeof SERVER_TROUBLE | typeof ADMIN_TROUBLE,
): Promise<void> {
  try {
    server.listen(port, host);
    await once(server, 'listening');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const where = `${host}:${port}`;
    if (code === 'EADDRINUSE') throw new RelayError(trouble.used, where);
    if (code === 'EACCES') throw new RelayError(trouble.forbidden, where);
    throw new RelayError(trouble.other, `${where} (${code})`);
  }
}

function addressOf(address: string | AddressInfo | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new RelayError('not-started');
  return address;
}
