/**
 * Builds the engine, over a journal and a gateway: what accepts events (accept/), what delivers them lane by lane (lanes/),
 * what goes out together (merge/), and what runs beside that (upkeep/).
 */
import type { Config } from '../config/config.ts';
import type { Clock } from '../core/clock.ts';
import type { Placement } from '../core/delivery.ts';
import type { Logger } from '../core/log.ts';
import { NO_TELEMETRY, type Telemetry } from '../core/telemetry.ts';
import { NO_TRACING, type Tracing } from '../core/tracing.ts';
import type { News } from '../journal/cluster.ts';
import type { Journal } from '../journal/contract.ts';
import type { SlackGateway } from '../slack/gateway.ts';
import { Permalinks } from '../slack/permalinks.ts';
import { ChannelIds } from '../verbs/channel-ids.ts';
import { createPostOnce } from '../verbs/post-once.ts';
import type { DeliverParts } from '../verbs/verb.ts';
import { createDeliver, type Deliver } from '../verbs/verbs.ts';
import { type Accept, createAccept } from './accept/accept.ts';
import { createOnDead } from './accept/dead-from-the-start.ts';
import { createSlackHealth, type SlackHealth } from './health.ts';
import type { LaneWork } from './lanes/contract.ts';
import { createLaneWork } from './lanes/lane.ts';
import { Lanes } from './lanes/lanes.ts';
import { LocalClaims } from './lanes/local-claims.ts';
import { WorkspaceLimit, watchPosts } from './lanes/workspace-limit.ts';
import { createPrepareMerged, type PrepareMerged } from './merge/merged-message.ts';
import { hearPeers } from './peers.ts';
import { rememberPeople } from './remembered-people.ts';
import { createRuleset, type Ruleset } from './ruleset.ts';
import { RulesetHistory } from './ruleset-history.ts';
import { createRelease } from './upkeep/release.ts';
import { createReports } from './upkeep/reports.ts';
import { createRetention } from './upkeep/retention.ts';

/** Lanes that talk to Slack at once; one that waits for its turn or a retry holds none. */
const LANE_SLOTS = 64;

export interface RelayParts {
  readonly config: Config;
  readonly journal: Journal;
  readonly gateway: SlackGateway;
  readonly clock: Clock;
  readonly random: () => number;
  readonly log: Logger;
  /** Whether the journal keeps who was looked up in Slack. Default: true. */
  readonly keepsPeople?: boolean | undefined;
  readonly telemetry?: Pick<Telemetry, 'attempt'>;
  readonly tracing?: Tracing;
}

export interface Relay {
  readonly accept: Accept;
  readonly health: SlackHealth;
  readonly lanes: Pick<Lanes, 'join'>;
  /** Where a message is to be seen; null while that is not known. */
  permalink(placement: Placement | null): string | null;
  /** The host of the Slack workspace; null before Slack said it. */
  workspace(): string | null;
  /** Slack limits what the app posts in the whole workspace: lanes take turns. */
  isSlowed(): boolean;
  /** The rules in force. */
  rules(): Ruleset;
  /** These from now on. Never half of them. */
  reload(config: Config): void;
  /** Asked right before a call that changes something in Slack: whether it is still for us to make. */
  ownsLanes(): boolean;
  /** Sees to what is unfinished. Before anything is accepted: a lane with something unfinished is not idle. */
  resume(): Promise<void>;
  /** What goes on beside the events: asking Slack how it is, quiet hours that end, reports, retention. */
  start(): void;
  /** Starts nothing more; resolves when what is under way has come to a safe end. Idempotent. */
  stop(): Promise<void>;
}

