/** The relay, built: what accepts events and what brings them to Slack, over a journal and a gateway. */
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { Reason } from '../core/outcome.ts';
import type { Journal } from '../journal/journal.ts';
import type { PlanContext } from '../routing/plan.ts';
import type { SlackGateway } from '../slack/gateway.ts';
import { createPeople, type People } from '../slack/people.ts';
import { type Accept, createAccept } from './accept.ts';
import { ChannelIds } from './channel-ids.ts';
import { createDeliver } from './deliver.ts';
import { createSlackHealth, type SlackHealth } from './health.ts';
import { createLaneWork } from './lane.ts';
import { InProcessLanes, type Lanes } from './lanes.ts';
import { createPostOnce } from './posting.ts';
import { createRender } from './render.ts';
import { createReports, reportTemplate } from './reports.ts';
import { createRetention } from './retention.ts';
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
  readonly planning: PlanContext;
  /** Wakes what is unfinished. Before anything is accepted: a lane with something unfinished is not idle. */
  resume(): Promise<void>;
  /** What goes on beside the events: asking Slack how it is, reports, retention. */
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
  const health = createSlackHealth(gateway.identify, clock, {
    onTrouble: ({ code, detail }) => log.error({ code, detail }, 'Slack refuses us: deliveries wait'),
    onRecovery: () => {
      log.info('Slack takes us again: deliveries go on');
      lanes.wakeAll();
    },
    onLimitation: ({ code, detail }) => log.warn({ code, detail }, 'cannot look for a message of unknown outcome'),
  });
  const { fallbackChannel: channel } = config.slack;
  const reports = createReports({ journal, channel, join: (lane) => lanes.join(lane), clock, log });
  const deliver = createDelivering({ ...parts, gateway }, people, (reason) => health.limit(reason));
  const settings = config.delivery;
  const onListed = reports.note;
  const work = createLaneWork({ journal, deliver, health, settings, workspace, clock, random, log, onListed });
  const lanes: Lanes = new InProcessLanes({ work, clock, random, log, slots: LANE_SLOTS });
  const retention = createRetention({ journal, retentionMs: config.retentionMs, clock, log });
  return {
    accept: createAccept({ routes: config.routes, planning, journal, lanes, clock }),
    health,
    lanes,
    planning,
    async resume() {
      for (const lane of await journal.lanesWithWork()) lanes.wake(lane);
    },
    start() {
      health.start();
      reports.start();
      retention.start();
    },
    async stop() {
      health.stop();
      reports.stop();
      await Promise.all([lanes.stop(), retention.stop()]);
    },
  };
}

function createDelivering(
  { config, journal, gateway, clock }: RelayParts,
  people: People,
  cannotLook: (reason: Reason) => void,
) {
  const templates = new Map([...config.templates, [reportTemplate.name, reportTemplate]]);
  const channels = new ChannelIds({ journal, gateway });
  const { unknownOutcome } = config.delivery;
  const postOnce = createPostOnce({ gateway, channels, unknownOutcome, cannotLook });
  const render = createRender(templates, people);
  return createDeliver({ gateway, postOnce, channels, people, journal, render, clock });
}
