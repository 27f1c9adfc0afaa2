/** The relay, built: what accepts events and what brings them to Slack, over a journal and a gateway. */
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { Reason } from '../core/outcome.ts';
import type { Journal } from '../journal/journal.ts';
import type { Planning } from '../routing/plan.ts';
import type { SlackGateway } from '../slack/gateway.ts';
import { createPeople, type People } from '../slack/people.ts';
import { type Accept, createAccept } from './accept.ts';
import { ChannelIds } from './channel-ids.ts';
import { createDeliver, type Deliver } from './deliver.ts';
import { createSlackHealth, type SlackHealth } from './health.ts';
import { createLaneWork } from './lane.ts';
import { InProcessLanes, type Lanes } from './lanes.ts';
import { createPostOnce } from './posting.ts';
import { createRelease } from './release.ts';
import { createRender } from './render.ts';
import { createReports, reportTemplate } from './reports.ts';
import { createRetention } from './retention.ts';
import { createRouteRules } from './route-rules.ts';
import { createPrepareTogether, type PrepareTogether } from './together.ts';
import { WorkspaceLimit, watchPosts } from './workspace-limit.ts';

/** Lanes that talk to Slack at once; one that waits for its turn or a retry holds none. */
const LANE_SLOTS = 64;

export interface RelayParts {
  readonly config: Config;
  readonly journal: Journal;
  readonly gateway: SlackGateway;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
}

export interface Relay {
  readonly accept: Accept;
  readonly health: SlackHealth;
  readonly lanes: Pick<Lanes, 'join'>;
  readonly planning: Planning;
  /** Wakes what is unfinished. Before anything is accepted: a lane with something unfinished is not idle. */
  resume(): Promise<void>;
  /** What goes on beside the events: asking Slack how it is, quiet hours that end, reports, retention. */
  start(): void;
  /** Starts nothing more; resolves when what is under way has come to a safe end. Idempotent. */
  stop(): Promise<void>;
}

export function createRelay(parts: RelayParts): Relay {
  const { config, journal, clock, random, log } = parts;
  const workspace = new WorkspaceLimit(clock);
  const gateway = watchPosts(parts.gateway, workspace);
  const people = createPeople({ ...config.people, gateway, clock });
  const planning = { personKey: people.laneKey };
  const rules = createRouteRules({ ...config, people, clock });
  const health = createHealth(gateway, { clock, log, onRecovery: () => lanes.wakeAll() });
  const wake = (lane: string) => lanes.wake(lane);
  const release = createRelease({ journal, wake, clock, log });
  const join: Lanes['join'] = (lane) => lanes.join(lane);
  const reports = createReports({ journal, channel: config.slack.fallbackChannel, join, clock, log });
  const delivering = createDelivering({ ...parts, gateway }, people, (reason) => health.limit(reason));
  const onListed = reports.note;
  const settings = config.delivery;
  const lane = { journal, health, settings, workspace, clock, random, log, onListed, onHeld: release.note };
  const work = createLaneWork({ ...lane, ...delivering, ...rules });
  const lanes: Lanes = new InProcessLanes({ work, clock, random, log, slots: LANE_SLOTS });
  const retention = createRetention({ journal, retentionMs: config.retentionMs, clock, log });
  return {
    accept: createAccept({
      routes: config.routes,
      planning,
      journal,
      lanes,
      clock,
      sendsAtOnce: rules.sendsAtOnce,
      onHeld: release.note,
    }),
    health,
    lanes,
    planning,
    async resume() {
      for (const lane of await journal.lanesWithWork()) lanes.wake(lane);
    },
    start() {
      health.start();
      release.start();
      reports.start();
      retention.start();
    },
    async stop() {
      health.stop();
      release.stop();
      reports.stop();
      await Promise.all([lanes.stop(), retention.stop()]);
    },
  };
}

function createHealth(
  gateway: SlackGateway,
  { clock, log, onRecovery }: Pick<RelayParts, 'clock' | 'log'> & { onRecovery: () => void },
): SlackHealth {
  return createSlackHealth(gateway.identify, clock, {
    onTrouble: ({ code, detail }) => log.error({ code, detail }, 'Slack refuses us: deliveries wait'),
    onRecovery: () => {
      log.info('Slack takes us again: deliveries go on');
      onRecovery();
    },
    onLimitation: ({ code, detail }) => log.warn({ code, detail }, 'cannot look for a message of unknown outcome'),
  });
}

function createDelivering(
  { config, journal, gateway, clock }: RelayParts,
  people: People,
  cannotLook: (reason: Reason) => void,
): { deliver: Deliver; prepareTogether: PrepareTogether } {
  const templates = new Map([...config.templates, [reportTemplate.name, reportTemplate]]);
  const channels = new ChannelIds({ journal, gateway });
  const { unknownOutcome } = config.delivery;
  const postOnce = createPostOnce({ gateway, channels, unknownOutcome, cannotLook });
  const render = createRender(templates, people);
  const parts = { gateway, postOnce, channels, people, journal, render, clock };
  return { deliver: createDeliver(parts), prepareTogether: createPrepareTogether(parts) };
}
