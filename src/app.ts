/** The service: builds the object graph from a Config, and starts and stops it. The only place that does. */
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import type { DashboardApiParts } from './admin/dashboard-api.ts';
import { lazyPlayground } from './admin/lazy-playground.ts';
import { type ConfigState, createOverview } from './admin/overview.ts';
import { createAdminServer } from './admin/server.ts';
import type { Config } from './config/config.ts';
import type { Variables } from './config/environment.ts';
import type { Loaded } from './config/load.ts';
import { ConfigWatch } from './config/watch.ts';
import { type Clock, systemClock, within } from './core/clock.ts';
import { eachInTurn } from './core/each-in-turn.ts';
import { RelayError } from './core/errors.ts';
import { listen } from './core/http-server.ts';
import type { Logger } from './core/log.ts';
import type { Secret } from './core/secret.ts';
import type { Telemetry } from './core/telemetry.ts';
import { Activity } from './history/activity.ts';
import { createDeliveryHistory } from './history/delivery-history.ts';
import { Series } from './history/series.ts';
import { SourceWatch } from './history/silence.ts';
import { createReadiness } from './http/readiness.ts';
import { createPublicServer } from './http/server.ts';
import type { Journal } from './journal/contract.ts';
import { openJournal } from './journal/open.ts';
import { placeOf } from './journal/settings.ts';
import { bytesOf } from './journal/sqlite/files.ts';
import { createRelay } from './relay/relay.ts';
import { createLazyGateway } from './slack/lazy-gateway.ts';
import { createObservation } from './telemetry/observation.ts';

/** Orchestrators kill after 20 to 30 s. */
const STOP_WITHIN_MS = 16_000;
/** What is still open after that is not worth waiting for. */
const CLOSE_WITHIN_MS = 1_000;