export function createRelay(parts: RelayParts): Relay {
  const { journal, clock, random, log, telemetry = NO_TELEMETRY, tracing = NO_TRACING } = parts;
  const { cluster } = journal;
  const tell = (news: News) => cluster?.peers.tell(news);
  const workspace = new WorkspaceLimit(clock);
  const onLimited = (channel: string, afterMs: number) => tell({ kind: 'limited', channel, afterMs });
  const watched = watchPosts(parts.gateway, workspace, onLimited);
  const gateway = parts.keepsPeople === false ? watched : rememberPeople(watched, { journal, clock, log });
  const rulesets = new RulesetHistory(createRuleset(parts.config, { gateway, clock }), {
    clock,
    shared: cluster !== null,
  });
  const rules = () => rulesets.current;
  const settings = () => rulesets.current.config.delivery;
  const permalinks = new Permalinks();
  const identify = permalinks.learning(gateway.identify);
  const health = createHealth(identify, { clock, log, tell, onRecovery: () => lanes.wakeAll() });
  if (cluster !== null) hearPeers(cluster.peers, { health, workspace });
  const release = createRelease({ journal, wake: (lane) => lanes.wake(lane), clock, log });
  const join: Lanes['join'] = (lane) => lanes.join(lane);
  const channel = () => rulesets.current.config.slack.fallbackChannel;
  const reports = createReports({ journal, channel, join, clock, log });
  const delivering = createDelivering({ ...parts, gateway, health }, rulesets);
  const told = { log, telemetry, tracing };
  const lane = { journal, health, rules, settings, workspace, clock, random, ...told, onHeld: release.note };
  const work = createLaneWork({ ...lane, ...delivering, onListed: reports.note });
  const lanes = createLanes(work, parts);
  const onDead = createOnDead({ log, telemetry, onListed: reports.note });
  const retention = createRetention({ journal, retentionMs: () => rulesets.current.config.retentionMs, clock, log });
  return {
    accept: createAccept({ rules, journal, lanes, clock, tracing, onHeld: release.note, onDead }),
    health,
    lanes,
    permalink: (placement) => permalinks.to(placement),
    workspace: () => permalinks.workspace,
    isSlowed: () => workspace.active,
    rules,
    reload: (config) => rulesets.replace(createRuleset(config, { gateway, clock })),
    ownsLanes: () => lanes.ownsLanes(),
    resume: () => lanes.resume(),
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

/** Where one process has the journal to itself, and where several share it. */
function createLanes(
  work: LaneWork,
  { journal, clock, random, log }: Pick<RelayParts, 'journal' | 'clock' | 'random' | 'log'>,
): Lanes {
  const claims = journal.cluster?.claims ?? new LocalClaims(journal);
  return new Lanes({ work, claims, clock, random, log, slots: LANE_SLOTS });
}

interface HealthParts extends Pick<RelayParts, 'clock' | 'log'> {
  readonly tell: (news: News) => void;
  readonly onRecovery: () => void;
}

function createHealth(identify: SlackGateway['identify'], { clock, log, tell, onRecovery }: HealthParts): SlackHealth {
  return createSlackHealth(identify, clock, {
    onTrouble(reason, told) {
      const { code, detail } = reason;
      log.error({ code, detail, told }, 'Slack rejects the token: deliveries are paused');
      if (!told) tell({ kind: 'trouble', reason });
    },
    onRecovery(told) {
      log.info('Slack accepts the token again: deliveries resume');
      if (!told) tell({ kind: 'recovered' });
      onRecovery();
    },
    onLimitation: ({ code, detail }) => log.warn({ code, detail }, 'cannot look for a message of unknown outcome'),
  });
}

function createDelivering(
  { journal, gateway, clock, health }: Pick<RelayParts, 'journal' | 'gateway' | 'clock'> & Pick<Relay, 'health'>,
  rulesets: RulesetHistory,
): { deliver: Deliver; prepareMerged: PrepareMerged } {
  const channels = new ChannelIds({ journal, gateway });
  const unknownOutcome = () => rulesets.current.config.delivery.unknownOutcome;
  const postOnce = createPostOnce({ gateway, channels, unknownOutcome, health });
  const people: DeliverParts['people'] = {
    resolve: (person, since) => rulesets.current.people.resolve(person, since),
  };
  const render: DeliverParts['render'] = (template, about) => rulesets.render(template, about);
  const parts = { gateway, postOnce, channels, people, journal, render, clock };
  return { deliver: createDeliver(parts), prepareMerged: createPrepareMerged(parts) };
}
