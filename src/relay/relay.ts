/** The relay, built: what accepts events and what brings them to Slack, over a journal and a gateway. */
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Logger } from '../core/log.ts';
import type { Reason } from '../core/outcome.ts';
import type { Journal } from '../journal/journal.ts';
import type { SlackGateway } from '../slack/gateway.ts';
import { type Accept, createAccept } from './accept.ts';
import { ChannelIds } from './channel-ids.ts';
import { createDeliver, type Deliver, type DeliverParts } from './deliver.ts';
import { createSlackHealth, type SlackHealth } from './health.ts';
import { createLaneWork } from './lane.ts';
import { InProcessLanes, type Lanes } from './lanes.ts';
import { createPostOnce } from './posting.ts';
import { createRelease } from './release.ts';
import { createReports } from './reports.ts';
import { createRetention } from './retention.ts';
import { RuleBook } from './rule-book.ts';
import { createRuleSet, type RuleSet } from './rule-set.ts';
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
  /** The rules in force. */
  rules(): RuleSet;
  /** These from now on. Never half of them. */
  reload(config: Config): void;
  /** Wakes what is unfinished. Before anything is accepted: a lane with something unfinished is not idle. */
  resume(): Promise<void>;
  /** What goes on beside the events: asking Slack how it is, quiet hours that end, reports, retention. */
  start(): void;
  /** Starts nothing more; resolves when what is under way has come to a safe end. Idempotent. */
  stop(): Promise<void>;
}

export function createRelay(parts: RelayParts): Relay {
  const { journal, clock, random, log } = parts;
  const workspace = new WorkspaceLimit(clock);
  const gateway = watchPosts(parts.gateway, workspace);
  const book = new RuleBook(createRuleSet(parts.config, { gateway, clock }), clock);
  const rules = () => book.current;
  const settings = () => book.current.config.delivery;
  const health = createHealth(gateway, { clock, log, onRecovery: () => lanes.wakeAll() });
  const release = createRelease({ journal, wake: (lane) => lanes.wake(lane), clock, log });
  const join: Lanes['join'] = (lane) => lanes.join(lane);
  const channel = () => book.current.config.slack.fallbackChannel;
  const reports = createReports({ journal, channel, join, clock, log });
  const delivering = createDelivering({ ...parts, gateway }, book, (reason) => health.limit(reason));
  const lane = { journal, health, rules, settings, workspace, clock, random, log, onHeld: release.note };
  const work = createLaneWork({ ...lane, ...delivering, onListed: reports.note });
  const lanes: Lanes = new InProcessLanes({ work, clock, random, log, slots: LANE_SLOTS });
  const retention = createRetention({ journal, retentionMs: () => book.current.config.retentionMs, clock, log });
  return {
    accept: createAccept({ rules, journal, lanes, clock, onHeld: release.note }),
    health,
    lanes,
    rules,
    reload: (config) => book.replace(createRuleSet(config, { gateway, clock })),
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
  { journal, gateway, clock }: Pick<RelayParts, 'journal' | 'gateway' | 'clock'>,
  book: RuleBook,
  cannotLook: (reason: Reason) => void,
): { deliver: Deliver; prepareTogether: PrepareTogether } {
  const channels = new ChannelIds({ journal, gateway });
  const unknownOutcome = () => book.current.config.delivery.unknownOutcome;
  const postOnce = createPostOnce({ gateway, channels, unknownOutcome, cannotLook });
  const people: DeliverParts['people'] = { resolve: (person) => book.current.people.resolve(person) };
  const render: DeliverParts['render'] = (template, about) => {
    const then = book.at(about.acceptedAt);
    return (then.hasTemplate(template) ? then : book.current).render(template, about);
  };
  const parts = { gateway, postOnce, channels, people, journal, render, clock };
  return { deliver: createDeliver(parts), prepareTogether: createPrepareTogether(parts) };
}