export interface AppOptions {
  readonly config: Config;
  /** `keepsPeople`: false for a workspace that forgets its people when it restarts, as the sandbox does. */
  readonly slack: { readonly token: Secret; readonly apiUrl: string; readonly keepsPeople?: boolean };
  readonly log: Logger;
  /** Loads the config again: it is asked whenever a file of it changes. Without it nothing is reloaded. */
  readonly load?: () => Promise<Loaded>;
  /**
   * The environment: what `${NAME}` stands for in the config file, for who tries changes of it out, and what OpenTelemetry
   * reads. Default: nothing.
   */
  readonly variables?: Variables;
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

async function startService(options: AppOptions): Promise<Service> {
  const { config, log, clock = systemClock } = options;
  let parts: Parts | null = null;
  const onCommit: Telemetry['commit'] = (facts) => parts?.observation.telemetry.commit(facts);
  const opening = { log, clock, role: 'service', onCommit } as const;
  const journal = await openJournal(config.journal, opening);
  const assembled = await assemble(options, { journal, clock });
  parts = assembled;
  const { relay, watch, gateway, observation, playground, series } = assembled;
  let closing = false;
  const server = publicServerOf(assembled, () => closing);
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
    const failed = (error: unknown) => log.error({ err: error }, 'a step of stopping failed');
    await eachInTurn(failed, [
      () => within(STOP_WITHIN_MS, clock, Promise.all([closed, relay.stop()])),
      async () => server.closeAllConnections(),
      () => playground.close(),
      () => series.close(),
      () => journal.close(),
      () => Promise.all([within(CLOSE_WITHIN_MS, clock, gateway.close()), observation.close()]),
    ]);
  };
  try {
    await relay.resume();
    await listen(server, config.server, 'public');
    admin = await openAdmin(assembled);
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

type Parts = Awaited<ReturnType<typeof assemble>>;

/** Everything but the listeners. */
async function assemble(
  { config, slack, log, load, random = Math.random, variables = {} }: AppOptions,
  { journal, clock }: { readonly journal: Journal; readonly clock: Clock },
) {
  const ownsLanes = (): boolean => relay.ownsLanes();
  const startedAt = clock.now();
  const instance = `${startedAt.toString(36)}-${Math.floor(random() * 2 ** 48).toString(36)}`;
  const series = new Series({ journal, instance, clock });
  const activity = new Activity(clock);
  const sources = () => relay.rules().config.sources.map(({ name }) => name);
  const sourceWatch = new SourceWatch({ journal, sources, clock });
  const observation = await createObservation({
    ...{
      telemetry: config.telemetry,
      journal: config.journal,
      environment: variables,
      listeners: [series, activity, sourceWatch],
    },
    ...{
      backlog: () => journal.backlog(0),
      readiness: () => readiness(),
      paused: () => relay.health.trouble() !== null,
    },
    ...{ sources, activity: () => sourceWatch.view(), clock, log },
  });
  const { telemetry, tracing } = observation;
  const onCall = telemetry.slackCall;
  const gateway = createLazyGateway({ ...slack, timeoutMs: config.delivery.timeoutMs, clock, ownsLanes, onCall });
  const { keepsPeople } = slack;
  const relay = createRelay({ config, journal, gateway, keepsPeople, clock, random, log, telemetry, tracing });
  let loadedAt = startedAt;
  const apply = (changed: Config): void => {
    loadedAt = clock.now();
    relay.reload(changed);
  };
  const onReload = (ok: boolean) => telemetry.reload({ at: clock.now(), ok });
  const watch = load === undefined ? null : new ConfigWatch({ config, load, apply, clock, log, onReload });
  const configTrouble = () => watch?.trouble ?? null;
  const readiness = createReadiness({
    journal,
    health: relay.health,
    configTrouble,
    bodyLimitBytes: () => relay.rules().config.server.bodyLimitBytes,
    clock,
  });
  const configState = (): ConfigState => ({ file: config.file, loadedAt, problems: watch?.mistakes ?? [] });
  const playground = lazyPlayground({ config: () => relay.rules().config, journal, clock, variables });
  const seen = { startedAt, series, activity, sourceWatch, observation, readiness, configState, playground };
  return { config, journal, gateway, relay, watch, clock, log, ...seen };
}

function publicServerOf({ relay, observation, readiness, config, log, clock }: Parts, stopping: () => boolean): Server {
  return createPublicServer({
    source: (name) => relay.rules().source(name),
    accept: relay.accept,
    limits: () => relay.rules().config.server,
    trustsProxy: trustsProxyOf({ relay }),
    maxConnections: config.server.maxConnections,
    log,
    telemetry: observation.telemetry,
    clock,
    readiness,
    stopping,
  });
}

/** By the rules in force. */
function trustsProxyOf({ relay }: Pick<Parts, 'relay'>): (address: string) => boolean {
  return (address) => relay.rules().config.server.trustsProxy(address);
}

/** Null where it cannot listen: relaying goes on without it, and the log says why. */
async function openAdmin(parts: Parts): Promise<Server | null> {
  const { config, journal, relay, clock, log, startedAt } = parts;
  const history = createDeliveryHistory({
    rules: () => ({ ...relay.rules().config, planning: relay.rules().planning }),
    journal,
    clock,
    join: (lane) => relay.lanes.join(lane),
  });
  const { host, token, readOnlyToken } = config.admin;
  const server = createAdminServer({
    ...{ host, token, readOnlyToken },
    history,
    journal: placeOf(config.journal),
    tally: () => journal.tally(),
    log,
    clock,
    startedAt,
    instance: journal.cluster === null ? null : `${hostname()}:${process.pid}`,
    trustsProxy: trustsProxyOf(parts),
    dashboardApi: dashboardApiOf(parts),
    playground: parts.playground,
    metrics: parts.observation.metrics,
  });
  try {
    await listen(server, config.admin, 'admin');
    return server;
  } catch (error) {
    if (!(error instanceof RelayError)) throw error;
    log.warn({ code: error.code, detail: error.message }, 'no admin listener');
    return null;
  }
}

/** What the dashboard is told. */
function dashboardApiOf(parts: Parts): DashboardApiParts {
  const { journal, relay, clock, series, activity, sourceWatch, readiness, configState, startedAt } = parts;
  const sources = () => sourceWatch.view();
  const overview = createOverview({ readiness, config: configState, journal, sources, clock });
  const config = () => relay.rules().config;
  const { permalink, health, isSlowed: slowed } = relay;
  const instance = journal.cluster?.instance ?? null;
  const { journal: settings } = parts.config;
  const service: DashboardApiParts['service'] = () => ({
    started_at: new Date(startedAt).toISOString(),
    workspace: relay.workspace(),
    journal: { place: placeOf(settings), bytes: settings.kind === 'sqlite' ? bytesOf(settings.path) : null },
    sources: config().sources.map(({ name }) => name),
  });
  const { trouble } = health;
  return { journal, config, permalink, overview, series, activity, clock, service, trouble, slowed, instance };
}

function addressOf(address: string | AddressInfo | null): AddressInfo {
  if (address === null || typeof address === 'string') throw new RelayError('not-started');
  return address;
}
