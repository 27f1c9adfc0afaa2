import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Target } from '../../src/core/delivery.ts';
import type { RelayEvent } from '../../src/core/event.ts';
import { silentLogger } from '../../src/core/log.ts';
import type { Reason } from '../../src/core/outcome.ts';
import type { Journal } from '../../src/journal/contract.ts';
import { journalError } from '../../src/journal/errors.ts';
import type { LaneWork } from '../../src/relay/lanes/contract.ts';
import { createLaneWork } from '../../src/relay/lanes/lane.ts';
import { createPrepareMerged } from '../../src/relay/merge/merged-message.ts';
import type { MergeRule } from '../../src/routing/rules.ts';
import { createPeople } from '../../src/slack/people.ts';
import type { MessageTemplate } from '../../src/templates/template.ts';
import { ChannelIds } from '../../src/verbs/channel-ids.ts';
import { createPostOnce } from '../../src/verbs/post-once.ts';
import { createRender } from '../../src/verbs/render.ts';
import { createDeliver } from '../../src/verbs/verbs.ts';
import { ManualClock } from './clock.ts';
import { ScriptedSlack } from './gateway.ts';
import { openSqliteJournal } from './sqlite.ts';

/** The channel's lane that the targets go to. */
export const LANE = 'channel:#a';

export const CARD = { verb: 'card', channel: '#a', template: 'card' } as const satisfies Target;
export const REPLY = {
  verb: 'reply',
  channel: '#a',
  template: 'chat',
  root: 'root',
  broadcast: false,
} as const satisfies Target;
export const POST = { verb: 'post', channel: '#a', template: 'chat' } as const satisfies Target;

/** Templates that say their name, the event's id, and whom they mention. */
function template(name: string): [string, MessageTemplate] {
  return [
    name,
    {
      name,
      file: `${name}.yaml`,
      groups: [],
      render(event, context) {
        if (name === 'broken') throw new Error('no such thing');
        const who = name === 'mention' ? ` ${context.mention(event.actor) ?? event.actor.name}` : '';
        const crowd =
          name === 'crowd' ? event.assignees.current.map((one) => ` ${context.mention(one) ?? one.name}`) : [];
        const text = [`${name} ${event.id}${who}`, ...crowd].join('');
        return { text, summary: text, ...(name === 'blocks' && { blocks: [{ type: 'divider' }] }) };
      },
    },
  ];
}

const templates = new Map(['card', 'chat', 'root', 'mention', 'crowd', 'broken', 'blocks'].map(template));

interface WorkOptions {
  readonly perSecond?: number;
  readonly unknownOutcome?: 'resend' | 'hold';
  readonly journal?: Journal;
  /** Individually, without it. */
  readonly merge?: MergeRule | null;
}

export interface LaneUnderTest {
  readonly journal: Journal;
  /** The journal's. */
  readonly file: string;
  readonly slack: ScriptedSlack;
  readonly clock: ManualClock;
  /** What was told about looking that Slack does not allow. */
  readonly cannotLook: Reason[];
  /** Where looking or posting worked. */
  readonly lifted: string[];
  /** How often something was listed as dead or parked. */
  readonly listed: () => number;
  /** Slack's refusal of our credential, while there is one. */
  trouble: Reason | null;
  accept(event: RelayEvent, ...targets: Target[]): Promise<void>;
  /** As a process just started would do the lane's work. */
  work(options?: WorkOptions): LaneWork;
  /** Drains the lane with fresh work; gives the ms it wants to wait, or null. */
  drain(options?: WorkOptions): Promise<number | null>;
  /** Drains until nothing is left, letting time pass. */
  drainAll(options?: WorkOptions): Promise<void>;
  close(): Promise<void>;
}

/** One lane, LANE, over a real journal and a scripted Slack. */
export async function openLane(): Promise<LaneUnderTest> {
  const folder = await mkdtemp(join(tmpdir(), 'relay-'));
  const file = join(folder, 'relay.db');
  const journal = await openSqliteJournal(file);
  const slack = new ScriptedSlack();
  const clock = new ManualClock();
  const cannotLook: Reason[] = [];
  const lifted: string[] = [];
  let received = 0;
  let listed = 0;
  const lane: LaneUnderTest = {
    journal,
    file,
    slack,
    clock,
    cannotLook,
    lifted,
    listed: () => listed,
    trouble: null,
    async accept({ payload, ...event }, ...targets) {
      const deliveries = targets.map((target) => ({ lane: LANE, route: 'route', target, state: 'pending' as const }));
      const dedupe = { key: `${++received}`, keepUntil: clock.now() + 1000 };
      const body = Buffer.from(JSON.stringify(payload));
      await journal.accept({ event, body, dedupe, deliveries, receivedAt: clock.now() });
    },
    work({ perSecond = 1000, unknownOutcome = 'resend', journal: through = journal, merge = null } = {}) {
      const people = createPeople({ map: new Map([['u17', 'U00000017']]), matchByEmail: true, gateway: slack, clock });
      const channels = new ChannelIds({ journal: through, gateway: slack });
      const limit = (_: string, reason: Reason) => void cannotLook.push(reason);
      const postOnce = createPostOnce({
        gateway: slack,
        channels,
        unknownOutcome: () => unknownOutcome,
        health: { limit, lift: (channel, by) => void lifted.push(`${channel} ${by}`) },
      });
      const render = createRender(templates, people);
      const posting = { gateway: slack, postOnce, channels, people, journal: through, render, clock };
      const deliver = createDeliver(posting);
      const prepareMerged = createPrepareMerged(posting);
      const retry = { firstMs: 1000, maxMs: 60_000, giveUpAfterMs: 3_600_000 };
      const settings = () => ({ perChannel: { perSecond, burst: 100 }, retry });
      const health = { learn: () => {}, trouble: () => lane.trouble && { ...lane.trouble, since: 0 } };
      const onListed = () => void listed++;
      const random = () => 0.5;
      const workspace = { take: () => 0 };
      const rules = () => ({ mergeRule: () => merge, quietUntil: () => null });
      const parts = { journal: through, health, settings, workspace, clock, random, onListed, log: silentLogger };
      return createLaneWork({ ...parts, rules, onHeld: () => undefined, deliver, prepareMerged });
    },
    drain: (options) => lane.work(options).drain(LANE, () => false),
    async drainAll(options) {
      const work = lane.work(options);
      for (let waitMs = await work.drain(LANE, () => false); waitMs !== null; ) {
        await clock.advance(waitMs);
        waitMs = await work.drain(LANE, () => false);
      }
    },
    async close() {
      await journal.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
  return lane;
}

/** A journal whose process dies: `complete` never gets there. */
export function dying(journal: Journal): Journal {
  return failing(journal, ['complete'], new Error('killed'));
}

/** A journal that takes nothing more for the lane, because another instance runs it. */
export function lost(journal: Journal): Journal {
  const fenced = ['markSending', 'complete', 'retryLater', 'hold', 'saveCard'];
  return failing(journal, fenced, journalError('lane-lost', 'postgres://db/relay'));
}

function failing(journal: Journal, calls: readonly string[], error: Error): Journal {
  const fail = () => Promise.reject(error);
  return new Proxy(journal, {
    get(target, name) {
      const found: unknown = Reflect.get(target, name);
      if (typeof name === 'string' && calls.includes(name)) return fail;
      return typeof found === 'function' ? found.bind(target) : found;
    },
  });
}
