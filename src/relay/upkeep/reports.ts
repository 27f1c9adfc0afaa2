/**
 * What did not arrive is told in `slack.fallback_channel`: one message a conversation, reason and day, whose count goes
 * up in place. So a broken channel is one message, not a hundred.
 *
 * A report is an event of the relay's own with one delivery, and goes the way of every other: journaled, in order, once.
 * It is stored in one commit with the mark that its deliveries have been reported.
 *
 * Two instances that report the same at once store it once: their events have one key. Known limit: where one of them
 * saw more, both are stored, and the message may show the lower of the two counts until the next report.
 */
import { z } from 'zod';
import { ABSENT_ACTION, ABSENT_MESSAGE, ABSENT_PERSON } from '../../core/absent.ts';
import { type Clock, DAY_MS, MINUTE_MS } from '../../core/clock.ts';
import { FAILED_STATES } from '../../core/delivery.ts';
import type { Logger } from '../../core/log.ts';
import type { FailureGroup, Journal, NewEvent } from '../../journal/contract.ts';
import { escapeMrkdwn, linkMarkup } from '../../slack-format/escape.ts';
import type { MessageTemplate } from '../../templates/template.ts';
import type { Lanes } from '../lanes/lanes.ts';

/** The source of the relay's own events: no source of a config can have that name. */
export const RELAY_SOURCE = '~relay';
/** No route has a name like a key of the config. */
export const REPORT_ROUTE = 'slack.fallback_channel';
/** No template of a folder can have that name. */
const REPORT = '~report';

/** What goes wrong together is told together. */
const GATHER_MS = 3_000;
const NEXT_AFTER_MS = 30_000;
/** However quiet it is here: whoever listed something may have died before it told. */
const LOOK_EVERY_MS = 5 * MINUTE_MS;
const REPORTED_AT_ONCE = 500;

/** What a report's message needs of its event's payload, as `receiptOf` writes it. */
const groupSchema = z.object({
  lane: z.string(),
  state: z.enum(FAILED_STATES),
  reason: z.object({ code: z.string(), detail: z.string() }),
  count: z.number(),
  firstAt: z.number(),
  /** The newest one's event. Reports of versions before 0.2 have none. */
  event: z.number().optional(),
});

export interface Reports {
  /** Tells what is left from before. */
  start(): void;
  /** Something was listed as dead or parked. */
  note(): void;
  stop(): void;
}

export interface ReportParts {
  readonly journal: Pick<Journal, 'failures' | 'accept'>;
  /** Null: nobody is told. */
  readonly channel: () => string | null;
  readonly join: Lanes['join'];
  readonly clock: Clock;
  readonly log: Pick<Logger, 'error'>;
}

export function createReports({ journal, channel, join, clock, log }: ReportParts): Reports {
  let cancel = (): void => {};
  /** It waits to tell something, not only for the next look. */
  let gathering = false;
  let running = false;
  let again = false;
  let stopped = false;

  function wait(ms: number): void {
    cancel();
    if (!stopped) cancel = clock.after(ms, () => void run());
  }

  function gather(): void {
    if (running) again = true;
    else if (!gathering) {
      gathering = true;
      wait(GATHER_MS);
    }
  }

  async function run(): Promise<void> {
    running = true;
    try {
      const to = channel();
      if (to !== null) await report(to);
    } catch (error) {
      // They stay unreported, and are told with the next ones.
      log.error({ err: error }, 'reporting failed');
      again = true;
    }
    running = false;
    gathering = again;
    again = false;
    wait(gathering ? NEXT_AFTER_MS : LOOK_EVERY_MS);
  }

  async function report(to: string): Promise<void> {
    const now = clock.now();
    const groups = await journal.failures({ since: now - (now % DAY_MS), limit: REPORTED_AT_ONCE });
    for (const group of groups) {
      const entrance = join(`channel:${to}`);
      // Where it fails, there is nothing new in the lane, and a look does no harm.
      await journal.accept(receiptOf(group, to, now)).finally(() => entrance.stored());
    }
    if (groups.some(({ unreported }) => unreported.length === REPORTED_AT_ONCE)) again = true;
  }

  return {
    start: gather,
    note: gather,
    stop() {
      stopped = true;
      cancel();
    },
  };
}

function receiptOf(group: FailureGroup, channel: string, now: number): NewEvent {
  const { unreported, ...payload } = group;
  const { lane, state, reason } = group;
  const receivedAt = new Date(now).toISOString();
  const subject = [receivedAt.slice(0, 10), lane, state, reason.code].join(' ');
  const newest = Math.max(...unreported);
  return {
    event: {
      id: `report_${newest}`,
      source: RELAY_SOURCE,
      topic: `deliveries.${state}`,
      occurred_at: null,
      received_at: receivedAt,
      subject,
      actor: ABSENT_PERSON,
      action: ABSENT_ACTION,
      assignees: { current: [], added: [], removed: [] },
      message: ABSENT_MESSAGE,
    },
    body: Buffer.from(JSON.stringify(payload)),
    dedupe: { key: `${subject} ${newest} ${unreported.length}`, keepUntil: now + DAY_MS },
    deliveries: [
      {
        lane: `channel:${channel}`,
        route: REPORT_ROUTE,
        target: { verb: 'card', channel, template: REPORT },
        state: 'pending',
      },
    ],
    receivedAt: now,
    reports: unreported,
  };
}

/** The report's message; its event's payload is the group. `adminUrl`: where the dashboard is; null: no links. */
export function reportTemplate(adminUrl: string | null): MessageTemplate {
  return { name: REPORT, file: '(built in)', groups: [], render: ({ payload }) => reportOf(payload, adminUrl) };
}

function reportOf(payload: unknown, adminUrl: string | null) {
  const group = groupSchema.parse(payload);
  const { lane, state, reason, count, firstAt } = group;
  const events = count === 1 ? 'one event' : `${count} events`;
  const many = count === 1 ? 'One message' : `${count} messages`;
  const where = escapeMrkdwn(lane.replace(/^(channel|dm|route):/, ''));
  const what = state === 'dead' ? 'did not arrive' : 'may not have arrived';
  const unmade = lane.startsWith('route:');
  const since = `<!date^${Math.floor(firstAt / 1000)}^{time}|${new Date(firstAt).toISOString()}>`;
  const summary = unmade ? `The route ${where} asked for too much` : `${many} to ${where} ${what}`;
  const head = unmade
    ? `:warning: The route *${where}* asked for too much, for ${events} (since ${since}).`
    : `:warning: *${many}* to *${where}* ${what} (since ${since}).`;
  const text = [
    head,
    `>${escapeMrkdwn(reason.detail)} (\`${escapeMrkdwn(reason.code)}\`)`,
    `They are kept: \`alo-relay deliveries --state ${state}\` lists them, \`alo-relay replay --${state}\` sends them again.`,
    ...(adminUrl === null ? [] : [linksTo(adminUrl, group)]),
  ].join('\n');
  return { text, summary };
}

/** As the dashboard's addresses are (web/dashboard/place.ts). */
function linksTo(adminUrl: string, { event, count, state }: z.output<typeof groupSchema>): string {
  const one =
    event === undefined
      ? null
      : linkMarkup(count === 1 ? 'The event' : 'The newest event', `${adminUrl}#/events/${event}`);
  const all = linkMarkup('What was not delivered', `${adminUrl}#/problems?state=${state}`);
  return `On the dashboard: ${[one, all].filter((link) => link !== null).join(' · ')}`;
}
